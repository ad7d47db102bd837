"""Payment runs and bank statements, as JSON."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from improvement.access.asking import Asked
from improvement.access.routes import api_get, api_post
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.funding import commands, queries
from improvement.funding.book import Kind
from improvement.funding.commands.reconciling import keep, prepare
from improvement.funding.entering.paying import PaymentRun
from improvement.funding.entering.words import Name, Note
from improvement.funding.queries import paying, reconciling
from improvement.funding.rules.reconciling import KeptLine
from improvement.web import forms
from improvement.web.lists import Listing, listing
from improvement.web.replies import Created


class RunToTell(msgspec.Struct, frozen=True):
    """A payment run. Sums are in pence; `reconciled` counts the payments a bank statement shows."""

    id: UUID
    ref: str
    paid_on: date
    total_pence: int
    reconciled: int
    payments: tuple[paying.PaidInRun, ...]


class StatementToTell(msgspec.Struct, frozen=True):
    """A bank statement. Amounts below zero went out; a line’s `fact` is what it shows."""

    id: UUID
    ref: str
    name: str
    read_on: date
    recorded_at: datetime
    in_pence: int
    out_pence: int
    matched: int
    lines: tuple[KeptLine, ...]


class StatementText(msgspec.Struct, frozen=True, kw_only=True):
    """A bank statement as CSV: with date, description, and amount (or paid out and paid in)."""

    name: Annotated[str, Meta(title="the name of the file", max_length=200)]
    text: Annotated[str, Meta(title="the text of the statement", max_length=1_000_000)]
    mou: Name = ""
    note: Note = ""


def _mou(asked: Asked) -> str:
    """The MoU asked about; none when none is known. Raises `NotFound`, as for those who see part of the money."""
    if not queries.sees_all(asked.by):
        raise NotFound("There is nothing here.")
    slug = asked.query.get("mou", "")
    known = slug or queries.mous(asked.session, asked.as_at)
    return queries.which_mou(asked.session, asked.as_at, slug) if known else ""


@api_get("/funding/runs", may=May.READ_MONEY, of="payment runs", gives=RunToTell)
def runs(asked: Asked) -> Listing:
    """Every payment run, newest first, with its payments as they stand."""
    mou = _mou(asked)
    found = paying.runs(asked.session, asked.as_at, mou) if mou else []
    told = [RunToTell(one.id, one.ref, one.paid_on, one.total_pence, one.reconciled, one.payments) for one in found]
    return listing(told, _asked_for(asked), "ref")


@api_post("/funding/runs", may=May.MANAGE_MONEY, of="payment run", takes=PaymentRun)
def pay(asked: Asked) -> Created:
    """Pay approved claims together: all of them, or none."""
    wanted = forms.from_json(PaymentRun, asked.sent.body)
    made = commands.do(asked.session, Kind.RUN, wanted, by=asked.by, at=asked.at)
    return Created(str(made), commands.paying.reference_of(asked.session, made))


@api_get("/funding/statements", may=May.READ_MONEY, of="bank statements", gives=StatementToTell)
def statements(asked: Asked) -> Listing:
    """Every bank statement that was read, newest first, with what its lines show."""
    mou = _mou(asked)
    found = reconciling.statements(asked.session, asked.as_at, mou) if mou else []
    names = StatementToTell.__struct_fields__
    told = [StatementToTell(**{name: getattr(one, name) for name in names}) for one in found]
    return listing(told, _asked_for(asked), "ref")


@api_post("/funding/statements", may=May.MANAGE_MONEY, of="bank statement", takes=StatementText)
def read_statement(asked: Asked) -> Created:
    """Read a bank statement: each line is matched where that is certain or likely, and kept."""
    sent = forms.from_json(StatementText, asked.sent.body)
    prepared = prepare(asked.session, sent.name, sent.text.encode(), mou=sent.mou, by=asked.by, at=asked.at)
    made = keep(asked.session, prepared, note=sent.note, by=asked.by, at=asked.at)
    return Created(str(made), commands.paying.reference_of(asked.session, made))


def _asked_for(asked: Asked) -> dict[str, str]:
    return {name: value for name, value in asked.query.items() if name != "mou"}


routes = [runs, pay, statements, read_statement]
