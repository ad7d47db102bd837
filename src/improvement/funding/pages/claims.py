"""Claims to read: those to decide, one claim’s story, its evidence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from improvement import documents
from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.book import UNALLOCATED, Kind, Position
from improvement.funding.carrying import about, same_page
from improvement.funding.entering import MAY
from improvement.funding.pages import claiming
from improvement.funding.pages.seeing import SHOWN, changing, mine, mou_asked
from improvement.funding.queries import claims
from improvement.funding.queries.claims import Claim
from improvement.funding.rules.claims import OPEN, ClaimState, Took, overlapping
from improvement.web.filters import sentence_case
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page

WORDS = {
    Took.MADE: "Claimed",
    Took.QUERIED: "Question asked",
    Took.ANSWERED: "Question answered",
    Took.APPROVED: "Approved",
    Took.REJECTED: "Rejected",
    Took.PAID: "Paid",
}
_DECIDED_ON = (Took.MADE, Took.QUERIED, Took.ANSWERED)
"""What whoever decided had before them: it stays as it was while the decision stands."""
_KINDS = {
    Took.MADE: Kind.CLAIM,
    Took.QUERIED: Kind.QUERY,
    Took.ANSWERED: Kind.ANSWER,
    Took.APPROVED: Kind.DECISION,
    Took.REJECTED: Kind.DECISION,
    Took.PAID: Kind.PAYMENT,
}


def _lines(asked: Asked, mou: str) -> list[Position]:
    """The lines this person sees, without the unallocated sum."""
    return [row for row in mine(asked, queries.lines(asked.session, asked.as_at, mou)) if row.line != UNALLOCATED]


def _filtered(asked: Asked, seen: Sequence[Claim]) -> list[Claim]:
    """The claims asked for, of those this person sees. Raises `NotFound`."""
    state, line = asked.query.get("state", ""), asked.query.get("line", "")
    if state and state not in set(ClaimState):
        raise NotFound(f"No claim is ever “{state[:40]}”. Start from all claims.")
    return [one for one in seen if state in ("", one.state) and line in ("", one.line)]


def _seen(asked: Asked, mou: str) -> list[Claim]:
    return claims.claims(asked.session, asked.as_at, mou, [row.line for row in _lines(asked, mou)])


@page("/funding/claims", may=May.READ_MONEY, of="claims")
def show_claims(asked: Asked) -> Page:
    """Every claim by state and funding line, and what there is to decide."""
    mou = mou_asked(asked)
    if mou is None:
        return Page("funding/nothing.html", {"changing": changing(asked)})
    rows, seen = _lines(asked, mou.mou), _seen(asked, mou.mou)
    found = _filtered(asked, seen)
    start = next((at for at, one in enumerate(found, start=1) if one.ref == asked.query.get("after")), 0)
    shown, more = found[start : start + SHOWN], len(found) > start + SHOWN
    kept = same_page(asked, mou.mou, "after")
    shows = {
        "mou": mou,
        "rows": shown,
        "total": len(found),
        "sum_pence": sum(one.amount_pence for one in found),
        "onward": "?" + urlencode({**kept, "after": shown[-1].ref}) if more else "",
        "counts": Counter(one.state for one in seen),
        "sums": {state: sum(one.amount_pence for one in seen if one.state is state) for state in ClaimState},
        "states": [(state, sentence_case(state)) for state in ClaimState],
        "titles": {row.line: row.title for row in rows},
        "line_choices": [(row.line, row.title) for row in rows],
        "wanted": {name: asked.query.get(name, "") for name in ("state", "line")},
        "kept_query": urlencode(kept),
        "chips": _chips(kept, {row.line: row.title for row in rows}),
        "mine": set() if asked.looking_back else _waiting(asked, mou.mou),
        "may_claim": asked.by.may(May.CLAIM_MONEY) and not asked.looking_back and mou.state == "agreed",
        "all": queries.sees_all(asked.by),
    }
    return about(asked, mou.mou, "funding/claims.html", shows)


def _waiting(asked: Asked, mou: str) -> set[str]:
    """The claims that wait for this person."""
    return {one.ref for one in claims.to_decide(asked.session, asked.as_at, mou, asked.by)}


def _chips(kept: dict[str, str], titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each filter in use, and the list without it."""
    named = {"state": sentence_case(kept.get("state", "")), "line": titles.get(kept.get("line", ""), "")}
    return [
        (words, "/funding/claims?" + urlencode({each: value for each, value in kept.items() if each != name}))
        for name, words in named.items()
        if words
    ]


def downloaded(asked: Asked) -> list[claims.Told]:
    mou = mou_asked(asked)
    return claims.told(asked.session, _filtered(asked, _seen(asked, mou.mou))) if mou is not None else []


@page("/funding/claims.csv", may=May.READ_MONEY, of="claims")
def claims_csv(asked: Asked) -> File:
    """The claims as they are filtered, for a spreadsheet."""
    rows = (
        ["; ".join(file.name for file in value) if isinstance(value, tuple) else value for value in row]
        for row in map(msgspec.structs.astuple, downloaded(asked))
    )
    return File(as_csv(claims.Told.__struct_fields__, rows), "text/csv", f"claims-{asked.as_at.on}.csv")


@page("/funding/claims.json", may=May.READ_MONEY, of="claims")
def claims_json(asked: Asked) -> File:
    """The claims as they are filtered, for a program."""
    return File(msgspec.json.encode(downloaded(asked)), "application/json", f"claims-{asked.as_at.on}.json")


@page("/funding/claims/{ref:str}", may=May.READ_MONEY, of="claim")
def show_claim(asked: Asked) -> Page:
    """One claim: what it is for, its evidence, everything that happened to it, and what may be done next."""
    claim = claims.claim(asked.session, asked.as_at, str(asked.sent.path["ref"]), asked.by)
    row = queries.line(asked.session, asked.as_at, claim.line, asked.by, claim.mou)
    steps = claims.story(asked.session, asked.as_at, claim)
    beside = claims.claims(asked.session, asked.as_at, claim.mou, [claim.line])
    decided = any(step.what in (Took.APPROVED, Took.REJECTED) for step in steps)
    may = {
        step.id: not asked.looking_back
        and not (decided and step.what in _DECIDED_ON)
        and asked.by.role_for(MAY[_KINDS[step.what]], region=row.region) is not None
        for step in steps
    }
    may_do = _may_do(asked, claim, row.region)
    looks = asked.by.role_for(May.MANAGE_MONEY) is not None or may_do["may_take_back"]
    shows = {
        "claim": claim,
        "row": row,
        "steps": steps[::-1],
        "words": WORDS,
        "names": access.names(asked.session),
        "may_correct": may,
        "beside": overlapping(claim, [one for one in beside if one.ref != claim.ref]) if looks else [],
        "refunds": claims.refunds(asked.session, asked.as_at, claim),
        "sees_all": queries.sees_all(asked.by),
        **may_do,
    }
    return about(asked, claim.mou, "funding/claim.html", shows)


def _may_do(asked: Asked, claim: Claim, region: str | None) -> dict[str, Any]:
    """What this person may do with a claim next."""
    now, is_open = not asked.looking_back, claim.state in OPEN
    manages = now and asked.by.role_for(May.MANAGE_MONEY) is not None
    claims_here = now and asked.by.role_for(May.CLAIM_MONEY, region=region) is not None
    return {
        "may_decide": manages and is_open and asked.by.id not in claim.hands,
        "may_ask": manages and claim.state is ClaimState.SUBMITTED,
        "may_answer": claims_here and claim.state is ClaimState.QUERIED,
        "may_take_back": claims_here and claim.state is ClaimState.SUBMITTED,
        "may_pay": manages and claim.state is ClaimState.APPROVED,
        "own": manages and is_open and asked.by.id in claim.hands,
    }


@page("/funding/claims/{ref:str}/files/{sha256:str}", may=May.READ_MONEY, of="evidence", closed=True)
def evidence(asked: Asked) -> File:
    """One file of a claim’s evidence, to keep and open."""
    claim = claims.claim(asked.session, asked.as_at, str(asked.sent.path["ref"]), asked.by)
    for file in claim.files:
        if file.sha256 == asked.sent.path["sha256"]:
            return File(documents.body_of(asked.session, file.sha256), file.media_type, file.name, attached=True)
    raise NotFound(f"Claim {claim.ref} has no such evidence.")


routes = [show_claims, claims_csv, claims_json, *claiming.routes, show_claim, evidence]
