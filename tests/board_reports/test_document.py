"""What a report says: its sentences, that its tables add up, and what each audience is shown of it."""

from datetime import date
from typing import Any

import msgspec
import page
import pypdfium2
import pytest

from improvement.access import queries as access
from improvement.board_reports import document, queries
from improvement.board_reports.document import composing, heading, pictures, sentences
from improvement.board_reports.document.content import Cell, Column, Content, Group, Headline, Row, in_words, together
from improvement.board_reports.document.pdf import pdf
from improvement.board_reports.document.reading import reduced
from improvement.board_reports.document.sentences import Basis
from improvement.board_reports.queries import Version
from improvement.board_reports.rules import SECTIONS, Audience
from improvement.database import Database
from improvement.dates import Month
from tests.board_reports.telling import DECEMBER, drafted, issued, tell

NOVEMBER, JANUARY = Month(2011, 11), Month(2012, 1)


def basis(
    month: Month = DECEMBER, before: dict[str, int] | None = None, state: str = "agreed", **figures: int
) -> Basis:
    told = {"accounts_on_the_list": 152, **figures}
    return Basis(month, date(2011, 12, 31), told, before, month.previous if before else None, state)


def said(headline: Headline | None) -> str:
    return headline.strong + headline.rest if headline else ""


@pytest.mark.parametrize(
    ("month", "out", "on_time", "sentence"),
    [
        (NOVEMBER, 0, 0, "None of the 152 councils had published a local account by 30 November 2011."),
        (NOVEMBER, 1, 1, "1 of 152 councils had published a local account by 30 November 2011."),
        (DECEMBER, 97, 97, "97 of 152 councils published a local account by 31 December 2011, the suggested date."),
        (JANUARY, 1, 1, "It did so by 31 December 2011, the suggested date."),
        (JANUARY, 1, 0, "It did so after 31 December 2011, the suggested date."),
        (JANUARY, 9, 9, "All of them did so by 31 December 2011, the suggested date."),
        (JANUARY, 9, 0, "None of them did so by 31 December 2011, the suggested date."),
        (JANUARY, 120, 97, "97 of them did so by 31 December 2011, the suggested date."),
    ],
)
def test_how_many_have_published(month: Month, out: int, on_time: int, sentence: str) -> None:
    told = basis(month, accounts_published=out, accounts_published_on_time=on_time)
    assert sentence in said(sentences.published(told))


@pytest.mark.parametrize(
    ("confirmed", "out", "sentence"),
    [
        (0, 0, ""),
        (0, 1, "Coordinators have not confirmed it yet."),
        (1, 1, "Coordinators have confirmed it."),
        (0, 5, "Coordinators have not confirmed any yet."),
        (3, 5, "Coordinators have confirmed 3."),
        (5, 5, "Coordinators have confirmed all of them."),
    ],
)
def test_how_many_are_confirmed(confirmed: int, out: int, sentence: str) -> None:
    told = said(sentences.published(basis(accounts_published=out, accounts_confirmed=confirmed)))
    assert told.endswith(sentence)
    assert ("Coordinators" in told) is bool(sentence)


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (56, 97, ": 41 more than at the end of November"),
        (97, 97, ", as many as at the end of November"),
        (98, 97, ": 1 fewer than at the end of November"),
    ],
)
def test_a_change_is_said_in_words(before: int, now: int, words: str) -> None:
    told = basis(before={"accounts_published": before}, accounts_published=now)
    assert words in said(sentences.published(told))


def test_a_change_over_the_new_year_names_the_year() -> None:
    told = basis(JANUARY, before={"accounts_published": 97}, accounts_published=99)
    assert "2 more than at the end of December 2011" in said(sentences.published(told))


@pytest.mark.parametrize(
    ("by", "after", "none", "will_not", "sentence"),
    [
        (0, 0, 0, 0, ""),
        (1, 0, 0, 0, "1 council expects to publish by 31 December."),
        (3, 0, 0, 0, "3 councils expect to publish by 31 December."),
        (3, 1, 0, 0, "3 councils expect to publish by 31 December and 1 has given a date after 31 December."),
        (0, 29, 19, 0, "29 councils have given a date after 31 December and 19 have given no date."),
        (0, 0, 1, 0, "1 council has given no date."),
        (0, 0, 0, 1, "1 council has decided not to publish this year."),
        (0, 0, 2, 4, "2 councils have given no date. 4 councils have decided not to publish this year."),
    ],
)
def test_what_those_say_that_have_not_published(by: int, after: int, none: int, will_not: int, sentence: str) -> None:
    told = basis(
        accounts_expected_by_deadline=by,
        accounts_expected_after_deadline=after,
        accounts_no_date_given=none,
        accounts_will_not_publish=will_not,
    )
    assert said(sentences.still_to_come(told)) == sentence


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("", "No money is recorded. There is no Memorandum of Understanding with a funder yet."),
        (
            "in negotiation",
            "£550,000.00 is sought: the Memorandum of Understanding is in negotiation. Nothing is allocated",
        ),
        ("agreed", "£1,000.00 of the £550,000.00 is paid, and £2,000.00 is committed. All of it is allocated."),
        ("withdrawn", "The Memorandum of Understanding was withdrawn. No money is in force."),
    ],
)
def test_where_the_money_is(state: str, sentence: str) -> None:
    figures = {"funding_in_force_pence": 550_000_00, "funding_paid_net_pence": 1_000_00}
    told = basis(state=state, **figures, funding_committed_pence=2_000_00)
    assert sentence in said(sentences.money(told))


@pytest.mark.parametrize(
    ("open_", "bare", "late", "sentence"),
    [
        (0, 0, 0, "No concern is open. No action is overdue."),
        (0, 0, 1, "No concern is open. 1 action is overdue."),
        (1, 1, 0, "1 concern is open. It has no action yet."),
        (1, 0, 2, "1 concern is open. It has an action. 2 actions are overdue."),
        (2, 2, 0, "2 concerns are open. None of them has an action yet."),
        (14, 1, 0, "14 concerns are open. 1 of them has no action yet."),
        (14, 3, 5, "14 concerns are open. 3 of them have no action yet. 5 actions are overdue."),
        (14, 0, 0, "14 concerns are open. Each has an action."),
    ],
)
def test_what_is_open_and_late(open_: int, bare: int, late: int, sentence: str) -> None:
    told = basis(concerns_open_board=open_, concerns_unaddressed_board=bare, actions_overdue_board=late)
    assert said(sentences.concerns(told)[0]) == sentence


def test_days_stay_together_on_a_line() -> None:
    assert together("by 31 December 2011, not 1 March") == "by 31\u00a0December\u00a02011, not 1\u00a0March"


def test_cells_are_written_as_people_read_them() -> None:
    kinds = [
        ("count", 1200, "1,200"),
        ("pounds", -5, "−£0.05"),
        ("change", -1, "−1"),
        ("change in pounds", 5, "+£0.05"),
    ]
    for kind, value, text in kinds:
        assert in_words(Cell(value), Column("", kind)) == text
    assert in_words(Cell("Not shown"), Column("", "pounds")) == "Not shown"


@pytest.fixture
def version(seeded: Database) -> tuple[Database, Version]:
    """The December report as the tracker drafts it from what `tell` told."""
    with seeded.writing() as session:
        tell(session)
    with seeded.writing() as session:
        return seeded, drafted(session)


@pytest.fixture
def content(version: tuple[Database, Version]) -> Content:
    database, drafted_ = version
    with database.reading() as session:
        written = {section: queries.Passage(section, f"About {section}", 1) for section in SECTIONS}
        return document.compose(session, drafted_, written)


def test_the_tables_add_up(content: Content) -> None:
    """Money to the amount in force, councils to the expected list, across and down."""
    money = [row for group in content.money.groups for row in group.rows if not row.total]
    whole = content.money.foot[0].cells
    assert [sum(row.cells[at].value for row in money) for at in range(4)] == [cell.value for cell in whole]
    assert whole[0].value == 550_000_00
    regions, england = content.accounts.groups[0].rows, content.accounts.foot[0].cells
    assert [sum(row.cells[at].value for row in regions) for at in range(7)] == [cell.value for cell in england]
    for row in (*regions, content.accounts.foot[0]):
        assert sum(cell.value for cell in row.cells[:-1]) == row.cells[-1].value
    assert sum(part.pence for part in content.money_parts) == 550_000_00
    assert len(content.positions) == 152 == england[-1].value


def test_every_number_of_the_first_columns_names_its_figure(content: Content) -> None:
    """What a table shows is what the figure of that name is."""
    for table in (content.money, content.accounts, content.concerns):
        for row in (*(row for group in table.groups for row in group.rows), *table.foot):
            for cell in row.cells:
                if cell.figure:
                    assert cell.value == content.figures[cell.figure].value


def test_a_first_report_has_nothing_to_compare_with(content: Content) -> None:
    assert content.compared_with == ""
    assert content.changes == content.restatements == ()
    assert content.change_words.startswith("This is the first report")


def test_frozen_and_thawed_is_the_same(content: Content) -> None:
    assert document.thawed(document.frozen(content)) == content


def words_of(content: Content) -> str:
    return msgspec.json.encode(content).decode()


def test_the_public_version_leaves_out_what_is_for_the_board(content: Content) -> None:
    """Concerns of the Board and restricted ones are neither counted nor mentioned; nor is the Board's narrative."""
    told = words_of(reduced(content, Audience.PUBLIC))
    for absent in (
        "concerns_open_board",
        "concerns_restricted",
        "Restricted",
        "About decisions",
        "About concerns",
        '"board"',
    ):
        assert absent not in told
    assert "1 concern" in told
    assert "About money" in told
    assert "concerns_open_public" in told


def test_the_board_is_told_that_few_concerns_are_restricted(content: Content) -> None:
    """Neither the count nor anything it could be worked out from: the total of all concerns is the secretariat's."""
    told = reduced(content, Audience.BOARD)
    row = next(row for row in told.concerns.groups[0].rows if row.label.startswith("Restricted"))
    assert [cell.value for cell in row.cells] == ["fewer than 3"]
    assert "concerns_restricted" not in told.figures
    assert "concerns_open" not in told.figures
    assert told.figures["concerns_open_board"].value == 2
    assert "About decisions" in words_of(told)


def test_the_secretariat_reads_the_count(content: Content) -> None:
    told = reduced(content, Audience.SECRETARIAT)
    assert told.figures["concerns_restricted"].value == 1
    assert [row.cells[0].value for row in told.concerns.groups[0].rows][-1] == 1


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((1, 2), ["fewer than 3", "fewer than 3", "Not shown"]),
        ((5, 2), [5, "fewer than 3", "Not shown"]),
        ((5, 6), [5, 6, 1]),
    ],
)
def test_no_difference_gives_a_small_count_away(content: Content, counts: tuple[int, int], shown: list[Any]) -> None:
    name = "concerns_restricted"
    row = Row("Restricted", (Cell(counts[0], name), Cell(counts[1], name), Cell(1)), audience=Audience.BOARD)
    table = msgspec.structs.replace(content.concerns, groups=(Group((row,)),))
    told = reduced(msgspec.structs.replace(content, concerns=table), Audience.BOARD)
    assert [cell.value for cell in told.concerns.groups[0].rows[0].cells] == shown


def test_the_pdf_is_accessible_says_the_numbers_and_is_the_same_every_time(version: tuple[Database, Version]) -> None:
    """It passes PDF/UA-1; its text holds the headlines and the sums; the same data gives the same bytes."""
    database, report = version
    with database.reading() as session:
        told = document.as_read(session, report, Audience.BOARD)
        layout = pictures.layout(session, told.year)
        about = heading.about(report, access.names(session), Audience.BOARD)
    made = pdf(told, layout, about)
    checked = page.validate_pdf_bytes(made, profile="ua1")
    assert checked.is_compliant, [failure.message for failure in checked.failures]
    text = " ".join(text_of(made).split())
    for wanted in ("2 of 152 councils", "£550,000.00", "£30,000.00", "fewer than 3", "Board report for December 2011"):
        assert wanted in text
    assert pdf(told, layout, about) == made


def text_of(made: bytes) -> str:
    with pypdfium2.PdfDocument(made) as document_:
        return "\n".join(one.get_textpage().get_text_bounded() for one in document_).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(2011, 11, 30), []),
        (date(2011, 12, 31), []),
        (date(2012, 1, 31), [(1, 7), (1, 14), (1, 21), (1, 28), (1, 31)]),
    ],
)
def test_the_trend_goes_on_by_week_after_the_deadline(on: date, days: list[tuple[int, int]]) -> None:
    after = composing.days_after(date(2011, 12, 31), on)
    assert after == [date(2012, *day) for day in days]
    assert len(composing.days_after(date(2011, 12, 31), date(2019, 12, 31))) <= composing.MOST_WEEKS


def test_the_trend_ends_with_what_the_headline_says(version: tuple[Database, Version]) -> None:
    """The last column that is not projected counts the very councils that have published."""
    database, report = version
    with database.reading() as session:
        told = document.compose(session, report, {})
    assert [point.councils for point in told.trend if not point.projected][-1] == told.figures[
        "accounts_published"
    ].value


def test_an_issued_report_reads_from_what_was_frozen(seeded: Database) -> None:
    with seeded.writing() as session:
        tell(session)
        report = issued(session)
        kept = document.thawed(queries.content_of(session, report))
        assert document.as_read(session, report, Audience.SECRETARIAT) == reduced(kept, Audience.SECRETARIAT)
