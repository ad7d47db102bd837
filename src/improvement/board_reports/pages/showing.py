"""What a report's page and files show, the same for every door."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.rules import May
from improvement.board_reports import document, queries, rules
from improvement.board_reports.document import heading, pictures
from improvement.board_reports.document.content import NO_FORECAST, in_words, together
from improvement.board_reports.document.pdf import pdf
from improvement.board_reports.queries import Version
from improvement.database import EVER, last_seq
from improvement.dates import Month, ProgrammeYear
from improvement.local_accounts import rules as account_rules
from improvement.web.replies import File


def month_of(asked: Asked) -> Month:
    """The month an address names. Raises `NotADate`."""
    return Month.parse(str(asked.sent.path["month"]))


def which(asked: Asked) -> Version:
    """The issued version an address asks for. Raises what tells nobody more than they may know."""
    month, wanted = month_of(asked), asked.query.get("version", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else None
    found = queries.issued(asked.session, month, asked.as_at if asked.looking_back else EVER, number)
    if found is None or (wanted and number is None):
        raise queries.nothing_to_read(month, asked.by)
    return found


def drafted(asked: Asked) -> Version:
    """The version being worked on that an address asks for. Raises what tells nobody more than they may know."""
    found = queries.working(asked.session, month_of(asked), asked.by, asked.as_at if asked.looking_back else EVER)
    if found is None:
        raise queries.nothing_to_read(month_of(asked), asked.by)
    return found


class Drawn:
    """A sheet as it was drawn last, and what it was drawn from."""

    last: tuple[object, str] = (None, "")


def sheet(asked: Asked, version: Version) -> dict[str, Any]:
    """What a page with the report on it shows. `kept` draws the sheet, or gives it as it was drawn before."""
    seq, edits = last_seq(asked.session)
    # An issued report never changes, and of a draft nothing can but by a fact or an edit.
    made_from = (
        (version.sha256, version.state, edits) if version.sha256 else (version.cut_seq, version.state, seq, edits)
    )
    opens = asked.by.may(May.READ), asked.by.role_for(May.READ_MONEY) is not None
    key = ("report as a page", version.month, version.version, queries.audience_of(asked.by), opens)
    drawn = asked.session.info["database"].memory.get(key, Drawn)
    before, page = drawn.last
    if before == made_from:
        return {"version": version, "kept": lambda caller: page}

    def draw(caller: Callable[[], str]) -> str:
        page = caller()
        drawn.last = (made_from, page)
        return page

    return {"version": version, "kept": draw, **_paper(asked, version)}


def _paper(asked: Asked, version: Version) -> dict[str, Any]:
    """Everything the sheet itself needs to be drawn."""
    reader = queries.audience_of(asked.by)
    told = document.as_read(asked.session, version, reader)
    words = account_rules.words(told.deadline)
    counts = pictures.national(told)
    return {
        "content": told,
        "no_forecast": NO_FORECAST if told.forecast is None and told.money_parts else "",
        "about": heading.about(version, access.names(asked.session), reader),
        "for_whom": rules.FOR_WHOM[reader],
        "words": words,
        "counts": counts,
        "used": [position for position, count in counts.items() if count],
        "layout": pictures.layout(asked.session, told.year),
        "map_words": pictures.map_in_words(counts, words),
        "bars": pictures.bars(told.accounts),
        "columns": pictures.columns(told.trend),
        "trend_words": pictures.trend_in_words(told.trend),
        "in_words": in_words,
        "parts": [(part.kind, part.words, part.pence) for part in told.money_parts],
        "tables": {
            table.name: (table, at) for at, table in enumerate((one for one in told.tables if one.groups), start=1)
        },
        "year": ProgrammeYear.parse(told.year).on_screen,
        "together": together,
        "weeks": told.trend,
        "at": dates_of(version) if asked.by.may(May.READ) else "",
        "opens_money": asked.by.role_for(May.READ_MONEY) is not None,
    }


def dates_of(version: Version) -> str:
    """A report's two dates as an address carries them, so that a number leads to the facts it was made of then."""
    return urlencode({"on": version.on.isoformat(), "known-at": _utc(version.cut_at)}, safe=":")


def _utc(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def as_pdf(asked: Asked, version: Version) -> File:
    """A version as the PDF its reader may have."""
    reader = queries.audience_of(asked.by)
    told = document.as_read(asked.session, version, reader)
    about = heading.about(version, access.names(asked.session), reader)
    layout = pictures.layout(asked.session, told.year)

    def make() -> bytes:
        return pdf(told, layout, about)

    memory, key = asked.session.info["database"].memory, ("report as PDF", version.sha256, reader, tuple(about))
    made = memory.get(key, make) if version.sha256 else make()
    return File(made, "application/pdf", f"{file_name(version)}.pdf", attached=False)


def file_name(version: Version) -> str:
    """What a file of a version is called, without its ending."""
    return f"board-report-{version.month}-version-{version.version}"


def as_json(asked: Asked, version: Version) -> File:
    """A version as the JSON its reader may have."""
    text = document.frozen(document.as_read(asked.session, version, queries.audience_of(asked.by)))
    return File(text.encode(), "application/json", f"{file_name(version)}.json")
