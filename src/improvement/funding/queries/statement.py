"""One line's statement: everything that moved its money, in order of day, and what it had come to after each."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from improvement.dates import AsAt
from improvement.funding import ledger
from improvement.funding.book import Kind, Position, State
from improvement.funding.ledger import Effect, Recorded
from improvement.funding.queries import Mou
from improvement.funding.rules import WORDS

MOST_AHEAD = 500


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a statement: what it added to each sum, and what the sums came to. In pence.

    What was paid is less refunds; the balance is what was allocated and not paid.
    """

    on: date | None = None
    what: str
    party: str = ""
    about: str = ""
    reference: str = ""
    allocated_pence: int
    committed_pence: int
    net_paid_pence: int
    allocated_so_far_pence: int
    committed_so_far_pence: int
    net_paid_so_far_pence: int
    balance_pence: int
    note: str = ""


def statement(session: Session, as_at: AsAt, mou: Mou, row: Position, most: int) -> list[Step]:
    """The statement of a line on a day, the oldest first: it ends with where the line stands.

    Of more than `most` entries, those recorded first come as one sum.
    """
    found = ledger.entries(session, as_at, mou.mou, of_lines=[row.line], limit=most + 1)
    entries = sorted(found[:most], key=lambda entry: (entry.effective_on, entry.seq))
    moves = [(entry, ledger.effect(entry, row.line)) for entry in entries]
    # Allocations lapse when the MoU is withdrawn, and no entry of the line says so.
    lapsed = sum(effect.allocated_pence for _, effect in moves) if mou.state == State.WITHDRAWN else 0
    before = _less(row, [effect for _, effect in moves]) if len(found) > most else Effect(0, 0, 0)
    steps = _run(before, moves)
    return [*steps, _lapse(mou, steps[-1], lapsed)] if lapsed else steps


def ahead(session: Session, as_at: AsAt, mou: str, line: str) -> list[Recorded]:
    """The commitments of a line that are agreed ahead and not counted until their day, the newest first."""
    later, ahead = AsAt(date.max, as_at.known_at), as_at.on
    return ledger.entries(session, later, mou, kinds=[Kind.COMMITMENT], of_lines=[line], since=ahead, limit=MOST_AHEAD)


def _less(row: Position, effects: Iterable[Effect]) -> Effect:
    """What a line came to by everything but some of its entries."""
    told = list(effects)
    return Effect(
        row.allocated_pence - sum(one.allocated_pence for one in told),
        row.committed_pence - sum(one.committed_pence for one in told),
        row.net_paid_pence - sum(one.net_paid_pence for one in told),
    )


def _run(before: Effect, moves: Iterable[tuple[Recorded, Effect]]) -> list[Step]:
    sums, steps = before, []
    if before != Effect(0, 0, 0):
        steps.append(_step(before, sums, what="Everything recorded earlier"))
    for entry, effect in moves:
        sums = Effect(
            sums.allocated_pence + effect.allocated_pence,
            sums.committed_pence + effect.committed_pence,
            sums.net_paid_pence + effect.net_paid_pence,
        )
        told = {
            "on": entry.effective_on,
            "what": f"{WORDS[entry.kind]} of {entry.of}" if entry.of else WORDS[entry.kind],
            "note": " ".join(filter(None, (f"A correction: {entry.reason}" if entry.corrects else "", entry.note))),
        }
        steps.append(_step(effect, sums, **told, party=entry.party, about=entry.about, reference=entry.reference))
    return steps


def _lapse(mou: Mou, last: Step, pence: int) -> Step:
    left = Effect(last.allocated_so_far_pence - pence, last.committed_so_far_pence, last.net_paid_so_far_pence)
    why = "Its allocations have lapsed."
    return _step(Effect(-pence, 0, 0), left, on=mou.ended_on, what=WORDS[Kind.WITHDRAWN], about=why)


def _step(change: Effect, sums: Effect, **told: Any) -> Step:
    return Step(
        **told,
        **msgspec.structs.asdict(change),
        allocated_so_far_pence=sums.allocated_pence,
        committed_so_far_pence=sums.committed_pence,
        net_paid_so_far_pence=sums.net_paid_pence,
        balance_pence=sums.allocated_pence - sums.net_paid_pence,
    )
