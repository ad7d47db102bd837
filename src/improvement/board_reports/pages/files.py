"""A report as files to take away besides its PDF and JSON: Word, an Excel workbook of every table, and CSV."""

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.board_reports import document, queries
from improvement.board_reports.document import heading, pictures, sheets, word
from improvement.board_reports.pages.showing import drafted, file_name, which
from improvement.board_reports.queries import Version
from improvement.dates import london_day
from improvement.web import workbook
from improvement.web.replies import File


@page("/board-reports/{month:str}/report.xlsx", may=May.LOOK, of="Board report")
def report_xlsx(asked: Asked) -> File:
    """Every table of the issued report as a workbook."""
    return _as_workbook(asked, which(asked))


@page("/board-reports/{month:str}/report.csv", may=May.LOOK, of="Board report")
def report_csv(asked: Asked) -> File:
    """Every number of the issued report's tables, a line each."""
    return _as_csv(asked, which(asked))


@page("/board-reports/{month:str}/report.docx", may=May.LOOK, of="Board report")
def report_docx(asked: Asked) -> File:
    """The issued report for Word."""
    return _as_word(asked, which(asked))


@page("/board-reports/{month:str}/draft/report.xlsx", may=May.READ_REPORTS, of="Board report", closed=True)
def draft_xlsx(asked: Asked) -> File:
    """Every table of the version being worked on as a workbook."""
    return _as_workbook(asked, drafted(asked))


@page("/board-reports/{month:str}/draft/report.csv", may=May.READ_REPORTS, of="Board report", closed=True)
def draft_csv(asked: Asked) -> File:
    """Every number of the tables of the version being worked on, a line each."""
    return _as_csv(asked, drafted(asked))


@page("/board-reports/{month:str}/draft/report.docx", may=May.READ_REPORTS, of="Board report", closed=True)
def draft_docx(asked: Asked) -> File:
    """The version being worked on, for Word."""
    return _as_word(asked, drafted(asked))


def _as_workbook(asked: Asked, version: Version) -> File:
    told = document.as_read(asked.session, version, queries.audience_of(asked.by))
    about = workbook.About(
        what=f"Every table of the Board report for {version.month.in_words}, version {version.version}.",
        as_at=version.as_at,
        made_on=london_day(version.cut_at),
        address=f"{asked.settings.url}/board-reports/{version.month}",
        demonstration=told.demonstration,
    )
    made = workbook.written(told.title, about, sheets.workbook(told))
    return File(made, workbook.MEDIA_TYPE, f"{file_name(version)}.xlsx")


def _as_csv(asked: Asked, version: Version) -> File:
    told = document.as_read(asked.session, version, queries.audience_of(asked.by))
    return File(sheets.csv(told), "text/csv", f"{file_name(version)}.csv")


def _as_word(asked: Asked, version: Version) -> File:
    reader = queries.audience_of(asked.by)
    told = document.as_read(asked.session, version, reader)
    about = heading.about(version, access.names(asked.session), reader)
    made = word.docx(told, pictures.layout(asked.session, told.year), about)
    return File(made, word.MEDIA_TYPE, f"{file_name(version)}.docx")


routes = [report_xlsx, report_csv, report_docx, draft_xlsx, draft_csv, draft_docx]
