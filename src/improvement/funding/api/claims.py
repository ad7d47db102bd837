"""Claims, as JSON."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import api_get, api_post
from improvement.access.rules import May
from improvement.documents import Attached
from improvement.funding import commands, queries
from improvement.funding.api.money import read
from improvement.funding.book import Kind
from improvement.funding.entering.claims import Answer, Files, Judgement, NewClaim, Query, Verdict
from improvement.funding.entering.words import Day, Note, Why
from improvement.funding.queries import claims
from improvement.funding.rules.claims import Took
from improvement.web.lists import Listing, listing
from improvement.web.replies import Created


class NewQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a claim, to whoever made it."""

    question: Annotated[str, Meta(title="the question", max_length=2000)]
    effective_on: Day = None
    note: Note = ""


class NewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to the question about a claim, perhaps with more evidence."""

    answer: Annotated[str, Meta(title="the answer", max_length=2000)]
    files: Files = []
    effective_on: Day = None
    note: Note = ""


class NewDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A claim is approved, or rejected with a reason."""

    decision: Annotated[Verdict, Meta(title="the decision")]
    why: Why = ""
    effective_on: Day = None
    note: Note = ""


class ToldStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a claim: what, on which day, by whom, and what was said."""

    id: UUID
    what: Took
    on: date
    recorded_at: datetime
    recorded_by: str
    recorded_as: str
    text: str
    files: tuple[Attached, ...]
    corrects: UUID | None
    reason: str


class WithStory(claims.Told, frozen=True, kw_only=True):
    """A claim with everything that happened to it."""

    story: list[ToldStep]


@api_get("/funding/claims", may=May.READ_MONEY, of="claims", gives=claims.Told)
def all_claims(asked: Asked) -> Listing:
    """Every claim this person sees, the newest first. Filter by any field, such as state or line."""
    query = {name: value for name, value in asked.query.items() if name != "mou"}
    found = queries.mous(asked.session, asked.as_at)
    if not found:
        return listing(list[claims.Told](), query, "ref")
    mou = queries.which_mou(asked.session, asked.as_at, asked.query.get("mou", ""))
    rows = queries.lines(asked.session, asked.as_at, mou)
    seen = [row.line for row in rows if queries.may_see(asked.by, row.region)]
    return listing(claims.told(asked.session, claims.claims(asked.session, asked.as_at, mou, seen)), query, "ref")


def _claim(asked: Asked) -> claims.Claim:
    return claims.claim(asked.session, asked.as_at, str(asked.sent.path["ref"]), asked.by)


@api_get("/funding/claims/{ref:str}", may=May.READ_MONEY, of="claim", gives=WithStory)
def one_claim(asked: Asked) -> WithStory:
    """One claim, and everything that happened to it."""
    claim = _claim(asked)
    told, names = claims.told(asked.session, [claim])[0], access.names(asked.session)
    story = [
        ToldStep(
            id=step.id,
            what=step.what,
            on=step.on,
            recorded_at=step.recorded_at,
            recorded_by=names.get(step.by, ""),
            recorded_as=step.as_role,
            text=step.text,
            files=step.files,
            corrects=step.corrects,
            reason=step.reason,
        )
        for step in claims.story(asked.session, asked.as_at, claim)
    ]
    return WithStory(**msgspec.structs.asdict(told), story=story)


def _record(asked: Asked, kind: Kind, wanted: Any) -> Created:
    id_ = commands.do(asked.session, kind, wanted, by=asked.by, at=asked.at)
    return Created(str(id_), getattr(queries.fact(asked.session, id_)[1], "ref", None))


@api_post("/funding/claims", may=May.CLAIM_MONEY, of="claim", takes=NewClaim, takes_files=True)
def make_claim(asked: Asked) -> Created:
    """Ask for money that was spent, with its evidence: each file by its name and its content in base64, or as it is."""
    return _record(asked, Kind.CLAIM, read(asked, NewClaim))


def _step(asked: Asked, kind: Kind, sent: type[msgspec.Struct], wanted: type[msgspec.Struct]) -> Created:
    claim, told = _claim(asked), read(asked, sent)
    return _record(asked, kind, wanted(ref=claim.ref, mou=claim.mou, **msgspec.structs.asdict(told)))


@api_post("/funding/claims/{ref:str}/queries", may=May.MANAGE_MONEY, of="claim", takes=NewQuestion)
def query(asked: Asked) -> Created:
    """Ask whoever made the claim a question about it."""
    return _step(asked, Kind.QUERY, NewQuestion, Query)


@api_post("/funding/claims/{ref:str}/answers", may=May.CLAIM_MONEY, of="claim", takes=NewAnswer, takes_files=True)
def answer(asked: Asked) -> Created:
    """Answer the question about the claim, perhaps with more evidence."""
    return _step(asked, Kind.ANSWER, NewAnswer, Answer)


@api_post("/funding/claims/{ref:str}/decisions", may=May.MANAGE_MONEY, of="claim", takes=NewDecision)
def decide(asked: Asked) -> Created:
    """Approve the claim, or reject it with a reason."""
    return _step(asked, Kind.DECISION, NewDecision, Judgement)


routes = [all_claims, one_claim, make_claim, query, answer, decide]
