"""Programme years, as JSON."""

from datetime import date

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import api_get, api_post
from improvement.access.rules import May
from improvement.dates import ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.commands import years as commands
from improvement.local_accounts.queries import programme
from improvement.web import forms
from improvement.web.lists import Listing, listing
from improvement.web.replies import Created


class YearThere(msgspec.Struct, frozen=True):
    """One programme year, with what its accounts are asked about."""

    year: str
    deadline: date
    period_from: date
    period_to: date
    councils: int
    themes: tuple[str, ...]
    questions: tuple[str, ...]


@api_get("/local-accounts/years", may=May.READ, of="programme years", gives=programme.YearRow)
def of_years(asked: Asked) -> Listing:
    """Every programme year that was set up, with how many of its councils have published."""
    return listing(programme.of_years(asked.session, asked.as_at)[::-1], asked.query, "year")


@api_get("/local-accounts/years/{year:str}", may=May.READ, of="programme years", gives=YearThere)
def of_year(asked: Asked) -> YearThere:
    """One programme year: its days, its councils, its themes and its questions."""
    which = _which(asked)
    about = queries.year(asked.session, which, asked.as_at.known_at)
    councils = len(queries.expected(asked.session, which, asked.as_at.known_at))
    contents = programme.contents(asked.session, which, asked.as_at)
    days = (about.deadline, about.period_from, about.period_to)
    return YearThere(str(which), *days, councils, contents.themes, contents.questions)


@api_post("/local-accounts/years", may=May.SET_YEARS, of="programme years", takes=commands.NewYear)
def set_up(asked: Asked) -> Created:
    """Set up a programme year; themes and questions left out are those of the year before."""
    new = forms.from_json(commands.NewYear, asked.sent.body)
    return Created(str(commands.set_up(asked.session, new, by=asked.by, at=asked.at)))


@api_post(
    "/local-accounts/years/{year:str}/corrections",
    may=May.SET_YEARS,
    of="programme years",
    takes=commands.YearCorrection,
)
def correct(asked: Asked) -> Created:
    """Put a programme year right."""
    new, which = forms.from_json(commands.YearCorrection, asked.sent.body), _which(asked)
    commands.correct(asked.session, which, new, by=asked.by, at=asked.at)
    return Created(str(which))


def _which(asked: Asked) -> ProgrammeYear:
    return ProgrammeYear.parse(str(asked.sent.path["year"]))


routes = [of_years, of_year, set_up, correct]
