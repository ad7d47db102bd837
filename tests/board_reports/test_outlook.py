"""What the money is expected to come to, as the report says it: adding up, at its two dates, in every format."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pypdfium2
import pytest
from sqlalchemy.orm import Session

from improvement.access.rules import SERVICE, Role
from improvement.board_reports import commands, document, figures, queries
from improvement.board_reports.document import sentences
from improvement.board_reports.document.content import NO_FORECAST, Content
from improvement.board_reports.document.reading import reduced
from improvement.board_reports.rules import Audience
from improvement.database import Database
from improvement.dates import AsAt
from improvement.funding import commands as funding
from improvement.funding.book import Kind
from improvement.funding.entering.forecasts import Forecast, MonthAmount
from tests.board_reports.telling import BEFORE, DECEMBER, NEW_YEAR, drafted, issued, tell
from tests.board_reports.test_document import basis, said
from tests.board_reports.test_pages import text_of
from tests.sheets import Book
from tests.visiting import Tracker

HERE = "/board-reports/2011-12"
OUTTURN, VARIANCE = "funding_outturn_pence", "funding_variance_pence"


def forecasts(session: Session, pence: int, why: str) -> None:
    """London is expected to pay this in January and nothing in any other month."""
    months = [MonthAmount("2011-12", 0), MonthAmount("2012-01", pence)]
    months += [MonthAmount(month, 0) for month in ("2012-02", "2012-03")]
    new = Forecast(line="london", months=months, why=why, effective_on=date(2011, 12, 20))
    funding.do(session, Kind.FORECAST, new, by=SERVICE, at=BEFORE + timedelta(hours=1))


@pytest.fixture
def told(seeded: Database) -> Database:
    """London was given £30,000 and expects to pay £20,000 of it, and said why."""
    with seeded.writing() as session:
        tell(session)
    with seeded.writing() as session:
        forecasts(session, 20_000_00, "The post was filled late.")
    return seeded


def composed(session: Session) -> Content:
    return document.compose(session, drafted(session), {})


def test_the_forecast_adds_up_to_the_amount_in_force_and_above_zero_is_an_underspend(told: Database) -> None:
    with told.writing() as session:
        content = composed(session)
    assert content.forecast is not None
    rows = [row for group in content.forecast.groups for row in group.rows if not row.total]
    for at in range(3):
        assert sum(int(row.cells[at].value) for row in rows) == content.forecast.foot[0].cells[at].value
    for row in (*rows, content.forecast.foot[0]):
        given, expected, variance = (int(cell.value) for cell in row.cells[:3])
        assert variance == given - expected
        for cell in row.cells:
            assert not cell.figure or content.figures[cell.figure].value == cell.value
    london = next(row for row in rows if row.label == "London")
    assert [cell.value for cell in london.cells] == [
        30_000_00, 20_000_00, 10_000_00, "The post was filled late. (20 December 2011)"
    ]  # fmt: skip
    assert (content.figures[OUTTURN].value, content.figures[VARIANCE].value) == (20_000_00, 530_000_00)


def test_each_figure_opens_what_it_was_made_from_and_that_adds_up(told: Database) -> None:
    with told.writing() as session:
        content = composed(session)
        year, as_at = queries.newest(session, DECEMBER).year, queries.newest(session, DECEMBER).as_at
        registry = figures.registry(session, year, as_at)
        for name in content.figures:
            if name.startswith(("funding_outturn", "funding_variance")):
                counted = registry[name].facts(session, as_at, SERVICE)
                assert sum(one.amount for one in counted) == content.figures[name].value, name
                assert all(one.href for one in counted)


def test_what_is_said_later_changes_the_next_report_and_not_this_one(told: Database) -> None:
    with told.writing() as session:
        version = issued(session)
    with told.writing() as session:
        new = Forecast(
            line="london", months=[MonthAmount("2012-01", 35_000_00)], why="Dearer", effective_on=date(2012, 1, 5)
        )
        funding.do(session, Kind.FORECAST, new, by=SERVICE, at=NEW_YEAR + timedelta(days=4))
        assert commands.verify_version(session, version) == []
        now = figures.compute(session, version.year, AsAt(date(2012, 1, 31)))
        then = figures.compute(session, version.year, version.as_at)
    assert (then[OUTTURN], now[OUTTURN]) == (20_000_00, 35_000_00)
    assert now["funding_variance_pence_of_london"] == -5_000_00


@pytest.fixture
def before_forecasts(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tracker]:
    """A report was issued before reports said what the money is expected to come to."""
    with tracker.database.writing() as session:
        tell(session)
    monkeypatch.setattr(figures, "outlook_figures", lambda *_: [])
    with tracker.database.writing() as session:
        issued(session)
    monkeypatch.undo()
    return tracker


def test_a_report_issued_before_verifies_and_says_that_it_is_not_in_it(before_forecasts: Tracker) -> None:
    board = before_forecasts.signed_in(Role.BOARD)
    page = text_of(board.get(HERE).text)
    assert NO_FORECAST in page
    assert "Forecast and variance by funding line" not in page
    assert "figures are identical" in text_of(board.get(f"{HERE}/verify").text)
    made = board.get(f"{HERE}/report.pdf").content
    with pypdfium2.PdfDocument(made) as paper:
        words = " ".join(one.get_textpage().get_text_bounded() for one in paper)
    assert NO_FORECAST in " ".join(words.replace("\u00a0", " ").split())
    assert "forecast" not in board.get(f"{HERE}/report.json").json()
    assert "Forecast" not in Book(board.get(f"{HERE}/report.xlsx").content).names
    with before_forecasts.database.writing() as session:
        january = document.compose(session, drafted(session, DECEMBER.next, NEW_YEAR + timedelta(days=40)), {})
    changed = next(row for row in january.changes[1].groups[0].rows if row.label == "Expected outturn")
    assert changed.cells[0].value == "Not counted"


def test_the_public_reads_the_sums_and_not_what_was_said_of_them(told: Database) -> None:
    with told.writing() as session:
        content = composed(session)
    for reader, columns in ((Audience.BOARD, 4), (Audience.PUBLIC, 3)):
        shown = reduced(content, reader).forecast
        assert shown is not None
        assert len(shown.columns) == columns
        assert all(len(row.cells) == columns for group in shown.groups for row in group.rows)
        assert ("filled late" in str(shown)) is (reader is Audience.BOARD)


def test_the_same_tables_are_taken_away_in_every_format(tracker: Tracker) -> None:
    """Each says what the report says, to the penny; each reader gets what they may know; a draft is not there."""
    with tracker.database.writing() as session:
        tell(session)
    with tracker.database.writing() as session:
        forecasts(session, 20_000_00, "=1+1 was filled late.")
        drafted(session)
    assert tracker.anonymous().get(f"{HERE}/draft/report.docx").status_code == 303
    assert tracker.anonymous().get(f"{HERE}/report.xlsx").status_code in (303, 404)
    assert tracker.signed_in(Role.SECRETARIAT).get(f"{HERE}/draft/report.docx").status_code == 200
    with tracker.database.writing() as session:
        for step in (commands.send_to_board, commands.approve, commands.issue):
            _take(session, step)
    for visitor, sees in ((tracker.signed_in(Role.BOARD), True), (tracker.anonymous(), False)):
        book = Book(visitor.get(f"{HERE}/report.xlsx").content)
        assert book.check()
        assert book.row("Forecast", "London")["Variance (+ is an underspend)"] == 10_000
        assert book.row("Forecast", "Amount in force")["Expected outturn"] == 20_000
        rows = list(csv.DictReader(StringIO(visitor.get(f"{HERE}/report.csv").content.decode("utf-8-sig"))))
        found = {row["Figure"]: row["Value"] for row in rows}
        assert (found[OUTTURN], found["funding_variance_pence_of_london"]) == ("20000.00", "10000.00")
        words = words_of(visitor.get(f"{HERE}/report.docx").content)
        assert "Table 2. Forecast and variance by funding line, 31 December 2011" in words
        assert "+£10,000.00" in words
        assert ("=1+1 was filled late." in words) is sees
        assert any("filled late" in row["Value"] for row in rows) is sees
        assert ("Helen Stourton" in words) is sees
        assert visitor.get(f"{HERE}/report.docx").content == visitor.get(f"{HERE}/report.docx").content


def _take(session: Session, step: Any) -> None:
    from tests.board_reports.telling import anita, chair

    step(session, DECEMBER, by=(chair if step is commands.approve else anita)(session), at=NEW_YEAR)
    session.flush()


def words_of(made: bytes) -> str:
    """What a Word file says, every part of it being sound."""
    with ZipFile(BytesIO(made)) as parts:
        trees = {name: ET.fromstring(parts.read(name)) for name in parts.namelist()}
    return "".join(trees["word/document.xml"].itertext()).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("variance", "sentence"),
    [
        (0, "£550,000.00 is expected to be spent by the end of the year, as much as the amount in force."),
        (1_000_00, "£549,000.00 is expected to be spent by the end of the year, £1,000.00 less than the amount"),
        (-500_00, "£550,500.00 is expected to be spent by the end of the year, £500.00 more than the amount"),
    ],
)
def test_what_is_expected_is_a_headline(variance: int, sentence: str) -> None:
    told = {OUTTURN: 550_000_00 - variance, VARIANCE: variance}
    assert sentence in said(sentences.expected(basis(**told)))
    assert sentences.expected(basis(state="in negotiation", **told)) is None
    assert sentences.expected(basis()) is None
