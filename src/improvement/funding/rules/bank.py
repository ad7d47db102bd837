"""A bank statement: its rows read as lines, every mistake told at once, by its row and column."""

import re
from calendar import month_name
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from functools import partial
from typing import TypeVar
from unicodedata import category

import msgspec

from improvement.dates import in_words
from improvement.errors import Mistakes, Refused
from improvement.money import NotAnAmount, in_pounds, parse_pounds

T = TypeVar("T")

MOST_LINES = 5_000
"""More rows than this are more than one statement."""
MOST_TEXT = 500
MOST_TOLD = 100
"""How many mistakes are told one by one; of the others only how many there are."""

DAYS = ("date", "transaction date", "posting date", "date posted", "value date", "day")
TEXTS = (
    "description", "details", "reference", "narrative", "transaction description", "transaction details", "memo",
    "particulars", "payee", "name",
)  # fmt: skip
AMOUNTS = ("amount", "transaction amount", "value")
OUT = ("paid out", "debit", "debit amount", "money out", "withdrawals", "payments", "out")
IN = ("paid in", "credit", "credit amount", "money in", "deposits", "receipts", "in")
WAYS = (
    "dr cr", "cr dr", "debit credit", "credit debit", "d c", "c d", "debit or credit", "credit or debit", "dr or cr",
    "cr or dr", "dr cr indicator", "cr dr indicator", "credit debit indicator", "debit credit indicator", "indicator",
    "direction", "sign",
)  # fmt: skip
"""What a column is called that says beside each amount whether it went out or came in."""
TYPES = ("type", "transaction type")
"""A column that may say it, or tell something else."""
WENT_OUT = ("dr", "d", "debit", "debits", "dbit", "out", "paid out", "money out", "withdrawal", "withdrawals", "-")
CAME_IN = ("cr", "c", "credit", "credits", "crdt", "in", "paid in", "money in", "deposit", "deposits", "+")
GOES_OUT = frozenset({"debit", "debits", "dr", "dbit", "deb", "dd", "so", "withdrawal", "withdrawals"})
"""Words of a type by which money goes out."""


class NotAStatement(Refused):
    """The file is not a bank statement we can read."""


class BankLine(msgspec.Struct, frozen=True):
    """One line of a statement. The amount is below zero when money went out."""

    row: int
    on: date
    amount_pence: int
    text: str
    nth: int = 1
    """Which of the lines with the same day, amount and text in its file it is."""

    @property
    def key(self) -> tuple[date, int, str, int]:
        """What makes it the same line in another file."""
        return self.on, self.amount_pence, self.text, self.nth


class Reading(msgspec.Struct, frozen=True):
    """What a file says, and the rows that move no money, such as a balance brought forward."""

    lines: tuple[BankLine, ...]
    left_out: tuple[int, ...] = ()


class Columns(msgspec.Struct, frozen=True):
    """Which heading of a file says what."""

    day: str
    texts: tuple[str, ...]
    amount: str = ""
    out: str = ""
    in_: str = ""
    ways: tuple[str, ...] = ()
    """Which say beside each amount whether it went out or came in."""


def columns_of(headings: Collection[str]) -> Columns:
    """Which heading says what, whatever their order. Raises `NotAStatement`."""
    called = {_plain(heading): heading for heading in reversed(list(headings))}

    def first(names: Collection[str]) -> str:
        return next((called[name] for name in names if name in called), "")

    day, texts = first(DAYS), tuple(called[name] for name in TEXTS if name in called)
    amount, out, in_ = first(AMOUNTS), first(OUT), first(IN)
    wanting = [
        *([] if day else ["a date"]),
        *([] if texts else ["a description"]),
        *([] if amount or (out and in_) else ["an amount, or paid out and paid in"]),
    ]
    if wanting:
        raise NotAStatement(
            f"The file has no column for {' or for '.join(wanting)}. The first row needs the headings date, "
            "description, and amount (or paid out and paid in).",
            field="file",
        )
    _check_single(headings, bool(amount and out and in_))
    return Columns(day, texts, amount, "" if amount else out, "" if amount else in_)


def _check_single(headings: Collection[str], both: bool) -> None:
    """Raises `NotAStatement`: of two columns that could be the amount none is chosen."""
    for names in (AMOUNTS, OUT, IN, (*AMOUNTS, *OUT, *IN) if both else ()):
        could_be = [heading for heading in headings if _plain(heading) in names]
        if len(could_be) > 1:
            told = ", ".join(f"“{heading}”" for heading in could_be)
            raise NotAStatement(
                f"The file has the columns {told}, and more than one could be the amount. Leave those that count, "
                "and take the others out.",
                field="file",
            )


def _plain(heading: str) -> str:
    """A heading in small letters, without its unit."""
    words = re.sub(r"[(£)_\-/.]|\bgbp\b", " ", heading.casefold())
    return " ".join(words.split())


def read(rows: Mapping[int, Mapping[str, str]], headings: Collection[str], today: date) -> Reading:
    """The rows of a file as lines: all of them, or none. Raises `NotAStatement`, or `Mistakes` by row and column."""
    columns = columns_of(headings)
    if len(rows) > MOST_LINES:
        raise NotAStatement(
            f"The file has {len(rows):,} rows. A statement may have {MOST_LINES:,}: send it in parts.", field="file"
        )
    told: list[str] = []
    if columns.amount:
        columns = msgspec.structs.replace(columns, ways=_ways(rows, headings, columns))
        told += _unsigned(rows, headings, columns)
    signs = any(_amount(row, columns) < 0 for row in rows.values())
    found = [(number, *_row(number, row, columns, today, told, signs)) for number, row in rows.items()]
    if told:
        raise Mistakes(dict(_numbered(told)))
    seen, lines = Counter[tuple[date, int, str]](), list[BankLine]()
    for number, on, pence, text in found:
        if pence and on is not None:
            seen[on, pence, text] += 1
            lines.append(BankLine(number, on, pence, text, seen[on, pence, text]))
    if not lines:
        raise NotAStatement("No row of the file has an amount, so there is nothing to read.", field="file")
    return Reading(tuple(lines), tuple(number for number, _, pence, _ in found if not pence))


def _amount(row: Mapping[str, str], columns: Columns) -> int:
    """What the amount of a row says by itself, nil where it cannot be read."""
    try:
        return signed(row.get(columns.amount, ""))
    except Refused:
        return 0


def _ways(rows: Mapping[int, Mapping[str, str]], headings: Collection[str], columns: Columns) -> tuple[str, ...]:
    """The columns that say whether money went out or came in: by their heading, or by what is in every row."""
    used, moved = {columns.day, columns.amount, *columns.texts}, [row for row in rows.values() if _amount(row, columns)]
    return tuple(
        name
        for name in headings
        if name not in used and "balance" not in _plain(name)
        if _plain(name) in WAYS or (moved and all(_way(row.get(name, "")) for row in moved))
    )


def _way(text: str) -> int:
    """Below zero where a cell says that money went out, above where it came in, nil where it says neither."""
    said = " ".join(text.casefold().replace("−", "-").replace(".", "").split())
    return -1 if said in WENT_OUT else 1 if said in CAME_IN else 0


def _unsigned(rows: Mapping[int, Mapping[str, str]], headings: Collection[str], columns: Columns) -> Iterator[str]:
    """A sentence for each row whose type says that money went out while no amount of the file says so."""
    if columns.ways or any(_amount(row, columns) < 0 for row in rows.values()):
        return
    for name in (heading for heading in headings if _plain(heading) in TYPES and heading not in columns.texts):
        for number, row in rows.items():
            said = row.get(name, "")
            if _amount(row, columns) and GOES_OUT & set(re.split(r"[^a-z]+", said.casefold())):
                yield (
                    f"Row {number}, {name}: “{said.strip()[:30]}” went out, and its amount has no sign. Write a minus "
                    "before amounts that went out, or add a column that says DR or CR in every row."
                )


def _turned(pence: int, said: str, *, signs: bool) -> int:
    """An amount as a column beside it says: out or in. Raises `NotAStatement` where it says neither, or the opposite of
    the amount's own sign, where amounts have `signs`."""
    way = _way(said)
    if not pence:
        return 0
    if not way:
        told = f"“{said.strip()[:30]}” does not say" if said.strip() else "It does not say"
        raise NotAStatement(f"{told} whether the money went out or came in. Enter DR or CR.")
    if signs and (pence < 0) != (way < 0):
        does, other = ("went out", "came in") if way < 0 else ("came in", "went out")
        raise NotAStatement(f"It says the money {does}, and the amount that it {other}. Put one of them right.")
    return abs(pence) * way


def _row(
    number: int, row: Mapping[str, str], columns: Columns, today: date, told: list[str], signs: bool
) -> tuple[date | None, int, str]:
    """What one row says; each thing that cannot be read is a sentence more in `told`."""

    def cell(name: str, take: Callable[[str], T]) -> T | None:
        try:
            return take(row.get(name, ""))
        except Refused as refusal:
            told.append(f"Row {number}, {name}: {refusal.message}")
            return None

    on = cell(columns.day, lambda text: day_of(text, today))
    said = " ".join(" ".join(row.get(name, "") for name in columns.texts).split())
    cell(columns.texts[0], lambda _: _check_text(said))
    if columns.amount:
        pence = cell(columns.amount, signed) or 0
        for at, name in enumerate(columns.ways):
            pence = cell(name, partial(_turned, pence, signs=signs or at > 0)) or 0
        return on, pence, said
    gone, came = cell(columns.out, above_zero) or 0, cell(columns.in_, above_zero) or 0
    if gone and came:
        told.append(f"Row {number}, {columns.in_}: There is an amount in {columns.out} too. Keep one of them.")
    return on, came - gone, said


def _numbered(told: list[str]) -> Iterator[tuple[str, str]]:
    """Sentences as mistakes, the first one where the file is asked for."""
    for at, sentence in enumerate(told[:MOST_TOLD]):
        yield f"row-{at}" if at else "file", sentence
    if len(told) > MOST_TOLD:
        yield "row-more", f"{len(told) - MOST_TOLD:,} more things cannot be read. Put these right first."


_FIGURES = re.compile(r"(?P<day>\d{1,2})([/-])(?P<month>\d{1,2})\2(?P<year>\d{4})")
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_WORDS = re.compile(r"(?P<day>\d{1,2})[ -](?P<month>[a-z]{3,9})[ -](?P<year>\d{4})")
_MONTHS = {
    name[:most].lower(): number
    for number, name in enumerate(month_name)
    for most in (3, len(name))
    if name
} | {"sept": 9}  # fmt: skip


def day_of(text: str, today: date) -> date:
    """A day as banks write it, today or earlier: 31/12/2011, 31-12-2011, 2011-12-31, 31 Dec 2011. Raises
    `NotAStatement`."""
    tidy = " ".join(text.split()).lower()
    found = next((found for way in (_FIGURES, _ISO, _WORDS) if (found := way.fullmatch(tidy))), None)
    if found is None or not tidy.isascii():
        raise _not_a_day(tidy)
    month = found["month"]
    try:
        day = date(int(found["year"]), int(month) if month.isdigit() else _MONTHS.get(month, 0), int(found["day"]))
    except ValueError:
        raise _not_a_day(tidy) from None
    if day > today:
        raise NotAStatement(f"{in_words(day)} has not come yet.")
    return day


def _not_a_day(text: str) -> NotAStatement:
    wanted = "Enter the day, like 31/12/2011."
    return NotAStatement(f"“{text[:30]}” is not a day we can read. {wanted}" if text else wanted)


def signed(text: str) -> int:
    """An amount in pence, below zero when it is written −5.00 or (5.00); nil when it is blank. Raises `NotAnAmount`."""
    tidy = text.strip().replace("−", "-").replace("\u00a0", "")
    tidy = tidy.removeprefix("£").lstrip() if tidy.startswith("£") and "-" in tidy else tidy
    below = tidy.startswith("-") or (tidy.startswith("(") and tidy.endswith(")"))
    if below:
        tidy = tidy[1:].removesuffix(")") if tidy.startswith("(") else tidy[1:]
    elif tidy.startswith("+"):
        tidy = tidy[1:]
    if not text.strip() or re.fullmatch(r"£?0+(\.0{1,2})?", tidy):
        return 0
    pence = parse_pounds(tidy.strip())
    return -pence if below else pence


def above_zero(text: str) -> int:
    """An amount in a column of its own for money out, or in; nil when it is blank. Raises `NotAnAmount`."""
    pence = signed(text)
    if pence < 0:
        raise NotAnAmount(f"{in_pounds(pence)} is below zero. Write it in the other column, without the sign.")
    return pence


def _check_text(said: str) -> None:
    """Raises `NotAStatement`: what cannot be kept, or is no description."""
    if len(said) > MOST_TEXT:
        raise NotAStatement(f"The description has {len(said):,} characters. Shorten it to {MOST_TEXT}.")
    if any(category(sign) in ("Cc", "Cs") for sign in said):
        raise NotAStatement("The description has characters that cannot be kept. Type it again.")
