"""The pages of Board reports, as people of each kind come to them, on both databases."""

import re

import pytest

from improvement.access.rules import Role
from improvement.board_reports import queries
from improvement.board_reports.rules import State
from tests.board_reports.telling import DECEMBER, drafted, issued, tell
from tests.visiting import Tracker, Visitor

HERE = "/board-reports/2011-12"


@pytest.fixture
def told(tracker: Tracker) -> Tracker:
    """What is known by the end of December 2011."""
    with tracker.database.writing() as session:
        tell(session)
    return tracker


@pytest.fixture
def released(told: Tracker) -> Tracker:
    """The December report is issued."""
    with told.database.writing() as session:
        issued(session)
    return told


def text_of(page: str) -> str:
    """A page as it is read: without its tags, blanks as one."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())


def test_from_draft_to_issued_by_hand(told: Tracker) -> None:
    """The secretariat drafts, writes and sends; the chair approves; the secretariat issues; everybody reads it."""
    secretariat, chair = told.signed_in(Role.SECRETARIAT), told.signed_in(Role.CHAIR)
    sent = secretariat.send("/board-reports/new", month="2011-12")
    assert sent.headers["location"] == f"{HERE}/draft"
    assert "The report for December 2011 is drafted." in secretariat.follow(sent).text
    saved = secretariat.send(f"{HERE}/narrative/decisions", text="Agree the virement.\nAnswer Brent.")
    page = text_of(secretariat.follow(saved).text)
    assert "“Decisions wanted” is saved." in page
    assert "2. Decisions wanted" in page
    assert secretariat.send(f"{HERE}/refresh").status_code == 303
    assert chair.get(f"{HERE}/draft").status_code == 404
    assert secretariat.send(f"{HERE}/send").status_code == 303
    assert "Approve" in chair.get(f"{HERE}/draft").text
    back = chair.send(f"{HERE}/return", comments="Shorter, please.")
    assert back.status_code == 303
    assert "Shorter, please." in secretariat.get(f"{HERE}/draft").text
    assert secretariat.send(f"{HERE}/send").status_code == 303
    assert chair.send(f"{HERE}/approve").status_code == 303
    assert "Issue the report" in secretariat.get(f"{HERE}/draft").text
    done = secretariat.send(f"{HERE}/issue")
    assert "The report is issued." in secretariat.follow(done).text
    assert told.anonymous().get(HERE).status_code == 200


def test_the_report_reads_as_a_board_paper(released: Tracker) -> None:
    """Headlines, money by line, the map with its words, who approved it, and links from numbers to their working."""
    page = released.signed_in(Role.BOARD).get(HERE).text
    read = text_of(page)
    for wanted in (
        "Board report for December 2011",
        "1. Headlines",
        "2 of 152 councils published a local account by 31 December 2011, the suggested date.",
        "Table 1. Money by funding line, 31 December 2011",
        "£550,000.00",
        "Helen Stourton, the chair, on 2 January 2012",
        "This is the first report, so there is nothing to compare it with.",
        "fewer than 3",
    ):
        assert wanted in read
    assert 'role="img"' in page
    assert 'href="/figures/accounts_published_on_time?on=2011-12-31' in page


def test_every_number_leads_to_how_it_was_made(released: Tracker) -> None:
    """Each link from the report's tables opens a page that says the same number, at the report's two dates."""
    board = released.signed_in(Role.BOARD)
    links = re.findall(r'href="(/figures/[^"]+)">([^<]+)</a>', board.get(HERE).text)
    names = {}
    for href, shown in links:
        names.setdefault(href.partition("?")[0].rsplit("_in_", 1)[0].rsplit("_of_", 1)[0], (href, shown))
    assert len(names) > 20
    for href, shown in names.values():
        page = board.get(href.replace("&amp;", "&"))
        assert page.status_code == 200, href
        assert f"<p>{shown}</p>" in page.text, href
    counted = text_of(board.get("/figures/accounts_published?as-at=2012-01-02").text)
    assert "Brent Published, confirmed 1 December 2011 1 Wirral Published, reported 15 December 2011 1" in counted


def test_the_public_reads_the_public_version(released: Tracker) -> None:
    """No names of people, no matters of the Board, no links into the tracker; the PDF and the JSON neither."""
    anyone = released.anonymous()
    page = anyone.get(HERE).text
    read = text_of(page)
    assert "Programme Board: public version" in read
    assert "1 concern is open." in read
    for absent in ("Restricted", "fewer than 3", "Anita Rowe", "Helen Stourton", 'href="/figures/'):
        assert absent not in page
    made = anyone.get(f"{HERE}/report.pdf")
    assert made.headers["content-type"] == "application/pdf"
    assert made.content.startswith(b"%PDF")
    told = anyone.get(f"{HERE}/report.json").json()
    assert told["audience"] == "public"
    assert not any("_board" in name or "restricted" in name for name in told["figures"])


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.OFFICER])
def test_coordinators_and_officers_read_the_public_version(released: Tracker, role: Role) -> None:
    scope = {"region": "london"} if role is Role.COORDINATOR else {"council": "brent"}
    read = text_of(released.signed_in(role, **scope).get(HERE).text)
    assert "public version" in read
    assert "Restricted" not in read


def test_a_draft_is_not_there_for_others(told: Tracker) -> None:
    """The public is asked to sign in, whether there is a draft or not; a Board member finds nothing."""
    with told.database.writing() as session:
        drafted(session)
    for address in (HERE, f"{HERE}/report.pdf", f"{HERE}/verify", "/board-reports/2011-11"):
        assert told.anonymous().get(address).status_code == 303
        assert told.signed_in(Role.BOARD).get(address).status_code == 404
    assert told.anonymous().get(f"{HERE}/draft").status_code == 303
    assert told.signed_in(Role.SECRETARIAT).get(HERE).headers["location"] == f"{HERE}/draft"
    assert "December 2011" not in told.anonymous().get("/board-reports").text


def test_recomputing_says_identical(released: Tracker) -> None:
    page = text_of(released.anonymous().get(f"{HERE}/verify").text)
    assert re.search(r"All \d+ figures are identical", page)
    assert re.search(r"SHA-256 of what was issued: [0-9a-f]{64}", page)


def test_only_the_right_person_is_asked(told: Tracker) -> None:
    """The chair is not asked to send, the secretariat not to approve, a Board member to do neither."""
    with told.database.writing() as session:
        drafted(session)
    chair, board = told.signed_in(Role.CHAIR), told.signed_in(Role.BOARD)
    secretariat = told.signed_in(Role.SECRETARIAT)
    for step in ("send", "refresh", "issue", "restate"):
        assert chair.get(f"{HERE}/{step}").status_code == 403
        assert board.get(f"{HERE}/{step}").status_code == 403
    for step in ("approve", "return"):
        assert board.get(f"{HERE}/{step}").status_code == 403
        assert secretariat.get(f"{HERE}/{step}").status_code == 403
        assert chair.get(f"{HERE}/{step}").status_code == 404


def test_two_who_write_the_same_section_are_shown_both_texts(told: Tracker) -> None:
    """Nothing is lost: what the second typed is still there, beside what the first saved."""
    with told.database.writing() as session:
        drafted(session)
    first, second = told.signed_in(Role.SECRETARIAT), told.signed_in(Role.SECRETARIAT)
    address = f"{HERE}/narrative/money"
    opened = second.form(address)
    assert first.send(address, text="What the first wrote.").status_code == 303
    refused = second.post(address, {**opened, "text": "What the second wrote."})
    assert refused.status_code == 409
    assert "What the first wrote." in refused.text
    assert "What the second wrote." in refused.text
    assert second.send(address, text="Both.").status_code == 303


def test_a_step_out_of_turn_is_refused_in_a_sentence(told: Tracker) -> None:
    """Sent twice, from two tabs: the second is told where the report is."""
    with told.database.writing() as session:
        drafted(session)
    secretariat = told.signed_in(Role.SECRETARIAT)
    other_tab = secretariat.form(f"{HERE}/send")
    assert secretariat.send(f"{HERE}/send").status_code == 303
    refused = secretariat.post(f"{HERE}/send", other_tab)
    assert refused.status_code == 409
    assert "is with the Board, so it cannot be sent to the Board" in text_of(refused.text)


@pytest.mark.parametrize(
    ("month", "status", "sentence"),
    [
        ("2011-13", 400, "is not a month"),
        ("", 422, "Enter the month"),
        ("2098-01", 422, "is not over"),
        ("2010-01", 422, "No programme year had begun"),
    ],
)
def test_a_month_that_cannot_be_reported_on(told: Tracker, month: str, status: int, sentence: str) -> None:
    refused = told.signed_in(Role.SECRETARIAT).send("/board-reports/new", month=month)
    assert refused.status_code == status
    assert sentence in text_of(refused.text)
    with told.database.reading() as session:
        assert queries.versions(session) == {}


def test_the_first_round_is_opened_by_hand(told: Tracker) -> None:
    secretariat = told.signed_in(Role.SECRETARIAT)
    assert "Open the first round" in secretariat.get("/board-reports").text
    done = secretariat.send("/rounds/new", month="2011-04")
    page = text_of(secretariat.follow(done).text)
    assert "The rounds are open from April 2011." in page
    assert "April 2011 Over Not written yet" in page
    assert secretariat.send("/rounds/new", month="2011-05").status_code == 409


def test_a_restated_report_keeps_its_first_version(released: Tracker) -> None:
    secretariat = released.signed_in(Role.SECRETARIAT)
    done = secretariat.send(f"{HERE}/restate", reason="Leeds had published.")
    assert "Why it is restated: Leeds had published." in text_of(secretariat.follow(done).text)
    with released.database.writing() as session:
        version = queries.newest(session, DECEMBER)
        assert (version.version, version.state) == (2, State.DRAFT)
    assert "Version 2 is being prepared: draft" in text_of(secretariat.get(HERE).text)
    assert "being prepared" not in released.anonymous().get(HERE).text
    _through(secretariat, released.signed_in(Role.CHAIR))
    anyone = released.anonymous()
    assert "version 2" in text_of(anyone.get(HERE).text)
    assert "A later version has taken this one’s place" in anyone.get(f"{HERE}?version=1").text
    assert anyone.get(f"{HERE}?version=7").status_code == 303


def _through(secretariat: Visitor, chair: Visitor) -> None:
    for visitor, step in ((secretariat, "send"), (chair, "approve"), (secretariat, "issue")):
        assert visitor.send(f"{HERE}/{step}").status_code == 303


def test_an_issued_report_is_not_sent_twice_to_the_same_browser(released: Tracker) -> None:
    """The page of an issued report carries an ETag; a draft is kept by nobody."""
    anyone = released.anonymous()
    tag = anyone.get(HERE).headers["etag"]
    assert anyone.get(HERE, **{"If-None-Match": tag}).status_code == 304
    with released.database.writing() as session:
        drafted(session, DECEMBER.previous)
    assert (
        released.signed_in(Role.SECRETARIAT).get("/board-reports/2011-11/draft").headers["cache-control"] == "no-store"
    )


def test_looking_back_to_before_a_report_was_issued(released: Tracker) -> None:
    """It was issued on 2 January: on the day before nobody could read it, and looking back nothing can be changed."""
    assert released.anonymous().get(f"{HERE}?as-at=2012-01-01").status_code == 303
    assert released.anonymous().get(f"{HERE}?as-at=2012-01-02").status_code == 200
    page = text_of(released.signed_in(Role.SECRETARIAT).get(f"{HERE}?as-at=2012-01-02").text)
    assert "As known at the end of 2 January 2012" in page
    assert "restate it" not in page


def test_every_figure_says_what_it_means(released: Tracker) -> None:
    """The secretariat reads all of them, the Board none that would tell of restricted matters, officers no money."""
    everything = released.signed_in(Role.SECRETARIAT).get("/figures").text
    for name in ("accounts_published", "funding_in_force_pence", "concerns_restricted", "funding_paid_pence_of_london"):
        assert f'href="/figures/{name}"' in everything
    assert "A definition never changes under its name." in everything
    board = released.signed_in(Role.BOARD)
    assert 'href="/figures/concerns_open"' not in board.get("/figures").text
    assert board.get("/figures/concerns_open").status_code == 404
    officer = released.signed_in(Role.OFFICER, council="brent")
    assert "funding_" not in officer.get("/figures").text
    assert officer.get("/figures/funding_in_force_pence").status_code == 404
    assert released.signed_in(Role.SECRETARIAT).get("/figures/no_such_figure").status_code == 404
