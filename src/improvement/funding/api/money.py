"""Money, as JSON."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from improvement.access.asking import Asked
from improvement.access.routes import api_get, api_post
from improvement.access.rules import May
from improvement.errors import Refused, Unreadable
from improvement.funding import commands, ledger, queries
from improvement.funding.book import UNALLOCATED, Kind, Position
from improvement.funding.commands import Mending, keeping
from improvement.funding.entering import MAY, TAKES
from improvement.funding.entering.claims import Attachment
from improvement.funding.entering.words import Name, Note, Ref, Reference, Why
from improvement.funding.rules import NothingSaid
from improvement.web import forms, lists
from improvement.web.lists import Listing, listing
from improvement.web.replies import Created

Pence = Annotated[int, Meta(gt=0, title="the amount", extra={"is": "money"})]


class Step(StrEnum):
    """What happens to an MoU."""

    NEGOTIATE = "negotiate"
    AGREE = "agree"
    VARY = "vary"
    CLOSE = "close"
    WITHDRAW = "withdraw"


STEPS = {
    Step.NEGOTIATE: Kind.NEGOTIATED,
    Step.AGREE: Kind.AGREED,
    Step.VARY: Kind.VARIED,
    Step.CLOSE: Kind.CLOSED,
    Step.WITHDRAW: Kind.WITHDRAWN,
}


class MouStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step in the life of an MoU: negotiate (mou, title, funder, amount_pence), agree (amount_pence, and the split to
    adopt with it), vary (amount_pence, reason), close or withdraw."""

    what: Annotated[Step, Meta(title="what happened")]
    amount_pence: Pence | None = None
    reason: Why | None = None
    mou: Name | None = None
    title: Annotated[str, Meta(title="the title", max_length=200)] | None = None
    funder: Annotated[str, Meta(title="the funder", max_length=200)] | None = None
    split: Ref | None = None
    effective_on: date | None = None
    note: Note | None = None


class Came(StrEnum):
    """Whether an instalment is to come or has come."""

    EXPECTED = "expected"
    RECEIVED = "received"


class InstalmentStep(msgspec.Struct, frozen=True, kw_only=True):
    """An instalment expected (due_on, conditions) or received (received_on); `ref` says which it is."""

    amount_pence: Pence
    what: Annotated[Came | None, Meta(title="whether it is expected or received")] = None
    due_on: Annotated[date | None, Meta(title="the day it is due")] = None
    received_on: Annotated[date | None, Meta(title="the day it was received")] = None
    ref: Annotated[str, Meta(title="the instalment", max_length=20)] | None = None
    conditions: Annotated[str, Meta(title="the conditions", max_length=2000)] | None = None
    reference: Reference | None = None
    effective_on: date | None = None
    mou: Name | None = None
    note: Note | None = None


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a fact, and what takes its place: other values, or nothing."""

    corrects: Annotated[UUID, Meta(title="the fact to correct")]
    reason: Why
    withdrawn: bool = False
    values: Annotated[dict[str, Any] | None, Meta(title="the right values")] = None


class NothingCorrected(Refused):
    """A correction says what is right, or withdraws."""


class MouTold(msgspec.Struct, frozen=True):
    """A Memorandum of Understanding on a day. Sums are in pence; what moved is told to those who see all the money."""

    mou: str
    title: str
    funder: str
    state: str
    amount_pence: int
    sought_pence: int
    negotiated_on: date
    agreed_on: date | None
    ended_on: date | None
    allocated_pence: int | None = None
    unallocated_pence: int | None = None
    committed_pence: int | None = None
    paid_pence: int | None = None
    refunded_pence: int | None = None
    net_paid_pence: int | None = None
    received_pence: int | None = None
    returned_pence: int | None = None
    cash_in_hand_pence: int | None = None


@api_get("/funding/mou", may=May.READ_MONEY, of="money", gives=MouTold)
def mou(asked: Asked) -> MouTold:
    """The Memorandum of Understanding on a day, and to those who see all the money what it comes to."""
    found = queries.mou(asked.session, asked.as_at, asked.query.get("mou", ""))
    told = msgspec.structs.asdict(found)
    if not queries.sees_all(asked.by):
        told = {field.name: told[field.name] for field in msgspec.structs.fields(MouTold) if field.required}
    return MouTold(**told)


@api_get("/funding/lines", may=May.READ_MONEY, of="money", gives=Position)
def lines(asked: Asked) -> Listing:
    """Every funding line this person sees. What is unallocated is a figure of the MoU."""
    query = {name: value for name, value in asked.query.items() if name != "mou"}
    found = queries.mous(asked.session, asked.as_at)
    rows = queries.lines(asked.session, asked.as_at, asked.query.get("mou", "")) if found else []
    seen = [row for row in rows if row.line != UNALLOCATED and queries.may_see(asked.by, row.region)]
    return listing(seen, query, "line")


@api_get("/funding/entries", may=May.READ_MONEY, of="money", gives=ledger.Recorded)
def entries(asked: Asked) -> Listing:
    """Everything recorded about money that stands, newest first; filter by kind or line, go on after a `seq`."""
    query = asked.query
    unknown = query.keys() - {"kind", "line", "mou", "limit", "after", "on", "known-at", "as-at"}
    if unknown:
        raise Unreadable(f"There is no field “{min(unknown)[:40]}” to filter by. Use kind or line.")
    if not queries.mous(asked.session, asked.as_at):
        return Listing([], 0, None)
    slug = queries.which_mou(asked.session, asked.as_at, query.get("mou", ""))
    kinds = [kind for kind in ledger.IN_LEDGER if query.get("kind", "") in ("", kind)]
    limit, after = _number(query.get("limit", ""), lists.USUAL, lists.MOST), _number(query.get("after", ""), 0, 10**17)
    of_lines, when = _lines_seen(asked, slug), asked.as_at
    rows = ledger.entries(
        asked.session, when, slug, kinds=kinds, of_lines=of_lines, after=after or None, limit=limit + 1
    )
    if of_lines is not None and not queries.sees_all(asked.by):
        rows = ledger.only(rows, of_lines)
    counted = ledger.count(asked.session, when, slug, kinds=kinds, of_lines=of_lines)
    total = sum(counted.values())
    return Listing(list(rows[:limit]), total, str(rows[limit - 1].seq) if len(rows) > limit else None)


def _lines_seen(asked: Asked, mou: str) -> list[str] | None:
    """The lines asked for, of those this person sees; none means everything."""
    wanted = asked.query.get("line", "")
    if queries.sees_all(asked.by):
        return [wanted] if wanted else None
    rows = queries.lines(asked.session, asked.as_at, mou)
    return [row.line for row in rows if queries.may_see(asked.by, row.region) and wanted in ("", row.line)]


def _number(text: str, usual: int, most: int) -> int:
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 18 and 0 < int(text) <= most):
        raise Unreadable(f"limit and after must be whole numbers, and limit from 1 to {lists.MOST:,}.")
    return int(text)


def _given(sent: msgspec.Struct, *left_out: str, **called: str) -> dict[str, Any]:
    """What was sent, under the names of the input it becomes."""
    given = {name: value for name, value in msgspec.to_builtins(sent).items() if value is not None}
    return {called.get(name, name): value for name, value in given.items() if name not in left_out}


def _record(asked: Asked, kind: Kind, wanted: msgspec.Struct) -> Created:
    return Created(str(commands.do(asked.session, kind, wanted, by=asked.by, at=asked.at)))


@api_post("/funding/mou", may=May.MANAGE_MONEY, of="money", takes=MouStep)
def take_step(asked: Asked) -> Created:
    """Put an MoU in negotiation, agree, vary, close or withdraw it."""
    sent = forms.from_json(MouStep, asked.sent.body)
    kind = STEPS[sent.what]
    if sent.what is Step.VARY and not sent.reason:
        raise NothingSaid("Enter the reason.", field="reason")
    return _record(asked, kind, forms.read_json(TAKES[kind][0], _given(sent, "what", reason="why")))


@api_post("/funding/instalments", may=May.MANAGE_MONEY, of="money", takes=InstalmentStep)
def record_instalment(asked: Asked) -> Created:
    """Record an instalment that is expected, or money that was received."""
    sent = forms.from_json(InstalmentStep, asked.sent.body)
    received = sent.what is Came.RECEIVED if sent.what else sent.received_on is not None
    kind = Kind.RECEIVED if received else Kind.EXPECTED
    made = _record(asked, kind, forms.read_json(TAKES[kind][0], _given(sent, "what")))
    return Created(made.id, commands.reference_of(asked.session, UUID(made.id)))


@api_post("/funding/corrections", may=May.CLAIM_MONEY, of="money", takes=Correction)
def correct(asked: Asked) -> Created:
    """Put a fact about money right, or take it back."""
    sent = forms.from_json(Correction, asked.sent.body)
    if sent.withdrawn == (sent.values is not None):
        raise NothingCorrected("Either give the right values, or withdraw the fact.", field="values")
    wanted = None
    if sent.values is not None:
        kind, fact = queries.fact(asked.session, sent.corrects)
        keeping.check_may_correct(queries.book(asked.session, queries.mou_of(fact)), kind, fact, asked.by)
        wanted = forms.read_json(TAKES[kind][0], {**commands.input_of(kind, fact), **sent.values})
    mending = Mending(sent.corrects, sent.reason, wanted)
    return Created(str(commands.correct(asked.session, mending, by=asked.by, at=asked.at)))


W = TypeVar("W", bound=msgspec.Struct)


def read(asked: Asked, wanted: type[W]) -> W:
    """What was sent as JSON, with the files that came beside it as they are."""
    told = forms.from_json(wanted, asked.sent.body)
    beside = [Attachment(each.name, each.body) for each in asked.sent.files.get("files", [])]
    return msgspec.structs.replace(told, files=[*told.files, *beside]) if beside else told  # type: ignore[attr-defined]


def records(path: str, kind: Kind, says: str) -> HTTPRouteHandler:
    """A route that records one kind of thing; with its files, where it takes some."""
    takes = TAKES[kind][0]
    with_files = "files" in takes.__struct_fields__

    def record(asked: Asked) -> Created:
        return _record(asked, kind, read(asked, takes))

    record.__doc__ = says
    return api_post(f"/funding/{path}", may=MAY[kind], of="money", takes=takes, takes_files=with_files)(record)


routes = [
    mou,
    lines,
    entries,
    take_step,
    record_instalment,
    correct,
    records("lines", Kind.LINE, "Open a funding line."),
    records("allocations", Kind.ALLOCATION, "Give money to a line."),
    records("commitments", Kind.COMMITMENT, "Promise a line’s money to somebody."),
    records("payments", Kind.PAYMENT, "Record a payment."),
    records("refunds", Kind.REFUND, "Record money of a line that came back."),
    records("releases", Kind.RELEASE, "Take back what a line no longer needs."),
    records("virements", Kind.VIREMENT, "Move money among lines by one decision."),
    records("returns", Kind.RETURN, "Record money given back to the funder."),
]
