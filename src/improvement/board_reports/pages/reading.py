"""Board reports to read: the list, one report as page, PDF and JSON, and whether it still follows from the facts."""

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May, Role
from improvement.board_reports import commands, document, queries, rules
from improvement.board_reports.pages import showing
from improvement.board_reports.pages.showing import drafted, month_of, which
from improvement.board_reports.queries import Version
from improvement.board_reports.rules import Audience, State
from improvement.database import EVER
from improvement.dates import london_day
from improvement.web.replies import File, Page, Redirect


@page("/board-reports", may=May.LOOK, of="Board reports", closed=True)
def all_reports(asked: Asked) -> Page:
    """Every report somebody may read, the latest first, with its state and what comes next."""
    as_at = asked.as_at if asked.looking_back else EVER
    prepares = queries.audience_of(asked.by) is Audience.SECRETARIAT and not asked.looking_back
    shows = {
        "reports": queries.reports(asked.session, asked.by, as_at),
        "state_words": rules.STATE_WORDS,
        "next_words": rules.WHAT_NEXT,
        "prepares": prepares,
        "due": queries.months_due(asked.session, london_day(asked.at)) if prepares else [],
        "opened": bool(queries.first_rounds(asked.session, as_at)),
        "works": asked.by.may(May.READ_REPORTS),
    }
    return Page("board_reports/all_reports.html", shows)


@page("/board-reports/{month:str}", may=May.LOOK, of="Board report")
def one_report(asked: Asked) -> Page | Redirect:
    """The issued report of a month; where none is issued, on to the draft for those who may see it."""
    month = month_of(asked)
    as_at = asked.as_at if asked.looking_back else EVER
    draft = queries.working(asked.session, month, asked.by) if not asked.looking_back else None
    if draft is not None and not asked.query and queries.issued(asked.session, month) is None:
        return Redirect(f"/board-reports/{month}/draft")
    version = which(asked)
    there = [one for one in queries.versions(asked.session, as_at)[month] if one.sha256]
    restates = asked.by.may(May.PREPARE_REPORTS) and version.state is State.ISSUED and draft is None
    shows = {
        **showing.sheet(asked, version),
        "files": f"/board-reports/{month}",
        "file_query": f"?version={version.version}" if version is not there[-1] else "",
        "others": [one for one in there if one is not version],
        "draft": draft,
        "restates": restates and not asked.looking_back,
    }
    return Page("board_reports/one_report.html", shows)


@page("/board-reports/{month:str}/report.pdf", may=May.LOOK, of="Board report")
def report_pdf(asked: Asked) -> File:
    """The issued report as a tagged PDF."""
    return showing.as_pdf(asked, which(asked))


@page("/board-reports/{month:str}/report.json", may=May.LOOK, of="Board report")
def report_json(asked: Asked) -> File:
    """The issued report as JSON: its figures by name and its tables."""
    return showing.as_json(asked, which(asked))


@page("/board-reports/{month:str}/verify", may=May.LOOK, of="Board report", closed=True)
def verified(asked: Asked) -> Page:
    """The issued report recomputed from the facts at its two dates, and what differs."""
    version = which(asked)
    return _verified(asked, version)


def _verified(asked: Asked, version: Version) -> Page:
    reader = queries.audience_of(asked.by)
    differences = commands.verify_version(asked.session, version)
    told = document.as_read(asked.session, version, reader).figures
    shown = [line for line in differences if line.partition(":")[0] in told or reader is Audience.SECRETARIAT]
    shows = {
        "version": version,
        "differences": shown,
        "hidden": len(differences) - len(shown),
        "counted": len(queries.figures_of(asked.session, version)),
        "dates": queries.days_in_words(version),
        "back": f"/board-reports/{version.month}" + ("" if version.sha256 else "/draft"),
    }
    return Page("board_reports/verified.html", shows)


@page("/board-reports/{month:str}/draft", may=May.READ_REPORTS, of="Board report", closed=True)
def one_draft(asked: Asked) -> Page:
    """The version being worked on: as it would read, what was written in it, and what can be done with it."""
    version = drafted(asked)
    month = version.month
    works = not asked.looking_back
    approves = works and asked.by.is_any(Role.CHAIR) and version.state is State.WITH_BOARD
    shows = {
        **showing.sheet(asked, version),
        "files": f"/board-reports/{month}/draft",
        "sections": rules.SECTIONS,
        "passages": queries.narrative(asked.session, month, version.version),
        "state_words": rules.STATE_WORDS,
        "next": rules.what_next(version.state),
        "prepares": works and asked.by.may(May.PREPARE_REPORTS),
        "approves": approves,
        "own": approves and asked.by.id in commands.prepared_by(asked.session, version),
        "comments": _comments(version),
    }
    return Page("board_reports/one_draft.html", shows)


def _comments(version: Version) -> str:
    returned = version.last(rules.Step.RETURNED)
    return returned.note if returned and version.state is State.DRAFT else ""


@page("/board-reports/{month:str}/draft/report.pdf", may=May.READ_REPORTS, of="Board report", closed=True)
def draft_pdf(asked: Asked) -> File:
    """The version being worked on as a tagged PDF."""
    return showing.as_pdf(asked, drafted(asked))


@page("/board-reports/{month:str}/draft/report.json", may=May.READ_REPORTS, of="Board report", closed=True)
def draft_json(asked: Asked) -> File:
    """The version being worked on as JSON."""
    return showing.as_json(asked, drafted(asked))


@page("/board-reports/{month:str}/draft/verify", may=May.READ_REPORTS, of="Board report", closed=True)
def draft_verified(asked: Asked) -> Page:
    """The version being worked on recomputed from the facts at its two dates."""
    return _verified(asked, drafted(asked))


@page("/rounds", may=May.READ_REPORTS, of="rounds")
def all_rounds(asked: Asked) -> Page:
    """The reporting rounds so far: each month, and how far its report has come."""
    as_at = asked.as_at if asked.looking_back else EVER
    rounds = queries.rounds(asked.session, asked.as_at.on, as_at)
    shows = {
        "rounds": [(one, queries.visible(asked.by, one.versions)[-1:]) for one in rounds],
        "state_words": rules.STATE_WORDS,
        "opens": asked.by.may(May.PREPARE_REPORTS) and not asked.looking_back and not rounds,
    }
    return Page("board_reports/all_rounds.html", shows)


routes = [
    all_reports,
    one_report,
    report_pdf,
    report_json,
    verified,
    one_draft,
    draft_pdf,
    draft_json,
    draft_verified,
    all_rounds,
]
