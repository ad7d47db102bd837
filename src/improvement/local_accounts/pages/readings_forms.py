"""Reading an account: one form for a first or a second reading, and for the reconciled one."""

from uuid import UUID

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.commands import readings as commands
from improvement.local_accounts.pages import readings_typed as entering
from improvement.local_accounts.queries import readings as told
from improvement.local_accounts.rules import readings, readings_compared
from improvement.sector.rules import Council
from improvement.web.replies import Page, Redirect

HERE = "/local-accounts/{year:str}/{council:str}/readings"


def _council(asked: Asked) -> tuple[ProgrammeYear, Council]:
    """The year and the council to read, if this person reads it. Raises `NotFound` or `NotAllowed`."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    council = queries.of_council(asked.session, which, str(asked.sent.path["council"]), AsAt(asked.as_at.on))[0]
    asked.by.acting(May.CONFIRM_ACCOUNTS, region=council.region, council=council.slug)
    return which, council


def _shown(asked: Asked) -> dict[str, object]:
    which, council = _council(asked)
    now = AsAt(asked.as_at.on)
    before = told.year_before(asked.session, which, council.slug, now)
    year = told.asked_about(asked.session, which)
    return {
        "council": council,
        "about": queries.year(asked.session, which),
        "here": f"/local-accounts/{which}/{council.slug}/readings",
        "themes": year.themes,
        "questions": year.questions,
        "publications": queries.publications_of(asked.session, which, council.slug, now),
        "before": {item.about: item for item in readings_compared.items(before, year.questions)} if before else {},
        "choices": entering.CHOICES,
        "balance": readings.BALANCE,
        "differing": {},
    }


@ask(HERE + "/new", may=May.CONFIRM_ACCOUNTS, of="reading of an account")
def new_reading(asked: Asked) -> Page:
    """Ask what the account says, theme by theme: what this reader found before is there already."""
    which, council = _council(asked)
    of = told.of_council(asked.session, which, council.slug, AsAt(asked.as_at.on))
    mine = next((one for one in (of.first, of.second) if one and one.recorded_by == asked.by.id), None)
    shows = _shown(asked)
    shows["mine"] = mine
    shows["answered"] = readings_compared.answered(mine.themes) if mine else 0
    shows["typed"] = entering.as_typed(mine, told.asked_about(asked.session, which)) if mine else {}
    return Page("local_accounts/new_reading.html", shows)


@form(HERE + "/new", may=May.CONFIRM_ACCOUNTS, of="reading of an account", asks=new_reading)
def read(asked: Asked) -> Redirect:
    """Record a reading."""
    which, council = _council(asked)
    new = entering.read(asked.typed, told.asked_about(asked.session, which))
    fact = commands.read(asked.session, which, council.slug, new, by=asked.by, at=asked.at)
    return Redirect(_at(which, council, fact), "The reading is recorded.")


def _two(asked: Asked) -> tuple[readings.Reading, readings.Reading]:
    """The two readings to reconcile. Raises `NotTwoReadings`."""
    which, council = _council(asked)
    of = told.of_council(asked.session, which, council.slug, AsAt(asked.as_at.on))
    if of.first is None or of.second is None:
        raise readings.NotTwoReadings("There is nothing to reconcile until two people have read the same publication.")
    return of.first, of.second


@ask(HERE + "/reconcile", may=May.CONFIRM_ACCOUNTS, of="reading of an account")
def new_reconciled(asked: Asked) -> Page:
    """Ask what counts: what two readings agree on is there already."""
    which, _ = _council(asked)
    first, second = _two(asked)
    year = told.asked_about(asked.session, which)
    shows = _shown(asked)
    differing = {one.first.about: one for one in readings_compared.differences(first, second, year.questions)}
    shows |= {"differing": differing, "first": first, "second": second, "names": access.names(asked.session)}
    shows["typed"] = entering.as_agreed(first, second, year)
    return Page("local_accounts/reconcile_readings.html", shows)


@form(HERE + "/reconcile", may=May.CONFIRM_ACCOUNTS, of="reading of an account", asks=new_reconciled)
def reconcile(asked: Asked) -> Redirect:
    """Record the reconciled reading."""
    which, council = _council(asked)
    first, second = _two(asked)
    year = told.asked_about(asked.session, which)
    typed = {**asked.typed, "publication": str(first.publication)}
    new = entering.read(typed, year, entering.undecided(typed, first, second, year))
    fact = commands.read(asked.session, which, council.slug, new, by=asked.by, at=asked.at)
    return Redirect(_at(which, council, fact), "The reconciled reading is recorded. Both others are kept.")


def _at(which: ProgrammeYear, council: Council, fact: UUID) -> str:
    return f"/local-accounts/{which}/{council.slug}/readings/{fact}"


routes = [new_reading, read, new_reconciled, reconcile]
