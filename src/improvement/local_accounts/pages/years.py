"""Programme years: what their accounts are asked about, set up one from another."""

from datetime import date
from urllib.parse import urlencode

import msgspec

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.dates import ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.commands import years as commands
from improvement.local_accounts.queries import programme
from improvement.local_accounts.rules.years import FIRST, Contents
from improvement.web import forms
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page, Redirect


@page("/local-accounts", may=May.READ, of="local accounts")
def newest_year(asked: Asked) -> Redirect:
    """To the newest year that has begun, or where years are set up."""
    newest = programme.newest_begun(asked.session, asked.as_at)
    return Redirect(f"/local-accounts/{newest or 'years'}" + (f"?{urlencode(asked.query)}" if asked.query else ""))


@page("/local-accounts/years", may=May.READ, of="programme years")
def of_years(asked: Asked) -> Page:
    """Every programme year: its deadline, the period it suggests, its councils and how many have published."""
    rows, may = programme.of_years(asked.session, asked.as_at), asked.by.may(May.SET_YEARS) and not asked.looking_back
    return Page("local_accounts/years.html", {"rows": rows, "may_set": may, "next": _next(asked)})


@page("/local-accounts/years/list.csv", may=May.READ, of="programme years")
def as_file(asked: Asked) -> File:
    """The programme years, for a spreadsheet."""
    rows = (msgspec.structs.astuple(row) for row in programme.of_years(asked.session, asked.as_at))
    return File(as_csv(programme.YearRow.__struct_fields__, rows), "text/csv", "programme-years.csv")


@page("/local-accounts/years/{year:str}", may=May.READ, of="programme years")
def of_year(asked: Asked) -> Page:
    """One programme year as it was set up, and every version there was of it."""
    which = _which(asked)
    shows = {
        "about": queries.year(asked.session, which, asked.as_at.known_at),
        "contents": programme.contents(asked.session, which, asked.as_at),
        "letter": programme.contents(asked.session, which, asked.as_at) == programme.THE_LETTERS,
        "councils": len(queries.expected(asked.session, which, asked.as_at.known_at)),
        "versions": programme.versions(asked.session, which, asked.as_at),
        "names": access.names(asked.session),
        "may_set": asked.by.may(May.SET_YEARS) and not asked.looking_back,
    }
    return Page("local_accounts/year.html", shows)


@ask("/local-accounts/years/new", may=May.SET_YEARS, of="programme years")
def new_year(asked: Asked) -> Page:
    """Ask for a year, prepared from the one before."""
    which = _next(asked)
    before = programme.year_before(asked.session, which)
    contents = programme.contents(asked.session, before) if before else programme.THE_LETTERS
    period = ProgrammeYear(which.starts - 1)
    days = {
        "deadline": date(which.starts, 12, 31),
        "period_from": period.first_day,
        "period_to": period.last_day,
    }
    typed = {"year": str(which), **_typed(days), **_lines(contents)}
    return Page(
        "local_accounts/new_year.html",
        {"typed": typed, "before": before, "choices": [(str(one), one.on_screen) for one in _choices(asked)]},
    )


@form("/local-accounts/years/new", may=May.SET_YEARS, of="programme years", asks=new_year)
def set_up(asked: Asked) -> Redirect:
    """Set up the year."""
    which = commands.set_up(asked.session, forms.read(commands.NewYear, asked.typed), by=asked.by, at=asked.at)
    return Redirect(f"/local-accounts/years/{which}", f"The year {which.on_screen} is set up.")


@ask("/local-accounts/years/{year:str}/correct", may=May.SET_YEARS, of="programme years")
def new_correction(asked: Asked) -> Page:
    """Show a year as it was set up, to put it right."""
    which = _which(asked)
    about = queries.year(asked.session, which)
    days = {name: getattr(about, name) for name in ("deadline", "period_from", "period_to")}
    typed = {
        **_typed(days),
        **_lines(programme.contents(asked.session, which)),
        "made_from": commands.made_from(asked.session, which),
    }
    return Page("local_accounts/correct_year.html", {"typed": typed, "about": about})


@form("/local-accounts/years/{year:str}/correct", may=May.SET_YEARS, of="programme years", asks=new_correction)
def correct(asked: Asked) -> Redirect:
    """Record the correction."""
    which, new = _which(asked), forms.read(commands.YearCorrection, asked.typed)
    commands.correct(asked.session, which, new, by=asked.by, at=asked.at)
    return Redirect(f"/local-accounts/years/{which}", "The correction is recorded. The earlier version is kept.")


def _which(asked: Asked) -> ProgrammeYear:
    return ProgrammeYear.parse(str(asked.sent.path["year"]))


def _choices(asked: Asked) -> list[ProgrammeYear]:
    """The years that may be set up: those not set up yet, up to the one after the last."""
    there = {one.year for one in queries.years(asked.session).values()}
    last = max([ProgrammeYear.of(asked.as_at.on), *there]).starts + 1
    return [year for starts in range(FIRST.starts, last + 1) if (year := ProgrammeYear(starts)) not in there]


def _next(asked: Asked) -> ProgrammeYear:
    """The year to set up next: the one after the last, or the first of all."""
    there = queries.years(asked.session).values()
    return ProgrammeYear(max(one.year for one in there).starts + 1) if there else FIRST


def _typed(days: dict[str, date]) -> dict[str, str]:
    """Days as a form would send them."""
    parts = ("day", "month", "year")
    return {f"{name}-{part}": str(getattr(day, part)) for name, day in days.items() for part in parts}


def _lines(contents: Contents) -> dict[str, str]:
    return {"themes": "\n".join(contents.themes), "questions": "\n".join(contents.questions)}


routes = [newest_year, of_years, as_file, new_year, set_up, of_year, new_correction, correct]
