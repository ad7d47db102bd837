"""The readings of an account: what stands, where readers differ, what the council says; and one in full."""

from uuid import UUID

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.dates import ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.commands import readings as commands
from improvement.local_accounts.commands import readings_replies
from improvement.local_accounts.pages import readings_forms, readings_reply
from improvement.local_accounts.queries import readings as told
from improvement.local_accounts.rules import readings, readings_compared
from improvement.sector.rules import Council
from improvement.web import forms
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page, Redirect

HERE = "/local-accounts/{year:str}/{council:str}/readings"


def _council(asked: Asked) -> tuple[ProgrammeYear, Council]:
    """The year and the council of an address, for those who see it in full. Raises `NotFound`."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    council = queries.of_council(asked.session, which, str(asked.sent.path["council"]), asked.as_at)[0]
    if not queries.in_full(asked.by, council):
        raise readings.NoSuchReading(f"Readings are for {council.name}, its region and the secretariat.")
    return which, council


def _shown(asked: Asked) -> dict[str, object]:
    """What every page about the readings of one account shows."""
    which, council = _council(asked)
    account = f"/local-accounts/{which}/{council.slug}"
    return {
        "council": council,
        "about": queries.year(asked.session, which),
        "account": account,
        "here": f"{account}/readings",
        "of": told.of_council(asked.session, which, council.slug, asked.as_at),
        "names": access.names(asked.session),
        "may_read": not asked.looking_back and _may_read(asked, council) is not None,
    }


def _may_read(asked: Asked, council: Council) -> object:
    return asked.by.role_for(May.CONFIRM_ACCOUNTS, region=council.region, council=council.slug)


@page(HERE, may=May.READ, of="readings of an account")
def of_account(asked: Asked) -> Page:
    """The reading that stands beside what the council says to it; differences; and every reading there was."""
    which, council = _council(asked)
    shows = _shown(asked)
    of = told.of_council(asked.session, which, council.slug, asked.as_at)
    stands = of.stands
    both = {one.recorded_by: one.kind for one in (of.first, of.second) if one}
    role = asked.by.role_for(May.CONFIRM_ACCOUNTS, region=council.region, council=council.slug)
    earlier = [reply for (reading, _), reply in of.replies.items() if stands is None or reading != stands.id]
    shows |= {
        "stands": stands,
        "items": _items(asked, which, stands),
        "answered": readings_compared.answered(stands.themes) if stands else 0,
        "were_reconciled": any(one.reading.kind is readings.Kind.RECONCILED for one in of.versions),
        "earlier": sorted(earlier, key=lambda reply: reply.recorded_at, reverse=True),
        "published": bool(queries.publications_of(asked.session, which, council.slug, asked.as_at)),
        "may_reconcile": shows["may_read"] and len(both) == 2 and commands.may_reconcile(asked.by, role, both),
        "may_reply": not asked.looking_back and stands and readings_replies.speaks_for(asked.by, council.slug),
    }
    return Page("local_accounts/readings.html", shows)


@page(HERE + "/answers.csv", may=May.READ, of="readings of an account")
def as_file(asked: Asked) -> File:
    """What the reading that stands says, and what the council says to it, for a spreadsheet."""
    which, council = _council(asked)
    of = told.of_council(asked.session, which, council.slug, asked.as_at)
    rows = []
    for item in _items(asked, which, of.stands):
        reply = of.replies.get((of.stands.id, item.about)) if of.stands else None
        said = ("", "", "") if reply is None else ("yes" if reply.agrees else "no", reply.evidence, reply.address)
        rows.append((item.group, item.label, item.says, item.where, item.quotation, *said))
    names = ("group", "asked_about", "says", "where", "quotation", "council_agrees", "evidence", "address")
    return File(as_csv(names, rows), "text/csv", f"reading-{which}-{council.slug}.csv")


def _items(asked: Asked, which: ProgrammeYear, reading: readings.Reading | None) -> list[readings_compared.Item]:
    questions = told.asked_about(asked.session, which, asked.as_at.known_at).questions
    return readings_compared.items(reading, questions) if reading else []


@page(HERE + "/{fact:uuid}", may=May.READ, of="reading of an account")
def one_reading(asked: Asked) -> Page:
    """One reading in full, with what the council says to it."""
    which, council = _council(asked)
    of, fact = told.of_council(asked.session, which, council.slug, asked.as_at), UUID(str(asked.sent.path["fact"]))
    found = next((one for one in of.versions if one.reading.id == fact), None)
    if found is None:
        raise readings.NoSuchReading("There is no such reading of this account on that day.")
    shows = {"version": found, "items": _items(asked, which, found.reading)}
    return Page("local_accounts/reading.html", {**_shown(asked), **shows})


@ask(HERE + "/{fact:uuid}/take-back", may=May.CONFIRM_ACCOUNTS, of="reading of an account")
def ask_why(asked: Asked) -> Page:
    """Ask why a reading is taken back."""
    which, council = _council(asked)
    fact = commands.reading_to_take_back(
        asked.session, which, council.slug, UUID(str(asked.sent.path["fact"])), by=asked.by
    )
    return Page("local_accounts/reading_take_back.html", {**_shown(asked), "fact": fact})


@form(HERE + "/{fact:uuid}/take-back", may=May.CONFIRM_ACCOUNTS, of="reading of an account", asks=ask_why)
def take_back(asked: Asked) -> Redirect:
    """Take a reading back."""
    which, council = _council(asked)
    why, fact = forms.read(commands.Why, asked.typed), UUID(str(asked.sent.path["fact"]))
    commands.take_back(asked.session, which, council.slug, fact, why.reason, by=asked.by, at=asked.at)
    return Redirect(f"/local-accounts/{which}/{council.slug}/readings", "The reading is taken back. It is kept below.")


routes = [of_account, as_file, one_reading, ask_why, take_back, *readings_forms.routes, *readings_reply.routes]
