"""A workbook or CSV that somebody sent, as sheets of text. What it does while it is opened happens in another process.

Every slice that takes a file with a table reads it here. The file is never written to a disk.
"""

import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

import msgspec

from improvement.errors import Busy, Refused
from improvement.web.opening import letters

PATIENCE = 5.0
"""How long, in seconds, a file may take to open."""
AT_ONCE = threading.BoundedSemaphore(2)
"""How many files are opened at a time, so that many bad ones together take no more memory than two."""
HEADINGS_WITHIN = 30
"""Among how many of the first rows of a sheet its headings are looked for."""


class NotReadable(Refused):
    """A file that cannot be read as a table."""


class Sheet(msgspec.Struct, frozen=True):
    """One sheet as text: days as 2011-12-31, and where it holds what is not a plain value."""

    name: str
    rows: list[list[str]]
    formulas: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    merged: list[tuple[int, int, int, int]] = []


class Answer(msgspec.Struct, frozen=True):
    """What the process that opened the file says of it."""

    sheets: list[Sheet] = []
    refused: str = ""


def opened(body: bytes, *, older: bool = False, field: str = "file") -> list[Sheet]:
    """The sheets of a file. `older` says that a CSV is in Windows-1252. Raises `NotReadable` or `Busy`."""
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise Busy("Other files are being opened. Nothing was saved. Send yours again in a few seconds.")
    try:
        told = _told(body, older)
    finally:
        AT_ONCE.release()
    if not told:
        sentence = "The file takes too much to open. Copy the return into a new workbook, and send that."
        raise NotReadable(sentence, field=field)
    answer = msgspec.json.decode(told, type=Answer)
    if answer.refused:
        raise NotReadable(answer.refused, field=field)
    return answer.sheets


def _told(body: bytes, older: bool) -> bytes:
    """What the process that opens the file says of it; nothing when it had to be ended or came to grief."""
    command = [sys.executable, "-I", "-m", "improvement.web.opening", *(["older"] if older else [])]
    # It is given nothing of ours: no settings, no secrets.
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, close_fds=True
    )
    try:
        told, _ = child.communicate(body, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return b""
    return told if child.returncode == 0 else b""


class Table(msgspec.Struct, frozen=True):
    """The rows under the headings of one sheet, by the names of the columns that were looked for."""

    sheet: Sheet
    headed: int
    """The row of the headings, counted from nought."""
    at: Mapping[str, int]
    """The place of each column that is there."""
    unread: Sequence[str]
    """The headings of columns that were not looked for."""

    def cell(self, row: int, name: str) -> str:
        """Where a cell is, as a spreadsheet says it: C7."""
        return f"{letters(self.at[name])}{row + 1}"


def table_of(sheets: Sequence[Sheet], headings: Mapping[str, str], needed: Sequence[str], field: str = "file") -> Table:
    """The one sheet that has the headings, wherever they are and in whatever order. Raises `NotReadable`.

    `headings` gives the heading of each column by its name; those `needed` must be there.
    """
    wanted = {_plain(heading): name for name, heading in headings.items()}
    best = [found for sheet in sheets if (found := _headed(sheet, wanted, needed)) is not None]
    whole = [found for found in best if not _missing(found, needed)]
    if len(whole) > 1:
        both = " and ".join(f"“{each.sheet.name}”" for each in whole[:3])
        raise NotReadable(f"More than one sheet could be the return: {both}. Take out all but one.", field=field)
    if not whole:
        missing = _missing(max(best, key=lambda each: len(each.at)), needed) if best else needed
        names = ", ".join(f"“{headings[name]}”" for name in missing)
        raise NotReadable(f"No sheet of the file has the column{'s' * (len(missing) > 1)} {names}.", field=field)
    return whole[0]


def _missing(table: Table, needed: Sequence[str]) -> list[str]:
    return [name for name in needed if name not in table.at]


def _headed(sheet: Sheet, wanted: Mapping[str, str], needed: Sequence[str]) -> Table | None:
    """The row of a sheet with the most of the headings. Raises `NotReadable` for a heading that is there twice."""
    rows = [[wanted.get(_plain(cell), "") for cell in row] for row in sheet.rows[:HEADINGS_WITHIN]]
    headed = max(range(len(rows)), key=lambda row: len(set(rows[row]) - {""}), default=0)
    found = rows[headed] if rows else []
    if not set(found) & set(needed):
        return None
    for place, name in enumerate(found):
        if name and name in found[:place]:
            cells = f"{letters(found.index(name))}{headed + 1} and {letters(place)}{headed + 1}"
            raise NotReadable(
                f"The heading “{sheet.rows[headed][place].strip()}” is there twice: {cells}.", field="file"
            )
    unread = [cell.strip() for cell, name in zip(sheet.rows[headed], found, strict=True) if cell.strip() and not name]
    return Table(sheet, headed, {name: place for place, name in enumerate(found) if name}, unread)


def _plain(heading: str) -> str:
    return " ".join(heading.split()).strip(" *:").casefold()


def faults_of(table: Table) -> dict[str, str]:
    """The cells of the table's own columns that hold no plain value, each with its sentence."""
    mine = {letters(place): name for name, place in table.at.items()}
    faults: dict[str, str] = {}
    for places, sentence in (
        (table.sheet.formulas, "This cell holds a formula. Put its value in its place: copy it, then paste the value."),
        (table.sheet.errors, "This cell holds an error of the spreadsheet. Type what it should say."),
    ):
        for place in places:
            column = place.rstrip("0123456789")
            if column in mine and int(place[len(column) :]) > table.headed + 1:
                faults[place] = sentence
    for top, left, bottom, right in table.sheet.merged:
        columns = [place for place in table.at.values() if left <= place <= right]
        if bottom > table.headed and columns and (top, left) != (bottom, right):
            cells = f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}"
            sentence = f"The cells {cells} are merged, so we cannot tell whose they are. Unmerge them."
            faults[f"{letters(min(columns))}{max(top, table.headed + 1) + 1}"] = sentence
    return faults
