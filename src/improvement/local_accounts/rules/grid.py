"""The coordinator’s grid: every council of a region on one page."""

import re
from datetime import date

import msgspec

from improvement.dates import in_words, moment_in_words
from improvement.errors import Mistakes, Refused
from improvement.local_accounts import rules
from improvement.local_accounts.rules import Basis, Published, Reported, Standing, Status
from improvement.local_accounts.rules.told import Told
from improvement.sector.rules import Council

_MONTHS = {f"{date(2011, month, 1):%b}".lower(): month for month in range(1, 13)}
_DAY = re.compile(r"(\d{1,2})[ /.-]+(\d{1,2}|[A-Za-z]{3,9})\.?[ /.,-]+(\d{4}|\d{2})")
_REVERSED = re.compile(r"(\d{4})[ /.-](\d{1,2})[ /.-](\d{1,2})")


class Row(msgspec.Struct, frozen=True):
    """What is wanted of one council: a status to record, or that nothing has changed."""

    council: str
    status: Status | None = None
    expected_on: date | None = None
    note: str = ""
    no_change: bool = False
    seq: int | None = None
    """The newest fact of the entry when it was looked at; none where nobody looked."""


class NotADay(Refused):
    """A day typed in one box is a day, month and year."""


class SetRefused(Mistakes):
    """A set with a mistake in it is not saved at all."""


class ChangedMeanwhile(Mistakes):
    """An entry was changed after it was looked at, by whomever: whoever saves says which is right."""

    status = 409


class NothingToSave(Refused):
    """A set has something in it."""


def read_day(text: str) -> date | None:
    """A day as people type it in one box: 16 12 2011, 16/12/2011, 16 Dec 2011 or 2011-12-16. Raises `NotADay`."""
    tidy = " ".join(text.split())
    if not tidy:
        return None
    try:
        if found := _REVERSED.fullmatch(tidy) if tidy.isascii() else None:
            return date(*(int(part) for part in found.groups()))
        if found := _DAY.fullmatch(tidy) if tidy.isascii() else None:
            day, month, year = found.groups()
            number = int(month) if month.isdigit() else _month(month)
            return date(int(year) + (2000 if len(year) == 2 else 0), number, int(day))
    except ValueError:
        pass
    raise NotADay("Enter the day it expects to publish as a real date, like 16 12 2011.")


def _month(word: str) -> int:
    """The month a word or its beginning names. Raises `ValueError`."""
    small = word.lower()
    number = _MONTHS.get(small[:3], 0)
    if not number or not (f"{date(2011, number, 1):%B}".lower().startswith(small) or small == "sept"):
        raise ValueError(word)
    return number


def typed_day(day: date | None) -> str:
    """A day as the box shows it: 16 12 2011."""
    return "" if day is None else f"{day.day} {day.month} {day.year}"


def mistakes_of(row: Row, council: Council, stand: Standing, today: date) -> dict[str, str]:
    """What is wrong with one row, by its box. All of it is told at once with that of the other rows."""
    if not council.in_being(today):
        return {"status": f"{council.name} does not exist any more."}
    if row.no_change:
        if row.status is not None and (row.status, row.expected_on) != as_it_stands(stand):
            return {"nochange": f"{council.name}: either change the row or tick “No change”, not both."}
        return {}
    if row.status is None:
        return {"status": f"Select the status of {council.name}."}
    first = stand.published_on
    published = [Published(row.council, first, Basis.EXACT, stand.title, stand.address, 0)] if first else []
    try:
        rules.check_status(Reported(row.council, row.status, today, row.expected_on, row.note, 0), published, today)
    except Refused as refusal:
        field = "status" if refusal.field == "effective_on" else refusal.field
        return {field: f"{council.name}: {refusal.message}"}
    return {}


def as_it_stands(stand: Standing) -> tuple[Status, date | None]:
    """What the boxes of a row show: the status, and the day that still counts."""
    return stand.status, stand.expected_on


def clash_of(council: Council, meanwhile: Told, who: str) -> str:
    """What to say of an entry that was changed meanwhile."""
    when = moment_in_words(meanwhile.recorded_at)
    return f"{council.name} was changed by {who} on {when}, while you had this page open. Choose which is right."


def what_of(told: Told) -> str:
    """What a fact says, in a few words."""
    if told.withdrawn:
        return "what was recorded last was taken back"
    if told.kind == "account_published":
        return f"published on {in_words(told.effective_on)}"
    if told.kind == "entry_checked":
        return "still correct" if told.correct else "something is wrong"
    expected = f", expected {in_words(told.expected_on)}" if told.expected_on else ""
    return f"{told.status}{expected}"
