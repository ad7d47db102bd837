"""What each person sees first; councils and regions, with everything about each and whom to write to."""

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.concerns import queries as concerns
from improvement.dates import ProgrammeYear
from improvement.errors import Mistakes, NotFound
from improvement.funding import queries as funding
from improvement.local_accounts import queries as accounts
from improvement.local_accounts import rules as account_rules
from improvement.local_accounts.queries.register import register
from improvement.local_accounts.rules import Position
from improvement.mail import arrival
from improvement.mail.arrival import Unreached
from improvement.notices.queries import reach
from improvement.notices.rules.reach import by_region
from improvement.notices.rules.reach import summary as reach_summary
from improvement.overview import queries, rules, standing
from improvement.sector import commands as sector_commands
from improvement.sector import queries as sector
from improvement.sector.rules import TYPE_WORDS, Council
from improvement.web import forms, uploads
from improvement.web.drawing import weekly
from improvement.web.replies import Page, Redirect


@page("/", may=May.LOOK, of="home", closed=True)
def home(asked: Asked) -> Page:
    """What needs you now; for somebody who has not signed in, what this is and what they may read."""
    if str(accounts.FIRST_YEAR) not in accounts.years(asked.session):
        raise NotFound("The tracker has not been set up yet. Run: improvement seed")
    if not asked.by.may(May.READ):
        entries = register(asked.session, accounts.FIRST_YEAR, asked.as_at)
        return Page("overview/welcome.html", {"published": len(entries), "glance": _glance(asked)})
    tasks = queries.tasks(asked.session, asked.by, asked.as_at)
    tasks += [] if asked.looking_back else queries.not_reached(asked.session, asked.by, asked.at)
    shows = {
        "tasks": [(task, rules.flag(task, asked.as_at.on)) for task in tasks],
        "summary": rules.summary(tasks, asked.as_at.on),
        "glance": _glance(asked),
        "mou": queries.money(asked.session, asked.as_at) if funding.sees_all(asked.by) else None,
        "of_mou": queries.of_the_day(asked.session, asked.as_at),
        "concerns": _concern_counts(asked) if asked.by.may(May.READ_CONCERNS) else None,
    }
    return Page("overview/home.html", shows)


def _glance(asked: Asked) -> dict[str, object]:
    which = accounts.FIRST_YEAR
    about = accounts.year(asked.session, which)
    stand = accounts.standings(asked.session, which, asked.as_at)
    counts = accounts.counts(stand)
    return {
        "about": about,
        "words": account_rules.words(about.deadline),
        "counts": counts,
        "total": len(stand),
        "published": counts[Position.ON_TIME] + counts[Position.LATE],
        "confirmed": sum(one.sureness == "confirmed" for one in stand.values()),
        "kept": counts[Position.ON_TIME] + counts[Position.EXPECTED_BY],
        "trend": weekly(
            (one.day, one.councils, one.projected) for one in accounts.trend(asked.session, which, asked.as_at)
        ),
    }


def _concern_counts(asked: Asked) -> dict[str, int]:
    rows = concerns.concerns(asked.session, asked.by, asked.as_at)
    actions = concerns.actions(asked.session, asked.by, asked.as_at)
    return {
        "open": sum(row.state not in ("closed", "accepted") for row in rows),
        "bare": sum(row.state == "open" for row in rows),
        "late": sum(row.overdue for row in actions),
    }


@page("/councils/{council:str}", may=May.LOOK, of="council", closed=True)
def council(asked: Asked) -> Page:
    """Everything about one council: what it is, what came before and after, its account, its concerns."""
    found = sector.council(asked.session, str(asked.sent.path["council"]), asked.as_at.known_at)
    everyone, which = sector.all_councils(asked.session, asked.as_at.known_at), accounts.FIRST_YEAR
    stand = accounts.standings(asked.session, which, asked.as_at).get(found.slug)
    whole = accounts.in_full(asked.by, found)
    about = accounts.year(asked.session, which, asked.as_at.known_at)
    shows = {
        "council": found,
        "type_words": TYPE_WORDS,
        "before": [everyone[slug] for slug in found.predecessors],
        "after": [everyone[slug] for slug in found.successors],
        "in_being": found.in_being(asked.as_at.on),
        "stand": stand if asked.by.may(May.READ) or (stand and stand.published_on) else None,
        "words": account_rules.words(about.deadline),
        "about": about,
        "whole": whole,
        "contacts": sector.contacts(asked.session, found.slug) if whole else [],
        "missed": arrival.unreached(asked.session) if whole else {},
        "chains": concerns.chains(asked.session, asked.by, asked.as_at, council=found.slug)
        if asked.by.may(May.READ_CONCERNS)
        else [],
        "names": access.names(asked.session) if whole else {},
    }
    return Page("overview/council.html", shows)


@page("/regions/{region:str}", may=May.LOOK, of="region", closed=True)
def region(asked: Asked) -> Page:
    """One region: its councils and where each stands, and its money for those who may see it."""
    found = sector.region(asked.session, str(asked.sent.path["region"]))
    which = ProgrammeYear(accounts.FIRST_YEAR.starts)
    about = accounts.year(asked.session, which)
    rows = [row for row in accounts.rows(asked.session, which, asked.as_at, asked.by) if row.region == found.slug]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.position] = counts.get(row.position, 0) + 1
    sees_money = queries.money(asked.session, asked.as_at) is not None and funding.may_see(asked.by, found.slug)
    lines = funding.lines(asked.session, asked.as_at) if sees_money else []
    can_see = asked.by.role_for(May.READ_NOTICES, region=found.slug) is not None and not asked.looking_back
    reached = reach.sight(asked.session, asked.by, asked.at, found.slug).councils if can_see else []
    shows = {
        "region": found,
        "reached": by_region(reached)[0] if reached else None,
        "reach_summary": reach_summary(reached),
        "about": about,
        "rows": rows if asked.by.may(May.READ) else [row for row in rows if row.published_on],
        "total": len(rows),
        "counts": counts,
        "words": account_rules.words(about.deadline),
        "now": [one for one in sector.councils(asked.session, asked.as_at) if one.region == found.slug],
        "line": next((line for line in lines if line.region == found.slug), None),
        "sees_money": sees_money,
        "of_mou": queries.of_the_day(asked.session, asked.as_at),
    }
    return Page("overview/region.html", shows)


@page("/councils", may=May.LOOK, of="councils")
def all_councils(asked: Asked) -> Page:
    """The councils in being on a day, by name, filtered by region, type and words."""
    found = sector.councils(asked.session, asked.as_at)
    wanted = {name: asked.query.get(name, "") for name in ("q", "region", "type")}
    shown = [
        council
        for council in found
        if wanted["q"].lower() in f"{council.name} {council.official_name}".lower()
        and wanted["region"] in ("", council.region)
        and wanted["type"] in ("", council.council_type)
    ]
    shows = {"councils": shown, "total": len(found), "wanted": wanted, "type_words": TYPE_WORDS}
    shows["may_import"] = asked.by.role_for(May.EDIT_CONTACTS) is not None and not asked.looking_back
    return Page("overview/councils.html", {**shows, "region_choices": region_choices(asked)})


def region_choices(asked: Asked) -> list[tuple[str, str]]:
    """The regions, to choose from."""
    return [(region.slug, region.name) for region in sector.regions(asked.session).values()]


def _own(asked: Asked) -> Council:
    """The council an address names, if its contacts are this person's to see. Raises `NotFound` or `NotAllowed`."""
    council = sector.council(asked.session, str(asked.sent.path["council"]))
    asked.by.acting(May.EDIT_CONTACTS, region=council.region, council=council.slug)
    return council


@ask("/councils/{council:str}/contacts", may=May.EDIT_CONTACTS, of="contacts")
def contacts(asked: Asked) -> Page:
    """Ask whom to write to in a council, with those there are filled in."""
    council = _own(asked)
    typed: dict[str, str] = {}
    for one in sector.contacts(asked.session, council.slug):
        field = sector_commands.FIELDS[one.post]
        typed |= {f"{field}_name": one.name, f"{field}_email": one.email}
    missed = _missed(asked, council)
    shows = {"council": council, "posts": sector_commands.FIELDS, "typed": typed, "missed": missed}
    return Page("overview/contacts.html", shows)


def _missed(asked: Asked, council: Council) -> list[tuple[sector.Contact, Unreached]]:
    """The contacts of a council that our last message did not reach."""
    missed, every = arrival.unreached(asked.session), sector.contacts(asked.session, council.slug)
    return [(one, missed[one.email.lower()]) for one in every if one.email.lower() in missed]


@form("/councils/{council:str}/contacts", may=May.EDIT_CONTACTS, of="contacts", asks=contacts)
def set_contacts(asked: Asked) -> Redirect:
    """Keep whom to write to."""
    council = _own(asked)
    sector_commands.set_contacts(
        asked.session, council.slug, forms.read(sector_commands.ThreeContacts, asked.typed), by=asked.by
    )
    return Redirect(f"/councils/{council.slug}", "The contacts are saved.")


@ask("/councils/{council:str}/contacts/try-again", may=May.EDIT_CONTACTS, of="contacts")
def trying_again(asked: Asked) -> Page:
    """Ask whether a council's contacts are to be written to again, although messages to them came back."""
    council = _own(asked)
    missed = _missed(asked, council)
    if not missed:
        raise NotFound(f"No message to the contacts of {council.name} has come back.")
    return Page("overview/try_again.html", {"council": council, "missed": missed})


@form("/councils/{council:str}/contacts/try-again", may=May.EDIT_CONTACTS, of="contacts", asks=trying_again)
def try_again(asked: Asked) -> Redirect:
    """Write to a council's contacts again."""
    council = _own(asked)
    sector_commands.try_contacts_again(asked.session, council.slug, by=asked.by)
    return Redirect(f"/councils/{council.slug}", f"Reminders go to the contacts of {council.name} again.")


@ask("/councils/contacts/import", may=May.EDIT_CONTACTS, of="contacts")
def contacts_file(asked: Asked) -> Page:
    """Ask for a file of contacts of many councils."""
    asked.by.acting(May.EDIT_CONTACTS)
    return Page("overview/contacts_file.html", {"columns": sector_commands.COLUMNS, "posts": sector_commands.POSTS})


@form("/councils/contacts/import", may=May.EDIT_CONTACTS, of="contacts", asks=contacts_file, takes_files=True)
def load_contacts(asked: Asked) -> Redirect:
    """Keep every contact in the file, or none."""
    asked.by.acting(May.EDIT_CONTACTS)
    sent = asked.file("file")
    if not sent:
        raise Mistakes({"file": "Choose a file with contacts."})
    loaded = sector_commands.load_contacts(asked.session, uploads.as_text(sent), by=asked.by)
    return Redirect("/councils", f"{loaded} {'contact is' if loaded == 1 else 'contacts are'} saved.")


routes = [
    *(home, council, region, all_councils, contacts, set_contacts, trying_again, try_again),
    *(contacts_file, load_contacts, *standing.routes),
]
