"""Every figure a Board report is made of: its name, what it means, how it is worked out and from what.

A figure's definition never changes under its name: a changed one gets a new name, and the old one stays, so that any
report can be recomputed for ever.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from improvement.board_reports.figures.accounts import account_figures
from improvement.board_reports.figures.concerns import concern_figures
from improvement.board_reports.figures.figure import Counted as Counted
from improvement.board_reports.figures.figure import Figure as Figure
from improvement.board_reports.figures.money import line_figures, money_figures
from improvement.board_reports.figures.money import mou as mou
from improvement.board_reports.figures.outlook import outlook_figures
from improvement.dates import AsAt, ProgrammeYear


def registry(session: Session, year: ProgrammeYear, as_at: AsAt) -> dict[str, Figure]:
    """Every figure there is of a programme year, by name. Funding lines are those open at the two dates."""
    every = [
        *account_figures(session, year),
        *money_figures(year),
        *line_figures(session, year, as_at),
        *outlook_figures(session, year, as_at),
        *concern_figures(),
    ]
    return {figure.name: figure for figure in every}


def compute(session: Session, year: ProgrammeYear, as_at: AsAt) -> dict[str, int]:
    """Every figure at two dates, by name. Each source is asked once."""
    answers: dict[Callable[..., Any], Mapping[str, int]] = {}
    values = {}
    for name, figure in registry(session, year, as_at).items():
        if figure.source not in answers:
            answers[figure.source] = figure.source(session, as_at)
        values[name] = answers[figure.source].get(name, 0)
    return values
