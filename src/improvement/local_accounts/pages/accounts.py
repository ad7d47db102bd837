"""Local accounts, as pages to read and forms to fill in."""

from collections import Counter
from collections.abc import Hashable, Mapping
from functools import cache
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.database import remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts import commands, queries, rules
from improvement.local_accounts.queries import beside, checks
from improvement.local_accounts.queries import picture as pictures
from improvement.local_accounts.rules import Basis, Format, Position, Status
from improvement.local_accounts.tables import AccountSeen
from improvement.local_accounts.tables.checks import ExtensionAgreed
from improvement.local_accounts.tables.readings import ReadingAnswered
from improvement.sector import queries as sector
from improvement.sector.rules import TYPE_WORDS
from improvement.web import forms
from improvement.web.drawing import RegionBar, region_bar
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page, Redirect
from improvement.web.tiles import Layout, Place, lay_out_tiles

COUNCIL = "/local-accounts/{year:str}/{council:str}"
SHOWN = 50
EVENTS_SHOWN, EDITIONS_SHOWN = 20, 3
"""How much of a council's history its page shows: the newest, and the rest when somebody asks for it."""
DAYS = ("effective_on", "published_on", "expected_on", "period_from", "period_to", "until", "agreed_on")
FILTERS = ("q", "region", "position", "type")
STATUSES = [(status.value, status.value.capitalize()) for status in Status if status is not Status.PUBLISHED]
FORMATS = [(form.value, form.value if form.value.isupper() else form.value.capitalize()) for form in Format]
BASES = [
    (Basis.EXACT.value, "It is exact"),
    (Basis.NO_LATER_THAN.value, "It was no later than this day: we first saw it then"),
]


class History(msgspec.Struct, frozen=True):
    """What a council's page shows of its history: facts by the line, how many they are, and how many there are."""

    lines: list[list[queries.Event]]
    shown: int
    total: int


@page("/local-accounts/{year:str}", may=May.READ, of="local accounts")
def of_year(asked: Asked) -> Page:
    """The expected list of a year: map, positions, regions, and every council by name."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    about = queries.year(asked.session, which, asked.as_at.known_at)
    found = kept(asked, which)
    start = sum(row.name <= after for row in found) if (after := asked.query.get("after", "")) else 0
    shown = found[start : start + SHOWN]
    key, session = ("whole list", which, asked.as_at), asked.session
    shows = {
        **remembered(session, key, lambda: _whole(asked, which), of=queries.KINDS),
        "about": about,
        "words": rules.words(about.deadline),
        "rows": shown,
        "found": len(found),
        "start": start,
        "wanted": _wanted(asked),
        "here": f"/local-accounts/{which}",
        "kept_query": urlencode({name: value for name, value in asked.query.items() if name != "after"}),
        "next_after": shown[-1].name if start + SHOWN < len(found) else "",
        "region_choices": [(region.slug, region.name) for region in sector.regions(asked.session).values()],
        "type_choices": [(kind.value, words) for kind, words in TYPE_WORDS.items()],
    }
    return Page("local_accounts/of_year.html", shows)


def _whole(asked: Asked, which: ProgrammeYear) -> dict[str, object]:
    """What is shown of the whole list, whoever asks and however they filter it."""
    stand = queries.standings(asked.session, which, asked.as_at)
    counts = queries.counts(stand)
    return {
        "counts": counts,
        "published": counts[Position.ON_TIME] + counts[Position.LATE],
        "confirmed": sum(one.sureness == "confirmed" for one in stand.values()),
        "total": len(stand),
        "positions": {slug: one.position.value for slug, one in stand.items()},
        "layout": layout_of(asked, which),
        "short_names": {council.slug: council.tile_name for council in queries.expected(asked.session, which)},
        "bars": _bars(asked, which, stand),
        "apart": queries.abolished_before(asked.session, which),
    }


def _wanted(asked: Asked) -> dict[str, str]:
    return {name: asked.query.get(name, "").strip() for name in FILTERS}


def kept(asked: Asked, which: ProgrammeYear) -> list[queries.Row]:
    """The list as it is filtered."""
    wanted = _wanted(asked)
    return [row for row in queries.rows(asked.session, which, asked.as_at, asked.by) if _fits(row, wanted)]


def _fits(row: queries.Row, wanted: dict[str, str]) -> bool:
    return (
        wanted["region"] in ("", row.region)
        and wanted["position"] in ("", row.position)
        and wanted["type"] in ("", row.council_type)
        and wanted["q"].casefold() in row.name.casefold()
    )


def _bars(asked: Asked, which: ProgrammeYear, stand: Mapping[str, rules.Standing]) -> list[RegionBar]:
    councils = queries.expected(asked.session, which, asked.as_at.known_at)
    bars = []
    for region in sector.regions(asked.session).values():
        here = Counter(stand[council.slug].position.value for council in councils if council.region == region.slug)
        bars.append(region_bar(region.name, here))
    return bars


def layout_of(asked: Asked, which: ProgrammeYear) -> Layout:
    """The tile map of a year's councils."""
    councils = queries.expected(asked.session, which)
    places = [
        Place(c.slug, c.name, c.tile_name, c.region, c.half_columns / 2, c.tile_row * 0.866025)
        for c in councils
        if c.half_columns is not None and c.tile_row is not None
    ]
    return _laid_out(tuple(places))


@cache
def _laid_out(places: tuple[Place, ...]) -> Layout:
    return lay_out_tiles(places)


@page("/local-accounts/{year:str}/list.csv", may=May.READ, of="local accounts")
def as_file(asked: Asked) -> File:
    """The list as it is filtered, for a spreadsheet."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    rows, names = (msgspec.structs.astuple(row) for row in kept(asked, which)), queries.Row.__struct_fields__
    return File(as_csv(names, rows), "text/csv", f"local-accounts-{which}.csv")


@page("/local-accounts/{year:str}/working", may=May.READ, of="local accounts")
def working(asked: Asked) -> Page:
    """The facts that a count of councils was made from."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    about = queries.year(asked.session, which, asked.as_at.known_at)
    position, sure = asked.query.get("position", ""), asked.query.get("sureness", "")
    published = position == "published"
    wanted = _wanted(asked) | {"position": "" if published else position}
    rows = [
        row
        for row in queries.rows(asked.session, which, asked.as_at, asked.by)
        if _fits(row, wanted) and sure in ("", row.sureness) and (row.published_on or not published)
    ]
    told = queries.deciding_facts(asked.session, which, asked.as_at)
    own = {one.slug for one in queries.expected(asked.session, which) if queries.in_full(asked.by, one)}
    shows = {"rows": rows, "told": told, "whole": own, "about": about, "position": position}
    shows["words"] = rules.words(about.deadline) | {"published": "Published"}
    return Page("local_accounts/working.html", {**shows, "sureness": sure, "names": access.names(asked.session)})


@page("/local-accounts/{year:str}/{council:str}", may=May.READ, of="local account")
def of_council(asked: Asked) -> Page:
    """One council's account: where it stands, what was published, and its history."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    about = queries.year(asked.session, which, asked.as_at.known_at)
    council, stand = queries.of_council(asked.session, which, str(asked.sent.path["council"]), asked.as_at)
    whole = queries.in_full(asked.by, council)
    publications = queries.publications_of(asked.session, which, council.slug, asked.as_at)
    first = rules.first_publication([queries.as_rule(fact, council.slug) for fact in publications])
    shows = {
        "about": about,
        "council": council,
        "stand": stand,
        "whole": whole,
        "may_confirm": asked.by.role_for(May.CONFIRM_ACCOUNTS, region=council.region) is not None,
        "words": rules.words(about.deadline),
        "publications": publications,
        "first": first,
        "cautions": [rules.caution(which, fact.period_from, fact.period_to, about.period) for fact in publications],
        "history": _history(asked, which, council.slug) if whole else None,
        "editions_shown": len(publications) if _shows_everything(asked) else EDITIONS_SHOWN,
        "names": access.names(asked.session) if whole else {},
        "here": f"/local-accounts/{which}/{council.slug}",
        "changeable": whole and not asked.looking_back,
        "beside": beside.of_council(asked.session, about, council, stand, asked.as_at),
        "checked": checks.of_council(asked.session, which, council, asked.as_at, whole=whole),
        "similar": pictures.like(asked.session, which, asked.as_at, council),
        "standings": queries.standings(asked.session, which, asked.as_at),
    }
    return Page("local_accounts/of_council.html", shows)


def _history(asked: Asked, which: ProgrammeYear, slug: str) -> History:
    most = None if _shows_everything(asked) else EVENTS_SHOWN
    told = queries.recent(asked.session, which, slug, asked.as_at, most)
    return History(_in_lines(told.events), len(told.events), told.total)


def _shows_everything(asked: Asked) -> bool:
    """Whether the whole history and every edition were asked for, and not the newest alone."""
    return asked.query.get("history", "") == "all"


def _in_lines(events: list[queries.Event]) -> list[list[queries.Event]]:
    """A history a line at a time: what a council replied to one reading on one day is said together."""

    def line_of(event: queries.Event) -> Hashable:
        replied = event.kind == ReadingAnswered.__tablename__
        said = (event.effective_on, event.recorded_by, event.says["reading"], event.withdrawn and event.reason)
        return said if replied else event.id

    return [list(line) for _, line in groupby(events, line_of)]


def which_council(asked: Asked) -> tuple[ProgrammeYear, str]:
    """The year and council an address names."""
    return ProgrammeYear.parse(str(asked.sent.path["year"])), str(asked.sent.path["council"])


def about_council(asked: Asked, may: May, **more: object) -> dict[str, object]:
    """What every form about one council shows. Raises `NotAllowed` when it is not this person's council."""
    which, slug = which_council(asked)
    council, stand = queries.of_council(asked.session, which, slug, AsAt(asked.as_at.on))
    asked.by.acting(may, region=council.region, council=slug)
    about = queries.year(asked.session, which)
    here = f"/local-accounts/{which}/{slug}"
    return {
        "council": council,
        "stand": stand,
        "about": about,
        "words": rules.words(about.deadline),
        "here": here,
        **more,
    }


def today(asked: Asked, name: str) -> dict[str, str]:
    day = asked.as_at.on
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


@ask("/local-accounts/{year:str}/{council:str}/statuses/new", may=May.RECORD_ACCOUNTS, of="local account")
def new_status(asked: Asked) -> Page:
    """Ask what the council says of its account."""
    shows = about_council(asked, May.RECORD_ACCOUNTS, statuses=STATUSES, typed=today(asked, "effective_on"))
    return Page("local_accounts/new_status.html", shows)


@form(f"{COUNCIL}/statuses/new", may=May.RECORD_ACCOUNTS, of="local account", asks=new_status)
def report_status(asked: Asked) -> Redirect:
    """Record what the council says of its account."""
    which, slug = which_council(asked)
    new = forms.read(commands.NewStatus, asked.typed)
    commands.report_status(asked.session, which, slug, new, by=asked.by, at=asked.at)
    return Redirect(f"/local-accounts/{which}/{slug}", "The status is recorded.")


@ask("/local-accounts/{year:str}/{council:str}/publications/new", may=May.RECORD_ACCOUNTS, of="local account")
def new_publication(asked: Asked) -> Page:
    """Ask for what was published."""
    return Page(
        "local_accounts/new_publication.html", about_council(asked, May.RECORD_ACCOUNTS, formats=FORMATS, bases=BASES)
    )


@form(f"{COUNCIL}/publications/new", may=May.RECORD_ACCOUNTS, of="local account", asks=new_publication)
def publish(asked: Asked) -> Redirect | Page:
    """Show what was entered, to check; once checked, record the publication."""
    which, slug = which_council(asked)
    new = forms.read(commands.NewPublication, asked.typed)
    if asked.typed.get("checked") != "yes":
        commands.check_publication(asked.session, which, slug, new, by=asked.by, at=asked.at)
        return Page("local_accounts/check_publication.html", _to_check(asked, new))
    commands.publish(asked.session, which, slug, new, by=asked.by, at=asked.at)
    return Redirect(f"/local-accounts/{which}/{slug}", "The publication is recorded.")


def _to_check(asked: Asked, new: commands.NewPublication) -> dict[str, object]:
    """What was entered, and what it comes to."""
    which, slug = which_council(asked)
    about = queries.year(asked.session, which)
    first = queries.of_council(asked.session, which, slug, AsAt(asked.as_at.on))[1].published_on
    period = commands.period_of(asked.session, which, new)
    return about_council(
        asked,
        May.RECORD_ACCOUNTS,
        new=new,
        sent=_again(asked),
        period=period,
        counts_as=rules.counts_as(new.published_on, first, about.deadline),
        later=first is not None and new.published_on >= first,
        names={one.slug: one.name for one in queries.expected(asked.session, which)},
        caution=rules.caution(which, *period, about.period),
    )


def _again(asked: Asked) -> list[tuple[str, str]]:
    """Everything that was typed, to be sent once more when it has been checked."""
    pairs = [(name, value if isinstance(value, list) else [value]) for name, value in asked.typed.items()]
    return [(name, one) for name, values in pairs for one in values if name not in ("csrf_token", "idempotency_key")]


@ask("/local-accounts/{year:str}/{council:str}/confirmations/new", may=May.CONFIRM_ACCOUNTS, of="local account")
def new_confirmation(asked: Asked) -> Page:
    """Ask whether the coordinator has opened the account."""
    return Page("local_accounts/confirm.html", about_council(asked, May.CONFIRM_ACCOUNTS))


@form(f"{COUNCIL}/confirmations/new", may=May.CONFIRM_ACCOUNTS, of="local account", asks=new_confirmation)
def confirm(asked: Asked) -> Redirect:
    """Record that the account was opened."""
    which, slug = which_council(asked)
    commands.confirm(asked.session, which, slug, forms.read(commands.NewLook, asked.typed), by=asked.by, at=asked.at)
    return Redirect(f"/local-accounts/{which}/{slug}", "The account is confirmed.")


@ask("/local-accounts/{year:str}/{council:str}/corrections/{fact:uuid}", may=May.RECORD_ACCOUNTS, of="local account")
def new_correction(asked: Asked) -> Page:
    """Show a fact as it was recorded, to put right or take back."""
    fact = _fact(asked)
    may = May.CONFIRM_ACCOUNTS if isinstance(fact, AccountSeen | ExtensionAgreed) else May.RECORD_ACCOUNTS
    more = {"statuses": STATUSES, "formats": FORMATS, "bases": BASES, "fact": fact, "kind": fact.__tablename__}
    return Page(
        "local_accounts/correct.html", about_council(asked, may, typed=_as_typed(commands.input_of(fact)), **more)
    )


def _fact(asked: Asked) -> commands.Told:
    which, slug = which_council(asked)
    return commands.fact_to_correct(asked.session, which, slug, UUID(str(asked.sent.path["fact"])), by=asked.by)


def _as_typed(given: msgspec.Struct) -> dict[str, str | list[str]]:
    """A fact's values as a form would send them."""
    typed: dict[str, str | list[str]] = {}
    for name, value in msgspec.to_builtins(given).items():
        if name in DAYS and value:
            typed |= dict(zip((f"{name}-year", f"{name}-month", f"{name}-day"), value.split("-"), strict=True))
        elif isinstance(value, bool):
            typed[name] = "yes" if value else "no"
        elif value is not None:
            typed[name] = value
    return typed


@form(f"{COUNCIL}/corrections/{{fact:uuid}}", may=May.RECORD_ACCOUNTS, of="local account", asks=new_correction)
def correct(asked: Asked) -> Redirect:
    """Record the correction."""
    (which, slug), original = which_council(asked), _fact(asked)
    reason = forms.read(commands.Reason, asked.typed)
    if reason.what == "withdraw":
        new = commands.NewCorrection(original.id, reason.reason, withdrawn=True)
    else:
        values = msgspec.to_builtins(forms.read(type(commands.input_of(original)), asked.typed))
        new = commands.NewCorrection(original.id, reason.reason, values=values)
    commands.correct(asked.session, which, slug, new, by=asked.by, at=asked.at)
    return Redirect(
        f"/local-accounts/{which}/{slug}", "The correction is recorded. The earlier version is kept in the history."
    )


routes = [
    of_year,
    as_file,
    working,
    of_council,
    new_status,
    report_status,
    new_publication,
    publish,
    new_confirmation,
    confirm,
    new_correction,
    correct,
]
