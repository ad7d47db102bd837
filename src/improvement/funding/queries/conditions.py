"""Questions about what the funder and the Board set: conditions that were met, and limits."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from improvement.database import known, remembered
from improvement.dates import AsAt
from improvement.documents import Attached
from improvement.errors import NotFound
from improvement.funding.rules import NEEDS_DECISION_ABOVE
from improvement.funding.rules.forecasts import EXPLAIN_ABOVE
from improvement.funding.tables.matters import ConditionsMet, LimitsSet


class Met(msgspec.Struct, frozen=True):
    """How it is known that an instalment's conditions are met, and since when."""

    id: UUID
    ref: str
    met_on: date
    evidence: str
    files: tuple[Attached, ...]


class Limits(msgspec.Struct, frozen=True):
    """Above what a virement needs the Board's decision and a variance an explanation, in pence, and since when it does.

    No day: nobody has set them, and these are the usual ones.
    """

    virement_above_pence: int = NEEDS_DECISION_ABOVE
    variance_above_pence: int = EXPLAIN_ABOVE
    since: date | None = None
    why: str = ""
    id: UUID | None = None


def conditions(session: Session, as_at: AsAt, mou: str) -> Mapping[str, Met]:
    """The conditions that are met, by the reference of their instalment."""

    def ask() -> dict[str, Met]:
        told = ConditionsMet
        rows = session.execute(
            known(told, as_at, told.id, told.ref, told.effective_on, told.evidence, told.files).where(told.mou == mou)
        )
        return {
            ref: Met(id_, ref, on, said, msgspec.convert(files, tuple[Attached, ...]))
            for id_, ref, on, said, files in rows
        }

    return remembered(session, ("conditions", mou, as_at), ask, of=(ConditionsMet,))


def limits(session: Session, as_at: AsAt, mou: str) -> Limits:
    """The limits of a day."""
    return next(iter(every_limit(session, as_at, mou)), Limits())


def every_limit(session: Session, as_at: AsAt, mou: str) -> list[Limits]:
    """The limits as they were set by a day, those of the day first."""

    def ask() -> list[Limits]:
        told = LimitsSet
        columns = (told.virement_above_pence, told.variance_above_pence, told.effective_on, told.why, told.id)
        rows = session.execute(known(told, as_at, *columns).where(told.mou == mou)).all()
        return [Limits(*row) for row in reversed(rows)]

    return remembered(session, ("limits", mou, as_at), ask, of=(LimitsSet,))


def evidence(session: Session, as_at: AsAt, id_: UUID, sha256: str) -> Attached:
    """A file that shows conditions are met, of the fact as it stands. Raises `NotFound`."""
    told = ConditionsMet
    for files in session.scalars(known(told, as_at, told.files).where(told.id == id_)):
        for file in msgspec.convert(files, list[Attached]):
            if file.sha256 == sha256:
                return file
    raise NotFound("There is no such file.")
