"""The councils, and whom to write to in each, as pages."""

from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.errors import Mistakes
from improvement.sector import commands, queries
from improvement.sector.rules import TYPE_WORDS, Council
from improvement.web import forms, uploads
from improvement.web.replies import Page, Redirect


@page("/councils", may=May.LOOK, of="councils")
def all_councils(asked: Asked) -> Page:
    """The councils in being on a day, by name, filtered by region, type and words."""
    found = queries.councils(asked.session, asked.as_at)
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
    return Page("sector/councils.html", {**shows, "region_choices": region_choices(asked)})


def region_choices(asked: Asked) -> list[tuple[str, str]]:
    """The regions, to choose from."""
    return [(region.slug, region.name) for region in queries.regions(asked.session).values()]


def _own(asked: Asked) -> Council:
    """The council an address names, if its contacts are this person's to see. Raises `NotFound` or `NotAllowed`."""
    council = queries.council(asked.session, str(asked.sent.path["council"]))
    asked.by.acting(May.EDIT_CONTACTS, region=council.region, council=council.slug)
    return council


@ask("/councils/{council:str}/contacts", may=May.EDIT_CONTACTS, of="contacts")
def contacts(asked: Asked) -> Page:
    """Ask whom to write to in a council, with those there are filled in."""
    council = _own(asked)
    typed: dict[str, str] = {}
    for one in queries.contacts(asked.session, council.slug):
        field = commands.FIELDS[one.post]
        typed |= {f"{field}_name": one.name, f"{field}_email": one.email}
    return Page("sector/contacts.html", {"council": council, "posts": commands.FIELDS, "typed": typed})


@form("/councils/{council:str}/contacts", may=May.EDIT_CONTACTS, of="contacts", asks=contacts)
def set_contacts(asked: Asked) -> Redirect:
    """Keep whom to write to."""
    council = _own(asked)
    commands.set_contacts(asked.session, council.slug, forms.read(commands.ThreeContacts, asked.typed), by=asked.by)
    return Redirect(f"/councils/{council.slug}", "The contacts are saved.")


@ask("/councils/contacts/import", may=May.EDIT_CONTACTS, of="contacts")
def contacts_file(asked: Asked) -> Page:
    """Ask for a file of contacts of many councils."""
    asked.by.acting(May.EDIT_CONTACTS)
    return Page("sector/contacts_file.html", {"columns": commands.COLUMNS, "posts": commands.POSTS})


@form("/councils/contacts/import", may=May.EDIT_CONTACTS, of="contacts", asks=contacts_file, takes_files=True)
def load_contacts(asked: Asked) -> Redirect:
    """Keep every contact in the file, or none."""
    asked.by.acting(May.EDIT_CONTACTS)
    sent = asked.sent.files.get("file", b"")
    if not sent:
        raise Mistakes({"file": "Choose a file with contacts."})
    loaded = commands.load_contacts(asked.session, uploads.as_text(sent), by=asked.by)
    return Redirect("/councils", f"{loaded} {'contact is' if loaded == 1 else 'contacts are'} saved.")


routes = [all_councils, contacts, set_contacts, contacts_file, load_contacts]
