"""The return as the file somebody filled in: read whole, for whoever sends it."""

from collections.abc import Sequence
from string import digits

from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.database import last_seq
from improvement.dates import ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.commands.return_rows import Councils, ReturnRead, read_return
from improvement.local_accounts.commands.returns import Mistake
from improvement.local_accounts.queries import returns as told
from improvement.web import sheets


def read_file(session: Session, which: ProgrammeYear, body: bytes, *, by: Person, older: bool = False) -> ReturnRead:
    """Every row of a file, with every cell that cannot be read. Raises `NotReadable`, `Busy` or `NotFound`.

    `older` says that a CSV is in Windows-1252. Somebody who records no council's account has no return to send.
    """
    mine = frozenset(one.slug for one in told.own_councils(session, which, by))
    opened = sheets.opened(body, older=older)
    listed = {council.slug: council for council in queries.expected(session, which)}
    return read_return(opened, Councils(which, listed, mine, last_seq(session)[0]))


def notes_of(read: ReturnRead) -> list[str]:
    """What a file has that was not read, and what it has not."""
    notes = [f"The file has a column “{name[:60]}” that is not of the return. It was not read." for name in read.unread]
    if read.absent:
        absent = ", ".join(f"“{name}”" for name in read.absent)
        notes.append(f"The file has no column {absent}. What we know of that stays as it is.")
    return notes


def in_order(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Mistakes as one reads a sheet: by row, then by column."""
    return sorted(mistakes, key=lambda each: _place(each.cell))


def _place(cell: str) -> tuple[int, int, str]:
    column = cell.rstrip(digits)
    return int(cell[len(column) :] or 0), len(column), column
