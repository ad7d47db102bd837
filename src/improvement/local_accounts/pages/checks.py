"""That an entry is still correct: said by a coordinator, or by the council through a link."""

from uuid import UUID

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts import queries, rules
from improvement.local_accounts.commands import checks as commands
from improvement.local_accounts.rules.checks import LASTS, POST
from improvement.sector.rules import Council
from improvement.web import forms
from improvement.web.filters import one_of
from improvement.web.replies import Page, Redirect

OF = "local account"
HERE = "/local-accounts/{year:str}/{council:str}/checks"
LINK = "/accounts/confirm/{token:str}"


def _entry(asked: Asked, which: ProgrammeYear, council: Council) -> dict[str, object]:
    """A council's entry as anybody may see it."""
    today, about = AsAt(asked.as_at.on), queries.year(asked.session, which)
    _, stand = queries.of_council(asked.session, which, council.slug, today)
    return {
        "about": about,
        "council": council,
        "stand": stand,
        "words": rules.words(about.deadline),
        "publications": queries.publications_of(asked.session, which, council.slug, today),
        "here": f"/local-accounts/{which}/{council.slug}",
    }


def _own(asked: Asked) -> dict[str, object]:
    """The entry an address names, if it is this person's to look after. Raises `NotFound` or `NotAllowed`."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    council = queries.on_list(asked.session, which, str(asked.sent.path["council"]))
    asked.by.acting(May.RECORD_ACCOUNTS, region=council.region, council=council.slug)
    return _entry(asked, which, council)


def _which(asked: Asked) -> tuple[ProgrammeYear, str]:
    return ProgrammeYear.parse(str(asked.sent.path["year"])), str(asked.sent.path["council"])


@ask(LINK, may=May.LOOK, of=OF)
def opened_link(asked: Asked) -> Page:
    """Opening the link records nothing, since mail scanners open links too: it shows the entry and asks."""
    opened = commands.open_link(asked.session, asked.settings, str(asked.sent.path["token"]), asked.at)
    shows = _entry(asked, opened.which, opened.council) | {"opened": opened, "until": opened.link.sent_at + LASTS}
    return Page("local_accounts/still_correct.html", shows)


@form(LINK, may=May.LOOK, of=OF, asks=opened_link)
def answer_link(asked: Asked) -> Redirect | Page:
    """Record what the council says, or send it a link that works."""
    token = str(asked.sent.path["token"])
    opened = commands.open_link(asked.session, asked.settings, token, asked.at)
    shows = {"council": opened.council, "about": queries.year(asked.session, opened.which)}
    if asked.typed.get("again") == "yes":
        commands.ask_again(asked.session, asked.settings, token, at=asked.at)
        return Page("local_accounts/answered.html", {**shows, "what": "sent", "said": one_of(asked.typed, "said")})
    new = forms.read(commands.NewCheck, asked.typed)
    if not opened.says(new):
        commands.answer_link(asked.session, asked.settings, token, new, at=asked.at)
    return Page("local_accounts/answered.html", {**shows, "what": "correct" if new.correct else "wrong"})


@ask(f"{HERE}/new", may=May.RECORD_ACCOUNTS, of=OF)
def new_check(asked: Asked) -> Page:
    """Show the entry to somebody signed in, and ask whether it is still correct."""
    return Page("local_accounts/new_check.html", _own(asked))


@form(f"{HERE}/new", may=May.RECORD_ACCOUNTS, of=OF, asks=new_check)
def check_entry(asked: Asked) -> Redirect:
    """Record that the entry is still correct."""
    which, slug = _which(asked)
    commands.check_entry(asked.session, which, slug, commands.NewCheck(True), by=asked.by, at=asked.at)
    return Redirect(f"/local-accounts/{which}/{slug}", "It is recorded that the entry is still correct.")


@ask(f"{HERE}/ask", may=May.RECORD_ACCOUNTS, of=OF)
def new_asking(asked: Asked) -> Page:
    """Show whom we would ask to confirm the entry."""
    shows, (which, slug) = _own(asked), _which(asked)
    contact = commands.contact_of(asked.session, slug)
    council = queries.on_list(asked.session, which, slug)
    before = commands.asked_at(asked.session, which, council, contact) if contact else None
    return Page("local_accounts/ask_council.html", {**shows, "contact": contact, "post": POST, "before": before})


@form(f"{HERE}/ask", may=May.RECORD_ACCOUNTS, of=OF, asks=new_asking)
def ask_council(asked: Asked) -> Redirect:
    """Write to the council’s contact with a link to confirm its entry."""
    which, slug = _which(asked)
    commands.ask_council(asked.session, asked.settings, which, slug, by=asked.by, at=asked.at)
    return Redirect(f"/local-accounts/{which}/{slug}", "The council is asked to confirm its entry.")


@ask(f"{HERE}/{{fact:uuid}}/take-back", may=May.RECORD_ACCOUNTS, of=OF)
def taking_back(asked: Asked) -> Page:
    """Ask why what was said of the entry is taken back."""
    shows, (which, slug) = _own(asked), _which(asked)
    fact = UUID(str(asked.sent.path["fact"]))
    said, _ = commands.check_to_take_back(asked.session, which, slug, fact, by=asked.by)
    return Page("local_accounts/take_back.html", {**shows, "said": said, "names": access.names(asked.session)})


@form(f"{HERE}/{{fact:uuid}}/take-back", may=May.RECORD_ACCOUNTS, of=OF, asks=taking_back)
def take_back(asked: Asked) -> Redirect:
    """Take back what was said of the entry."""
    which, slug = _which(asked)
    new, fact = forms.read(commands.NewTakingBack, asked.typed), UUID(str(asked.sent.path["fact"]))
    commands.take_back(asked.session, which, slug, fact, new, by=asked.by, at=asked.at)
    return Redirect(f"/local-accounts/{which}/{slug}", "What was said of the entry is taken back.")


routes = [opened_link, answer_link, new_check, check_entry, new_asking, ask_council, taking_back, take_back]
