"""What pages are put together from: every macro renders, keeps what was typed, harms nobody and asks no other host."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError

from improvement.web import filters
from improvement.web.components import GOVUK_MACROS, Frame, LookingBack, NavItem
from improvement.web.drawing import POSITION_LOOKS, TrendPoint, region_bar
from improvement.web.environment import asset, environment
from improvement.web.files import STATIC
from improvement.web.tiles import Place, lay_out_tiles

WORDS = {position: position for position in POSITION_LOOKS} | {"published late": "published after 31 December"}
LAYOUT = lay_out_tiles(
    [Place("brent", "Brent", "Bre", "London", 0, 0), Place("luton", "Luton", "Lut", "Eastern", 1, 0)]
)
HOSTILE = "\"'><script>alert(1)</script><b onclick=x style=y>"
FRAME = Frame(
    person_name="Anita Rowe",
    person_roles="secretariat",
    demonstration=True,
    nav=(NavItem("/", "Home", True), NavItem("/funding", "Money")),
    as_at=LookingBack("As known at the end of 31 December 2011.", "/funding", "/as-at"),
    csrf="a-token",
    idempotency_key="a-key",
    saved="The payment is recorded.",
)
IMPORTS = "".join(
    f'{{% import "{name}.html" as {name} %}}' for name in ("headings", "fields", "tables", "figures", "charts")
)

FORM = """
{{ fields.summary(mistakes) }}{{ fields.form_start(frame, enctype="multipart/form-data") }}
{{ fields.text("title", said, typed, mistakes, hint=said, width=20) }}
{{ fields.email("email", said, typed, mistakes, hint=said, optional=true) }}
{{ fields.money("amount", said, typed, mistakes, hint=said) }}
{{ fields.day("published_on", said, typed, mistakes, autocomplete="bday") }}
{% call fields.group(said, hint=said) %}{{ fields.area("note", said, typed, mistakes, hint=said) }}{% endcall %}
{{ fields.area("long", said, typed, mistakes, most=2000) }}
{{ fields.radios("basis", said, [("exact", said, said), (said, "Other")], typed, mistakes, hint=said, inline=true) }}
{{ fields.checkboxes("formats", said, [("pdf", said), ("paper", "Paper", said)], typed, mistakes, hint=said) }}
{{ fields.select("line", said, [("london", said)], typed, mistakes, hint=said) }}
{{ fields.file("contacts", said, mistakes, hint=said, accept=".csv") }}{{ fields.hidden("corrects", said) }}
{{ fields.form_end(said, cancel_href="/funding", warning=true) }}
"""
READING = """
{{ headings.crumbs([("Home", "/"), (said, "/x")]) }}{{ headings.title(said, caption=said, lede=said) }}
{% call tables.filter_form("/x", said, keep={"as-at": said}) %}{{ tables.filter_search("q", said, said) }}
{{ tables.filter_select("region", said, [("london", said)], "london", all=said) }}{% endcall %}
{{ tables.chips([(said, "?a")], clear_href="?") }}{{ tables.downloads([("CSV", "?")]) }}
{% call tables.list_head([("CSV", "?csv")]) %}<strong>2 councils</strong>{% endcall %}
{% set heads = [head("Council", href="?s", sorted="ascending"), "Region", head("Paid", numeric=true, unit=said)] %}
{% call tables.table(said, heads, ident="list") %}<tbody>{{ tables.group(said, 3) }}
<tr><th scope="row">{{ said }}</th><td>x</td><td class="n">{{ 5|pounds }}</td></tr></tbody>{% endcall %}
{{ tables.pagination("?next", "?previous", what=said) }}
{% set paid = 31389781|big_pounds %}
{% call figures.big_numbers() %}{% call figures.big(paid, small=said, how="#w", what=said) %}x{% endcall %}{% endcall %}
{{ figures.how(said, "#w") }}{% call figures.working(said, open=true) %}{{ said }}{% endcall %}
{% call figures.details(said) %}{{ said }}{% endcall %}{% call figures.answer() %}<p>{{ said }}</p>{% endcall %}
{% call figures.timeline() %}{% call figures.event(said, more=said) %}{{ said }}{% endcall %}
{{ figures.event("Not started") }}{% endcall %}
{% set more = {"more": said, "target": said, "slipped": said, "rag_value": "amber", "rag_word": said} %}
{% call figures.chain(said, href="/c") %}
{% call figures.links() %}{{ figures.link(said, href="/a", **more) }}{% endcall %}{% endcall %}
{% call figures.todo() %}{{ figures.task(said, said, said, href="/t", more=said, flag_text=said) }}{% endcall %}
{{ figures.rag("none", said) }}{{ figures.flag("ok", said) }}{{ figures.tools([(said, "/x", said)]) }}
{{ figures.summary_list([(said, said), (said, said, "/c", said)]) }}
{{ figures.empty(said, said, href="/n", action=said) }}{{ charts.position_mark("no date given") }}
{{ charts.position("published late", words) }}{{ marked(words)["published late"] }}
{{ charts.tilemap("m", layout, {"brent": "published late"}, words, said, href="/a/") }}
{{ charts.tilemap("n", layout, {"brent": "published late"}, words, said, links=false) }}
{{ charts.legend({"published late": 2}, words, total=2) }}{{ charts.key(words, only=["no date given"]) }}
{{ charts.region_bars([bar], words) }}
{{ charts.money_bar("b", [("paid", said, 100), ("unallocated", "Left", 1)], 101) }}
{{ charts.trend("t", points, said, said) }}
"""


@pytest.fixture(scope="module")
def pages() -> Environment:
    return environment({})


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def ids(self) -> list[str | None]:
        return [attributes["id"] for _, attributes in self.found if "id" in attributes]


def rendered(pages: Environment, body: str, **context: object) -> str:
    page = f'{{% extends "base.html" %}}{IMPORTS}{{% block title %}}{{{{ said }}}}{{% endblock %}}'
    points = [TrendPoint("a", 3, shown=True, tick="2 Oct"), TrendPoint("b", 5, projected=True, tick="9 Oct")]
    bar = region_bar(HOSTILE, {"published late": 2, "no date given": 1})
    shown = {"frame": FRAME, "said": "Words", "words": WORDS, "layout": LAYOUT, "points": points, "bar": bar} | context
    return pages.from_string(page + "{% block main %}" + body + "{% endblock %}").render(shown)


def form(pages: Environment, said: str = "Words", wrong: bool = True) -> str:
    names = ["title", "email", "amount", "published_on", "note", "long", "basis", "formats", "line", "contacts"]
    typed: dict[str, str | list[str]] = dict.fromkeys(names, said) | {"formats": ["pdf", "paper"], "line": "london"}
    typed |= {f"published_on-{part}": said for part in ("day", "month", "year")}
    return rendered(pages, FORM, said=said, typed=typed, mistakes=dict.fromkeys(names, said) if wrong else {})


def test_the_samples_use_every_macro(pages: Environment) -> None:
    """A new macro is tried here or this fails."""
    for name in ("headings", "fields", "tables", "figures", "charts"):
        macros = [macro for macro in vars(pages.get_template(f"{name}.html").module) if not macro.startswith("_")]
        assert [macro for macro in macros if f"{name}.{macro}(" not in FORM + READING] == []


@pytest.mark.parametrize("wrong", [True, False])
def test_pages_hold_to_the_strict_content_policy(pages: Environment, wrong: bool) -> None:
    """No style or event attribute, no script of their own, nothing from another host."""
    for page in (form(pages, wrong=wrong), rendered(pages, READING)):
        for tag, attributes in Elements(page).found:
            assert not [name for name in attributes if name == "style" or name.startswith("on")]
            assert tag != "style"
            assert tag != "script" or attributes.get("src", "").startswith("/static/")
            assert not any((attributes.get(name) or "").startswith(("http", "//")) for name in ("src", "href"))


def test_what_people_typed_is_words_never_markup(pages: Environment) -> None:
    """Hostile text in every argument of every macro makes no element and no attribute."""
    for page in (form(pages, said=HOSTILE), rendered(pages, READING, said=HOSTILE)):
        found = Elements(page).found
        assert "<script>alert" not in page
        assert not [tag for tag, attributes in found if "onclick" in attributes or attributes.get("style")]
        assert sum(tag == "script" for tag, _ in found) == 1


def test_a_page_has_no_two_elements_of_one_id(pages: Environment) -> None:
    """Labels, hints and errors find their field by it."""
    for page in (form(pages), rendered(pages, READING)):
        ids = Elements(page).ids()
        assert len(ids) == len(set(ids))


def test_every_description_label_and_summary_link_leads_somewhere(pages: Environment) -> None:
    """aria-describedby, aria-labelledby, for and the summary's links all name an id that is there."""
    page = Elements(form(pages))
    ids = set(page.ids())
    for _, attributes in page.found:
        for name in ("aria-describedby", "aria-labelledby", "for"):
            assert set((attributes.get(name) or "").split()) <= ids
        href = attributes.get("href") or ""
        assert not href.startswith("#") or href[1:] in ids


def test_a_mistake_stands_at_its_field_and_in_the_summary(pages: Environment) -> None:
    """The same words twice, the field marked as invalid, and the page's title says so."""
    page = rendered(pages, FORM, typed={"title": "Mine"}, mistakes={"title": "Enter the title", "": "The sum is wrong"})
    assert page.count("Enter the title") == 2
    assert "<title>Error: Words – Improvement tracker (demonstration)</title>" in page
    assert "Nothing has been saved yet. What you typed is still here." in page
    field = next(attributes for _, attributes in Elements(page).found if attributes.get("id") == "title")
    assert field["aria-invalid"] == "true"
    assert "title-error" in (field["aria-describedby"] or "")
    assert field["value"] == "Mine"
    assert "The sum is wrong" in page


def test_a_mistake_in_a_date_leads_to_the_day_box(pages: Environment) -> None:
    """The day box carries the field's own name as its id."""
    page = rendered(pages, FORM, typed={"published_on-day": "18"}, mistakes={"published_on": "Enter a real date"})
    box = next(attributes for _, attributes in Elements(page).found if attributes.get("id") == "published_on")
    assert box["name"] == "published_on-day"
    assert box["value"] == "18"


def test_several_lines_come_back_as_they_were_typed(pages: Environment) -> None:
    """Indents and empty lines in a long answer are the person's, not ours."""
    lines = "First\n  indented\n\nlast"
    page = rendered(pages, FORM, typed={"note": lines, "long": lines}, mistakes={})
    assert page.count(f">{lines}</textarea>") == 2


def test_choices_come_back_as_they_were_made(pages: Environment) -> None:
    """One of radios and select, several of checkboxes."""
    page = rendered(pages, FORM, typed={"basis": "exact", "formats": ["paper"], "line": "london"}, mistakes={})
    chosen = [
        attributes["value"] for _, attributes in Elements(page).found if {"checked", "selected"} & set(attributes)
    ]
    assert chosen == ["exact", "paper", "london"]


def test_a_form_carries_its_tokens_and_is_sent_once(pages: Environment) -> None:
    """The token and the key travel with it; the button ignores a second press."""
    page = form(pages)
    assert '<input type="hidden" name="csrf_token" value="a-token">' in page
    assert '<input type="hidden" name="idempotency_key" value="a-key">' in page
    assert 'data-prevent-double-click="true"' in page
    assert "novalidate" in page


def test_optional_fields_say_so(pages: Environment) -> None:
    """In the label, where a screen reader says it."""
    assert "Words (optional)" in form(pages)


def test_every_table_box_can_be_reached_by_keyboard_and_has_a_name(pages: Environment) -> None:
    """Wide tables scroll sideways inside a named region."""
    boxes = [each for _, each in Elements(rendered(pages, READING)).found if each.get("class") == "app-scroll"]
    assert boxes
    assert all(box["tabindex"] == "0" and box["role"] == "region" and box["aria-label"] for box in boxes)


def test_a_page_needs_nothing_but_its_heading(pages: Environment) -> None:
    """The frame, what was typed and the mistakes have empty beginnings, so an error page is never a second error."""
    page = pages.get_template("error_page.html").render(status=404, sentence="Gone", what_to_do="Look", reference="R-1")
    assert "<title>Gone – Improvement tracker</title>" in page
    assert "Sign in" in page
    assert "R-1" in page
    assert "Mine" in pages.get_template("message.html").render(heading="Mine", paragraph="Yours")


def test_a_missing_name_is_an_error(pages: Environment) -> None:
    """In our templates; nothing is silently left blank."""
    with pytest.raises(UndefinedError):
        pages.from_string("{{ nothing_of_the_kind }}").render()


@pytest.mark.parametrize("macro", GOVUK_MACROS)
def test_the_design_systems_macros_render_in_our_environment(pages: Environment, macro: str) -> None:
    """They lean on names that may be missing, which ours would refuse."""
    choice = {
        "text": "Choice",
        "value": "1",
        "href": "#x",
        "label": "Tab",
        "panel": {"text": "x"},
        "title": {"text": "x"},
    }
    summary = {"key": {"text": "Key"}, "value": {"text": "Value"}}
    params = {"id": "x", "idPrefix": "x", "name": "x", "text": "Text", "titleText": "Title", "summaryText": "More"}
    params |= {"label": {"text": "Label"}, "legend": {"text": "Legend"}, "errorList": [choice]}
    params |= {"rows": [summary]} if macro == "govukSummaryList" else {"items": [choice]}
    assert "govuk-" in pages.from_string("{{ " + macro + "(params) }}").render(params=params)


def test_a_slices_templates_are_found_under_its_name(tmp_path: Path) -> None:
    """funding/lines.html is the file lines.html of the funding slice."""
    (tmp_path / "lines.html").write_text('{% extends "base.html" %}{% block main %}Ours{% endblock %}')
    assert "Ours" in environment({"funding": tmp_path}).get_template("funding/lines.html").render()


def test_an_asset_has_the_version_of_its_content() -> None:
    """Ten characters of its hash, so that it may be kept for ever; an asset that is not there is an error."""
    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{10}", asset("app.css"))
    with pytest.raises(FileNotFoundError):
        asset("nothing.css")


def test_our_files_ask_no_other_host_and_wear_no_crown() -> None:
    """We are not on GOV.UK: neither its typeface nor its crown, and no address in any stylesheet or script of ours."""
    styles = (STATIC / "govuk-frontend.min.css").read_text() + (STATIC / "app.css").read_text()
    assert not [word for word in ("GDS Transport", "crown", "@import") if word in styles]
    assert {each.strip("\"'") for each in re.findall(r"url\(([^)]*)\)", styles)} == {FONT}
    assert "http" not in (STATIC / "app.js").read_text()


FONT = "fonts/source-sans-3-latin-wght-normal.woff2?v=5.3.0"


def test_the_font_and_the_script_are_asked_for_by_one_address(pages: Environment) -> None:
    """The page fetches the font early under the very address the stylesheet names; the script's version is its own."""
    assert f'href="/static/{FONT}"' in rendered(pages, "")
    assert (STATIC / FONT.partition("?")[0]).exists()
    assert (STATIC / "fonts" / "OFL.txt").exists()
    version = re.search(r'version="([\d.]+)"', (STATIC / "govuk-frontend.min.js").read_text())
    assert version
    assert f"./govuk-frontend.min.js?v={version[1]}'" in (STATIC / "app.js").read_text()


def test_days_and_money_are_written_one_way() -> None:
    """A day never breaks from its month, a minus is a minus sign, and nothing is left blank."""
    assert filters.day(date(2011, 12, 31)) == "31\u00a0December\u00a02011"
    assert filters.day(None) == "Not known"
    assert filters.short_day(date(2011, 12, 31)) == "31\u00a0December"
    assert filters.weekday(date(2011, 12, 31)) == "Saturday"
    assert filters.moment(datetime(2012, 7, 2, 8, 0, tzinfo=UTC)) == "2\u00a0July\u00a02012, 09:00"
    assert filters.pounds(-6111111) == "\u2212£61,111.11"
    assert filters.pounds(None) == "Not known"
    assert filters.signed_pounds(500) == "+£5.00"
    assert filters.signed_pounds(0) == "£0.00"
    assert filters.big_pounds(6111111) == "£61,111<small>.11</small>"
    assert filters.big_pounds(None) == "Not known"
    assert [filters.signed(number) for number in (2, 0, -1)] == ["+2", "0", "\u22121"]


def test_small_words_agree() -> None:
    """One council, two councils; capitals where a sentence begins and not in its middle."""
    assert filters.plural(1, "council") == "1\u00a0council"
    assert filters.plural(1200, "body", "bodies") == "1,200\u00a0bodies"
    assert filters.sentence_case("no date given") == "No date given"
    assert filters.sentence_case("") == ""
    assert filters.mid_sentence("Published on time") == "published on time"
    assert filters.mid_sentence("PDF") == "PDF"
    assert filters.mid_sentence("MoU agreed") == "MoU agreed"
