"""The forms of claims: claiming with evidence, asking, answering, deciding."""

from collections.abc import Mapping
from typing import Any

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May
from improvement.database import EVER
from improvement.errors import NotFound
from improvement.funding import carrying, commands, queries, rules
from improvement.funding.book import UNALLOCATED, Kind
from improvement.funding.commands.keeping import MOST_EVIDENCE
from improvement.funding.entering.claims import Answer, Attachment, Judgement, NewClaim, Query
from improvement.funding.queries import claims
from improvement.funding.rules.claims import ClaimState, cautions, overlapping
from improvement.money import in_pounds
from improvement.web import forms
from improvement.web.replies import Page, Redirect
from improvement.web.uploads import EVIDENCE, what_is_wrong

ACCEPT = ",".join(EVIDENCE)
TYPED_DAYS = ("from_on", "to_on")


def _read(asked: Asked, wanted: type[msgspec.Struct], **more: str) -> Any:
    """What was typed and the files chosen with it, every mistake in either told at once."""
    files = [Attachment(each.name, each.body) for each in asked.sent.files.get("files", [])]
    wrong = what_is_wrong(((each.name, each.content) for each in files), MOST_EVIDENCE)
    read = forms.read(wanted, {**asked.typed, **more}, {"files": wrong})
    return msgspec.structs.replace(read, files=files) if hasattr(read, "files") else read


def _with_files(asked: Asked) -> dict[str, Any]:
    """What a form with files needs: after a refusal a browser has dropped what was chosen."""
    return {"accept": ACCEPT, "dropped": bool(asked.sent.files.get("files"))}


@ask("/funding/claims/new", may=May.CLAIM_MONEY, of="claim")
def new_claim(asked: Asked) -> Page:
    """Ask for money that was spent, with its evidence."""
    known = queries.mous(asked.session, asked.as_at)
    if not known:
        raise NotFound("No Memorandum of Understanding is known yet, so there is nothing to claim.")
    named = str(asked.typed.get("mou", "") or asked.query.get("mou", ""))
    mou = queries.mou(asked.session, asked.as_at, named if named in known else "")
    book = queries.book(asked.session, mou.mou)
    rows = [
        (row, claims.left(asked.session, book, row.line, asked.as_at.on))
        for row in queries.lines(asked.session, asked.as_at, mou.mou)
        if row.line != UNALLOCATED and asked.by.role_for(May.CLAIM_MONEY, region=row.region)
    ]
    chosen = asked.query.get("line", "")
    shows = {
        "mou": mou,
        "others": [(slug, title) for slug, (title, _) in known.items() if slug != mou.mou],
        "year": rules.period_of(mou.mou, mou.negotiated_on),
        "rows": rows,
        "line_choices": [(row.line, f"{row.title}: {in_pounds(max(left.left_pence, 0))} left") for row, left in rows],
        "typed": {"line": rows[0][0].line if len(rows) == 1 else chosen},
        **_with_files(asked),
    }
    return carrying.about(asked, mou.mou, "funding/claim_form.html", shows)


@form("/funding/claims/new", may=May.CLAIM_MONEY, of="claim", asks=new_claim, takes_files=True)
def make_claim(asked: Asked) -> Redirect:
    """Send the claim."""
    wanted = _read(asked, NewClaim)
    id_ = commands.do(asked.session, Kind.CLAIM, wanted, by=asked.by, at=asked.at)
    ref = getattr(queries.fact(asked.session, id_)[1], "ref", "")
    return Redirect(f"/funding/claims/{ref}", f"Claim {ref} of {in_pounds(wanted.amount_pence)} is sent.")


def _claim(asked: Asked) -> claims.Claim:
    return claims.claim(asked.session, asked.as_at, str(asked.sent.path["ref"]), asked.by)


def _about(asked: Asked, template: str, more: Mapping[str, Any] | None = None) -> Page:
    """A form about one claim."""
    claim = _claim(asked)
    beside = claims.claims(asked.session, EVER, claim.mou, [claim.line])
    shows = {
        "claim": claim,
        "row": queries.line(asked.session, asked.as_at, claim.line, asked.by, claim.mou),
        "beside": overlapping(claim, [one for one in beside if one.ref != claim.ref]),
        **(more or {}),
    }
    return carrying.about(asked, claim.mou, template, shows)


def _record(asked: Asked, kind: Kind, wanted: type[msgspec.Struct], saved: str) -> Redirect:
    claim = _claim(asked)
    read = _read(asked, wanted, ref=claim.ref, mou=claim.mou)
    commands.do(asked.session, kind, read, by=asked.by, at=asked.at)
    return Redirect(f"/funding/claims/{claim.ref}", saved.format(ref=claim.ref))


@ask("/funding/claims/{ref:str}/query", may=May.MANAGE_MONEY, of="claim")
def new_query(asked: Asked) -> Page:
    """Ask whoever made the claim a question about it."""
    return _about(asked, "funding/claim_query.html")


@form("/funding/claims/{ref:str}/query", may=May.MANAGE_MONEY, of="claim", asks=new_query)
def query(asked: Asked) -> Redirect:
    """Send the question."""
    return _record(asked, Kind.QUERY, Query, "The question about claim {ref} is sent.")


@ask("/funding/claims/{ref:str}/answer", may=May.CLAIM_MONEY, of="claim")
def new_answer(asked: Asked) -> Page:
    """Answer the question about the claim, perhaps with more evidence."""
    decides = asked.by.role_for(May.MANAGE_MONEY) is not None
    return _about(asked, "funding/claim_answer.html", {**_with_files(asked), "decides": decides})


@form("/funding/claims/{ref:str}/answer", may=May.CLAIM_MONEY, of="claim", asks=new_answer, takes_files=True)
def answer(asked: Asked) -> Redirect:
    """Send the answer."""
    return _record(asked, Kind.ANSWER, Answer, "The answer about claim {ref} is sent.")


@ask("/funding/claims/{ref:str}/decide", may=May.MANAGE_MONEY, of="claim")
def new_decision(asked: Asked) -> Page:
    """Show the claim and what its line has left, to approve or reject it."""
    claim = _claim(asked)
    book = queries.book(asked.session, claim.mou)
    line = claims.payable(asked.session, book, claim.line, asked.as_at.on, besides=claim.ref)
    shows = {
        "line": line,
        "cautions": cautions(claim.amount_pence, line),
        "own": asked.by.id in claim.hands,
        "waiting": claim.state is ClaimState.QUERIED,
    }
    return _about(asked, "funding/claim_decide.html", shows)


@form("/funding/claims/{ref:str}/decide", may=May.MANAGE_MONEY, of="claim", asks=new_decision)
def decide(asked: Asked) -> Redirect:
    """Approve or reject the claim."""
    said = {"approved": "Claim {ref} is approved.", "rejected": "Claim {ref} is rejected."}
    return _record(asked, Kind.DECISION, Judgement, said.get(str(asked.typed.get("decision")), "{ref} is decided."))


routes = [new_claim, make_claim, new_query, query, new_answer, answer, new_decision, decide]
