"""People as the secretariat looks after them, and one's own page."""

from urllib.parse import urlencode

import msgspec

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May, Role
from improvement.errors import Mistakes, NotFound
from improvement.people import commands, queries, rules
from improvement.sector import queries as sector
from improvement.web import forms
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page, Redirect

SHOWN = 50
TOKEN_DAYS = [("30", "30 days"), ("90", "90 days"), ("365", "A year")]


@page("/people", may=May.MANAGE_PEOPLE, of="people", closed=True)
def people(asked: Asked) -> Page:
    """Everybody with their roles, and what waits for a second person."""
    wanted, every = _wanted(asked), queries.everybody(asked.session)
    kept = queries.found(every, wanted, asked.as_at.on)
    after = asked.query.get("after", "")
    start = next((place for place, row in enumerate(kept, start=1) if str(row.id) == after), 0)
    shown = kept[start : start + SHOWN]
    asks = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value}
    more = {**asks, "after": shown[-1].id} if start + SHOWN < len(kept) else None
    shows = {
        "rows": shown,
        "found": len(kept),
        "here": sum(row.left_on is None for row in every),
        "waiting": [(row, role) for row in every for role in row.waiting],
        "wanted": wanted,
        "role_choices": [(role.value, words) for role, words in rules.WORDS.items()],
        "seen_choices": [(seen.value, words) for seen, words in rules.SEEN_WORDS.items()],
        "next_href": f"/people?{urlencode(more)}" if more else None,
        "ending": f"?{urlencode(asks)}" if asks else "",
    }
    return Page("people/people.html", shows)


def _wanted(asked: Asked) -> queries.Wanted:
    return queries.wanted_of(asked.query)


@page("/people/list.csv", may=May.MANAGE_PEOPLE, of="people", closed=True)
def as_file(asked: Asked) -> File:
    """The people as the list was filtered, as a spreadsheet."""
    rows = queries.listed(asked.session, _wanted(asked), asked.as_at.on)
    return File(as_csv(queries.Listed.__struct_fields__, queries.printed(rows)), "text/csv", "people.csv")


def _choices(asked: Asked) -> dict[str, object]:
    roles = [(role.value, words, rules.MAY_DO[role]) for role, words in rules.WORDS.items()]
    councils = sector.councils(asked.session, asked.as_at)
    return {
        "roles": roles,
        "two_people": rules.TWO_PEOPLE,
        "regions": [(region.slug, region.name) for region in sector.regions(asked.session).values()],
        "councils": [(council.slug, council.name) for council in councils],
    }


@ask("/people/invite", may=May.MANAGE_PEOPLE, of="people")
def inviting(asked: Asked) -> Page:
    """Ask whom to invite, and as what."""
    return Page("people/invite.html", _choices(asked))


@form("/people/invite", may=May.MANAGE_PEOPLE, of="people", asks=inviting)
def invite(asked: Asked) -> Redirect:
    """Invite somebody in one role."""
    new = forms.read(commands.NewPerson, asked.typed)
    id_ = commands.invite(asked.session, new, by=asked.by, at=asked.at, address=asked.settings.url)
    return Redirect(f"/people/{id_}", _given(new.name, new.role))


def _given(name: str, role: Role) -> str:
    words = rules.WORDS[role]
    if rules.takes_two(role):
        return f"{name} is proposed as “{words}”. Somebody else in the secretariat has to confirm it."
    return f"{name} has the role “{words}” now, and an e-mail that says how to sign in."


@ask("/people/import", may=May.MANAGE_PEOPLE, of="people")
def importing(asked: Asked) -> Page:
    """Ask for a file of people."""
    return Page("people/import.html", {"columns": commands.COLUMNS})


@form("/people/import", may=May.MANAGE_PEOPLE, of="people", asks=importing, takes_files=True)
def import_file(asked: Asked) -> Redirect:
    """Invite everybody in a file, or nobody if a row has to be put right."""
    sent = asked.file("file")
    if not sent:
        raise Mistakes({"file": "Select a file."})
    text = commands.as_text(sent)
    added = commands.invite_all(asked.session, text, by=asked.by, at=asked.at, address=asked.settings.url)
    return Redirect("/people", f"Everybody in the file is here now: {added} {'row' if added == 1 else 'rows'}.")


def _number(asked: Asked, name: str) -> int:
    text = str(asked.sent.path[name])
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise NotFound("There is no such person.")
    return int(text)


def _person(asked: Asked) -> queries.Row:
    return queries.somebody(asked.session, _number(asked, "person"))


@page("/people/{person:str}", may=May.MANAGE_PEOPLE, of="person", closed=True)
def person(asked: Asked) -> Page:
    """One person: roles held, roles that wait for a second person, and what can be done."""
    return Page("people/person.html", {"person": _person(asked)})


@ask("/people/{person:str}/name", may=May.MANAGE_PEOPLE, of="person")
def renaming(asked: Asked) -> Page:
    """Ask what somebody is called."""
    found = _person(asked)
    return Page("people/name.html", {"person": found, "typed": {"name": found.name}})


@form("/people/{person:str}/name", may=May.MANAGE_PEOPLE, of="person", asks=renaming)
def rename(asked: Asked) -> Redirect:
    """Change what somebody is called."""
    id_ = _number(asked, "person")
    commands.rename(asked.session, id_, forms.read(commands.NewName, asked.typed), by=asked.by)
    return Redirect(f"/people/{id_}", "The name was changed.")


@ask("/people/{person:str}/try-again", may=May.MANAGE_PEOPLE, of="person")
def trying_again(asked: Asked) -> Page:
    """Ask whether somebody's address is to be written to again, although messages to it came back."""
    found = _person(asked)
    if found.not_reached is None:
        raise NotFound(f"No message to {found.name} has come back.")
    return Page("people/try_again.html", {"person": found})


@form("/people/{person:str}/try-again", may=May.MANAGE_PEOPLE, of="person", asks=trying_again)
def try_again(asked: Asked) -> Redirect:
    """Write to somebody's address again."""
    found = _person(asked)
    commands.try_again(asked.session, found.id, by=asked.by)
    return Redirect(f"/people/{found.id}", f"Reminders go to {found.name} again.")


@ask("/people/{person:str}/roles/new", may=May.MANAGE_PEOPLE, of="person")
def giving_role(asked: Asked) -> Page:
    """Ask which other role somebody is to have."""
    return Page("people/role.html", {"person": _person(asked), **_choices(asked)})


@form("/people/{person:str}/roles/new", may=May.MANAGE_PEOPLE, of="person", asks=giving_role)
def give_role(asked: Asked) -> Redirect:
    """Give somebody another role."""
    found, new = _person(asked), forms.read(commands.NewRole, asked.typed)
    address = asked.settings.url
    commands.give_role(asked.session, found.id, new, by=asked.by, at=asked.at, address=address)
    return Redirect(f"/people/{found.id}", _given(found.name, new.role))


def _role(asked: Asked) -> tuple[queries.Row, queries.Role]:
    found, wanted = _person(asked), _number(asked, "role")
    role = next((role for role in (*found.roles, *found.waiting) if role.id == wanted), None)
    if role is None:
        raise NotFound(f"{found.name} does not hold this role, and does not wait for it.")
    return found, role


@ask("/people/{person:str}/roles/{role:str}/confirm", may=May.MANAGE_PEOPLE, of="person")
def confirming(asked: Asked) -> Page:
    """Ask a second person whether somebody is to have a role."""
    found, role = _role(asked)
    return Page("people/confirm.html", {"person": found, "role": role})


@form("/people/{person:str}/roles/{role:str}/confirm", may=May.MANAGE_PEOPLE, of="person", asks=confirming)
def confirm(asked: Asked) -> Redirect:
    """Confirm a role somebody else proposed."""
    found, role = _role(asked)
    commands.confirm_role(asked.session, role.id, by=asked.by, at=asked.at, address=asked.settings.url)
    return Redirect(f"/people/{found.id}", f"{found.name} has the role “{role.words}” now.")


@ask("/people/{person:str}/roles/{role:str}/remove", may=May.MANAGE_PEOPLE, of="person")
def removing_role(asked: Asked) -> Page:
    """Ask whether a role is to be taken away."""
    found, role = _role(asked)
    return Page("people/remove.html", {"person": found, "role": role, "waits": role in found.waiting})


@form("/people/{person:str}/roles/{role:str}/remove", may=May.MANAGE_PEOPLE, of="person", asks=removing_role)
def remove_role(asked: Asked) -> Redirect:
    """Take a role away, or turn down a proposal."""
    found, role = _role(asked)
    commands.revoke(asked.session, role.id, by=asked.by)
    return Redirect(f"/people/{found.id}", f"{found.name} does not have the role “{role.words}” any more.")


@ask("/people/{person:str}/leaving", may=May.MANAGE_PEOPLE, of="person")
def leaving(asked: Asked) -> Page:
    """Ask whether somebody leaves."""
    return Page("people/leaving.html", {"person": _person(asked)})


@form("/people/{person:str}/leaving", may=May.MANAGE_PEOPLE, of="person", asks=leaving)
def leave(asked: Asked) -> Redirect:
    """Somebody leaves, and is signed out everywhere."""
    found = _person(asked)
    commands.leave(asked.session, found.id, by=asked.by, at=asked.at)
    return Redirect(f"/people/{found.id}", f"{found.name} has left, and is signed out everywhere.")


@ask("/me", may=May.OWN, of="own page")
def me(asked: Asked) -> Page:
    """Your name, roles, sessions and personal tokens."""
    secret = asked.browser
    shows = {
        "person": queries.somebody(asked.session, asked.by.id),
        "browsers": access.browsers_of(asked.session, asked.by.id, secret, asked.at),
        "tokens": access.tokens_of(asked.session, asked.by.id, asked.at),
    }
    return Page("people/me.html", shows)


@ask("/me/tokens/new", may=May.OWN, of="own page")
def making_token(asked: Asked) -> Page:
    """Ask how long a personal token is to work."""
    return Page("people/new_token.html", {"days": TOKEN_DAYS, "typed": {"days": "30"}})


@form("/me/tokens/new", may=May.OWN, of="own page", asks=making_token)
def make_token(asked: Asked) -> Page:
    """Make a personal token and show it, this once."""
    new = forms.read(commands.NewToken, asked.typed)
    secret = commands.make_token(asked.session, new, by=asked.by, at=asked.at)
    again = Redirect("/me", "That token was made already, and was shown once. If you do not have it, make another.")
    shows = {"secret": secret, "days": new.days, "url": asked.settings.url}
    return Page("people/token.html", shows, again=again)


@ask("/me/tokens/{token:str}/remove", may=May.OWN, of="own page")
def removing_token(asked: Asked) -> Page:
    """Ask whether one of your tokens is to stop working."""
    mine = access.tokens_of(asked.session, asked.by.id, asked.at)
    found = next((token for token in mine if token.ident == asked.sent.path["token"]), None)
    if found is None:
        raise NotFound("You have no such token any more.")
    return Page("people/remove_token.html", {"token": found})


@form("/me/tokens/{token:str}/remove", may=May.OWN, of="own page", asks=removing_token)
def remove_token(asked: Asked) -> Redirect:
    """Stop one of your tokens from working."""
    commands.remove_token(asked.session, str(asked.sent.path["token"]), by=asked.by)
    return Redirect("/me", "The token does not work any more.")


routes = [
    *(people, as_file, inviting, invite, importing, import_file, person, renaming, rename, trying_again, try_again),
    *(giving_role, give_role),
    *(confirming, confirm, removing_role, remove_role, leaving, leave),
    *(me, making_token, make_token, removing_token, remove_token),
]
