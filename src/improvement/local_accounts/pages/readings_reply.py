"""A council's right of reply: everything the reading that stands says, to agree or disagree with one by one."""

from collections.abc import Sequence
from uuid import UUID

from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May
from improvement.dates import AsAt, ProgrammeYear
from improvement.errors import Mistakes, NotAllowed
from improvement.local_accounts import queries
from improvement.local_accounts.commands import readings_replies as commands
from improvement.local_accounts.commands.readings import Why
from improvement.local_accounts.queries import readings as told
from improvement.local_accounts.rules import readings, readings_compared
from improvement.local_accounts.rules.readings_compared import Item
from improvement.sector.rules import Council
from improvement.web import forms
from improvement.web.filters import one_of
from improvement.web.replies import Page, Redirect

HERE = "/local-accounts/{year:str}/{council:str}/readings/reply"
AGREES = {"agree": True, "disagree": False}


def _council(asked: Asked) -> tuple[ProgrammeYear, Council]:
    """The year and the council, for its own officers. Raises `NotFound` or `NotAllowed`."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    council = queries.of_council(asked.session, which, str(asked.sent.path["council"]), AsAt(asked.as_at.on))[0]
    asked.by.acting(May.RECORD_ACCOUNTS, region=council.region, council=council.slug)
    if not commands.speaks_for(asked.by, council.slug):
        raise NotAllowed(f"Only {council.name} itself replies to a reading of its account.")
    return which, council


def _standing(asked: Asked) -> tuple[told.OfCouncil, readings.Reading, Sequence[Item]]:
    which, council = _council(asked)
    of = told.of_council(asked.session, which, council.slug, AsAt(asked.as_at.on))
    if of.stands is None:
        raise readings.NotStanding("There is no reading to reply to yet.")
    return of, of.stands, readings_compared.items(of.stands, told.asked_about(asked.session, which).questions)


@ask(HERE, may=May.RECORD_ACCOUNTS, of="reading of an account")
def new_replies(asked: Asked) -> Page:
    """Ask what the council says to each thing the reading says: what it said before is there already."""
    which, council = _council(asked)
    of, stands, items = _standing(asked)
    typed: dict[str, str] = {"reading": str(stands.id)}
    for place, item in enumerate(items, start=1):
        if said := of.replies.get((stands.id, item.about)):
            typed[f"agrees-{place}"] = "agree" if said.agrees else "disagree"
            typed |= {f"evidence-{place}": said.evidence, f"address-{place}": said.address}
    shows = {
        "council": council,
        "about": queries.year(asked.session, which),
        "here": f"/local-accounts/{which}/{council.slug}/readings",
        "stands": stands,
        "items": items,
        "typed": typed,
    }
    return Page("local_accounts/reply_to_reading.html", shows)


@form(HERE, may=May.RECORD_ACCOUNTS, of="reading of an account", asks=new_replies)
def reply(asked: Asked) -> Redirect:
    """Record what the council says."""
    which, council = _council(asked)
    _, stands, items = _standing(asked)
    if one_of(asked.typed, "reading") != str(stands.id):
        raise readings.NotStanding("Another reading stands since. Open the page again to see what it says.")
    new = commands.NewReplies(stands.id, _typed(asked.typed, items))
    commands.reply(asked.session, which, council.slug, new, by=asked.by, at=asked.at)
    here = f"/local-accounts/{which}/{council.slug}/readings"
    return Redirect(here, "Your reply is recorded. It stands beside the reading.")


def _typed(typed: forms.Typed, items: Sequence[Item]) -> list[commands.NewReply]:
    """The replies that were typed. Raises `Mistakes` when something is written beside no mark."""
    replies, unmarked = [], {}
    for place, item in enumerate(items, start=1):
        marked = one_of(typed, f"agrees-{place}")
        said = [one_of(typed, f"{name}-{place}").strip() for name in ("evidence", "address")]
        if marked not in AGREES and any(said):
            unmarked[f"agrees-{place}"] = f"{item.label}: select agree or disagree."
        if marked in AGREES:
            replies.append(commands.NewReply(item.about, AGREES[marked], *said))
        elif one_of(typed, "rest") == "agree":
            replies.append(commands.NewReply(item.about, True))
    if unmarked:
        places = {item.about: place for place, item in enumerate(items, start=1)}
        found = [commands.mistakes_of(one, places[one.about]) for one in replies]
        raise Mistakes({field: said for one in [unmarked, *found] for field, said in one.items()})
    return replies


TAKE_BACK = "/local-accounts/{year:str}/{council:str}/readings/replies/{fact:uuid}/take-back"


@ask(TAKE_BACK, may=May.RECORD_ACCOUNTS, of="reading of an account")
def ask_why(asked: Asked) -> Page:
    """Ask why the council takes back what it replied."""
    which, council = _council(asked)
    fact = UUID(str(asked.sent.path["fact"]))
    shows = {
        "council": council,
        "about": queries.year(asked.session, which),
        "here": f"/local-accounts/{which}/{council.slug}/readings",
        "reply": commands.reply_to_take_back(asked.session, which, council.slug, fact, by=asked.by),
    }
    return Page("local_accounts/reply_take_back.html", shows)


@form(TAKE_BACK, may=May.RECORD_ACCOUNTS, of="reading of an account", asks=ask_why)
def take_back(asked: Asked) -> Redirect:
    """Take a reply back."""
    which, council = _council(asked)
    why, fact = forms.read(Why, asked.typed), UUID(str(asked.sent.path["fact"]))
    commands.take_back(asked.session, which, council.slug, fact, why.reason, by=asked.by, at=asked.at)
    here = f"/local-accounts/{which}/{council.slug}/readings"
    return Redirect(here, "Your reply is taken back. It is kept in the history.")


routes = [new_replies, reply, ask_why, take_back]
