"""Board reports and rounds, as JSON."""

from datetime import date, datetime
from typing import Any

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import api_get, api_post
from improvement.access.rules import May
from improvement.board_reports import commands, document, queries
from improvement.board_reports.document import Content
from improvement.board_reports.queries import Version
from improvement.database import EVER
from improvement.dates import Month
from improvement.web import forms
from improvement.web.lists import Listing, listing
from improvement.web.replies import Created


class ReportRow(msgspec.Struct, frozen=True):
    """A month's report: its version, state and two dates. `sha256` is there once it is issued."""

    month: str
    version: int
    state: str
    year: str
    on: date
    known_at: datetime
    cut_seq: int
    since: date | None
    sha256: str | None


class Report(ReportRow, frozen=True):
    """A report with its content: figures by name, sentences and tables, as the reader may see them."""

    content: Content


class RoundRow(msgspec.Struct, frozen=True):
    """A reporting round and the state of its report, where there is one."""

    month: str
    over: bool
    state: str | None


def _row(version: Version) -> dict[str, Any]:
    return {
        "month": str(version.month),
        "version": version.version,
        "state": version.state.value,
        "year": str(version.year),
        "on": version.on,
        "known_at": version.cut_at,
        "cut_seq": version.cut_seq,
        "since": version.since,
        "sha256": version.sha256 or None,
    }


def _month(asked: Asked) -> Month:
    return Month.parse(str(asked.sent.path["month"]))


@api_get("/board-reports", may=May.LOOK, of="Board reports", gives=ReportRow, closed=True)
def all_reports(asked: Asked) -> Listing:
    """The reports somebody may read, each in its newest version."""
    found = queries.reports(asked.session, asked.by, asked.as_at if asked.looking_back else EVER)
    rows = sorted((ReportRow(**_row(one)) for one in found), key=lambda row: row.month)
    return listing(rows, asked.query, "month")


@api_get("/board-reports/{month:str}", may=May.LOOK, of="Board report", gives=Report, closed=True)
def one_report(asked: Asked) -> Report:
    """One month's report in the newest version somebody may read, reduced to what they may see."""
    month = _month(asked)
    found = queries.visible(
        asked.by, queries.versions(asked.session, asked.as_at if asked.looking_back else EVER).get(month, ())
    )
    if not found:
        raise queries.nothing_to_read(month, asked.by)
    told = document.as_read(asked.session, found[-1], queries.audience_of(asked.by))
    return Report(**_row(found[-1]), content=told)


@api_get("/rounds", may=May.READ_REPORTS, of="rounds", gives=RoundRow)
def all_rounds(asked: Asked) -> Listing:
    """The reporting rounds so far."""
    rows = []
    for one in queries.rounds(asked.session, asked.as_at.on, asked.as_at if asked.looking_back else EVER):
        seen = queries.visible(asked.by, one.versions)
        rows.append(RoundRow(str(one.month), one.over, seen[-1].state.value if seen else None))
    return listing(rows[::-1], asked.query, "month")


@api_post("/rounds", may=May.PREPARE_REPORTS, of="rounds", takes=commands.NewRound)
def open_first_round(asked: Asked) -> Created:
    """Open the first reporting round."""
    month = Month.parse(forms.from_json(commands.NewRound, asked.sent.body).month)
    return Created(str(commands.open_first_round(asked.session, month, by=asked.by, at=asked.at)))


@api_post("/board-reports", may=May.PREPARE_REPORTS, of="Board report", takes=commands.NewReport)
def draft(asked: Asked) -> Created:
    """Draft a month's report."""
    month = Month.parse(forms.from_json(commands.NewReport, asked.sent.body).month)
    return Created(str(commands.draft(asked.session, month, by=asked.by, at=asked.at)))


@api_post("/board-reports/{month:str}/refreshes", may=May.PREPARE_REPORTS, of="Board report", takes=commands.NewStep)
def refresh(asked: Asked) -> Created:
    """Take a draft's figures again, as they are known now."""
    new = forms.from_json(commands.NewStep, asked.sent.body)
    return Created(str(commands.refresh_figures(asked.session, _month(asked), new, by=asked.by, at=asked.at)))


@api_post("/board-reports/{month:str}/sendings", may=May.PREPARE_REPORTS, of="Board report", takes=commands.NewStep)
def send(asked: Asked) -> Created:
    """Send a draft to the Board."""
    new, url = forms.from_json(commands.NewStep, asked.sent.body), asked.settings.url
    return Created(str(commands.send_to_board(asked.session, _month(asked), new, by=asked.by, at=asked.at, url=url)))


@api_post("/board-reports/{month:str}/returns", may=May.APPROVE_REPORTS, of="Board report", takes=commands.NewReturn)
def give_back(asked: Asked) -> Created:
    """Return a report to the secretariat with comments."""
    new = forms.from_json(commands.NewReturn, asked.sent.body)
    return Created(str(commands.return_with_comments(asked.session, _month(asked), new, by=asked.by, at=asked.at)))


@api_post("/board-reports/{month:str}/approvals", may=May.APPROVE_REPORTS, of="Board report", takes=commands.NewStep)
def approve(asked: Asked) -> Created:
    """Approve a report that is with the Board."""
    new = forms.from_json(commands.NewStep, asked.sent.body)
    return Created(str(commands.approve(asked.session, _month(asked), new, by=asked.by, at=asked.at)))


@api_post("/board-reports/{month:str}/issues", may=May.PREPARE_REPORTS, of="Board report", takes=commands.NewStep)
def issue(asked: Asked) -> Created:
    """Freeze an approved report and release it."""
    new, url = forms.from_json(commands.NewStep, asked.sent.body), asked.settings.url
    return Created(str(commands.issue(asked.session, _month(asked), new, by=asked.by, at=asked.at, url=url)))


@api_post(
    "/board-reports/{month:str}/restatements",
    may=May.PREPARE_REPORTS,
    of="Board report",
    takes=commands.NewRestatement,
)
def restate(asked: Asked) -> Created:
    """Draft another version of an issued report."""
    new = forms.from_json(commands.NewRestatement, asked.sent.body)
    return Created(str(commands.restate(asked.session, _month(asked), new, by=asked.by, at=asked.at)))


routes = [
    all_reports,
    one_report,
    all_rounds,
    open_first_round,
    draft,
    refresh,
    send,
    give_back,
    approve,
    issue,
    restate,
]
