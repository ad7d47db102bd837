"""The conditions of instalments and the limits, as pages: what was met, with its evidence, and what is set."""

import msgspec

from improvement import documents
from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.dates import in_words
from improvement.errors import NotFound
from improvement.funding import commands, queries
from improvement.funding.book import Kind
from improvement.funding.carrying import about
from improvement.funding.entering import FORMS, recorded
from improvement.funding.entering.claims import Attachment
from improvement.funding.entering.closing import Conditions
from improvement.funding.pages import seeing
from improvement.funding.queries import conditions as terms
from improvement.money import in_pounds
from improvement.web import forms
from improvement.web.replies import File, Page, Redirect
from improvement.web.uploads import EVIDENCE, KINDS_IN_WORDS


@ask("/funding/conditions/new", may=May.MANAGE_MONEY, of="money")
def new_conditions(asked: Asked) -> Page:
    """Ask which instalment's conditions are met, and what shows it."""
    slug = str(asked.typed.get("mou", "") or asked.query.get("mou", ""))
    mou = queries.which_mou(asked.session, asked.as_at, slug)
    met, today = terms.conditions(asked.session, asked.as_at, mou), asked.as_at.on
    expected = queries.instalments(asked.session, asked.as_at, mou)
    due = [one for one in expected if one.conditions.strip() and one.ref not in met]
    day = {"day": today.day, "month": today.month, "year": today.year}
    shows = {
        "mou": mou,
        "due": due,
        "choices": [(one.ref, f"{one.ref}, {in_pounds(one.amount_pence)} due {in_words(one.due_on)}") for one in due],
        "pairs": [(one.ref, one.conditions) for one in due],
        "typed": {
            "ref": asked.query.get("ref", ""),
            **{f"effective_on-{part}": str(number) for part, number in day.items()},
        },
        "accept": ",".join(EVIDENCE),
        "dropped": bool(asked.sent.files.get("files")),
        "kinds": KINDS_IN_WORDS,
    }
    return about(asked, mou, "funding/conditions.html", shows)


@form("/funding/conditions/new", may=May.MANAGE_MONEY, of="money", asks=new_conditions, takes_files=True)
def meet_conditions(asked: Asked) -> Redirect:
    """Record that the conditions of an instalment are met, with the files that show it."""
    sent = forms.read(Conditions, asked.typed)
    files = [Attachment(each.name, each.body) for each in asked.sent.files.get("files", [])]
    wanted = msgspec.structs.replace(sent, files=files)
    done = commands.do(asked.session, Kind.CONDITIONS, wanted, by=asked.by, at=asked.at)
    return Redirect(
        recorded.leads_to(asked.session, Kind.CONDITIONS, done),
        f"The conditions of instalment {sent.ref} are recorded as met.",
    )


@page("/funding/conditions/{fact:uuid}/files/{sha256:str}", may=May.READ_MONEY, of="evidence", closed=True)
def evidence(asked: Asked) -> File:
    """A file that shows conditions are met."""
    path = asked.sent.path
    if not queries.sees_all(asked.by):
        raise NotFound("There is no such file.")
    file = terms.evidence(asked.session, asked.as_at, path["fact"], str(path["sha256"]))
    return File(documents.body_of(asked.session, file.sha256), file.media_type, file.name)


@page("/funding/limits", may=May.READ_MONEY, of="money")
def limits(asked: Asked) -> Page:
    """Above what a virement needs the Board's decision and a variance an explanation, and what it was before."""
    mou = seeing.mou_asked(asked)
    if mou is None:
        return Page("funding/nothing.html", {"changing": seeing.changing(asked)})
    shows = {
        "mou": mou,
        "now": terms.limits(asked.session, asked.as_at, mou.mou),
        "usual": terms.Limits(),
        "set": terms.every_limit(asked.session, asked.as_at, mou.mou),
        "changing": seeing.changing(asked) and mou.state in ("in negotiation", "agreed"),
        "form": FORMS[Kind.LIMITS],
    }
    return about(asked, mou.mou, "funding/limits.html", shows)


routes = [new_conditions, meet_conditions, evidence, limits]
