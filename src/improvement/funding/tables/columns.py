"""What several tables of money share: an amount of one line, and what is recorded once only."""

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

ABOVE_ZERO = "amount_pence > 0"


def once(table: str, *columns: str) -> Index:
    """What may be recorded once only; corrections of it repeat its name."""
    first = text("corrects IS NULL")
    return Index(f"uq_{table}_once", *columns, unique=True, sqlite_where=first, postgresql_where=first)


class OfLine:
    """Money of one funding line."""

    mou: Mapped[str] = mapped_column(String(60))
    line: Mapped[str] = mapped_column(String(60))
    amount_pence: Mapped[int]


def moves(table: str, *, lines: bool = True) -> tuple[SchemaItem, ...]:
    """What moves money: found by its MoU, alone or with a line, in the order recorded, by when it was recorded, and by
    its taking something back.

    The day is in the indexes so that what is passed over for its day is not read.
    """
    taken = Index(
        f"ix_{table}_withdrawn", "seq", sqlite_where=text("withdrawn = 1"), postgresql_where=text("withdrawn")
    )
    of_mou = Index(f"ix_{table}_of_mou", "mou", "seq", "effective_on")
    found = (of_mou, Index(f"ix_{table}_told", "mou", "recorded_at"), taken)
    of_line = Index(f"ix_{table}_of_line", "mou", "line", "seq", "effective_on")
    return (*found, of_line, CheckConstraint(ABOVE_ZERO, name="above_zero")) if lines else found


def summed(table: str) -> Index:
    """What is added up by day and line on SQLite, which reads only this index for it, in its order; a server reads the
    table. It begins with what no list of an MoU or of a line is found by, so that it is not taken for those."""
    columns = ("effective_on", "line", "mou", "amount_pence", "withdrawn")
    return Index(f"ix_{table}_summed", *columns, info={"only": "sqlite"})


def said(table: str, column: str) -> Index:
    """The few facts that say something most leave empty."""
    filled = text(f"{column} <> ''")
    return Index(f"ix_{table}_{column}", "seq", sqlite_where=filled, postgresql_where=filled)


def by_line(table: str) -> tuple[SchemaItem, ...]:
    """An amount above zero, found by its line in the order recorded."""
    return Index(f"ix_{table}_line_seq", "line", "seq"), CheckConstraint(ABOVE_ZERO, name="above_zero")
