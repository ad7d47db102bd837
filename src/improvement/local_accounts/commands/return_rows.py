"""The rows of a return as a file gives them, with every cell that cannot be read."""

from collections.abc import Mapping, Sequence
from string import ascii_uppercase

import msgspec

from improvement.dates import ProgrammeYear
from improvement.errors import Refused
from improvement.local_accounts.commands.returns import Mistake, Row
from improvement.local_accounts.rules.returns import FIELDS, HEADINGS, NEEDED, read_cell, read_key
from improvement.sector.rules import Council
from improvement.web.sheets import Sheet, Table, faults_of, table_of


class ReturnRead(msgspec.Struct, frozen=True):
    """A return as it was read, before it is held against what is known."""

    sheet: str
    rows: list[Row]
    mistakes: list[Mistake]
    unread: Sequence[str]
    """Headings of columns that are not of the return."""
    absent: Sequence[str]
    """Headings of the return that the file has not: what they are about stays as it is."""


class Councils(msgspec.Struct, frozen=True):
    """Whose rows may be in the file."""

    which: ProgrammeYear
    listed: Mapping[str, Council]
    mine: frozenset[str]
    newest: int
    """The newest fact there is: no key can know of a later one."""


def read_return(sheets: Sequence[Sheet], councils: Councils) -> ReturnRead:
    """Every row of the return. Raises `Refused` when no sheet is one."""
    table = table_of(sheets, HEADINGS, NEEDED)
    faults = faults_of(table)
    reading = _Reading(table, councils, faults)
    for number in range(table.headed + 1, len(table.sheet.rows)):
        reading.read(number)
    mistakes = [Mistake(cell, reading.council_in(cell), said) for cell, said in faults.items()] + reading.mistakes
    if not reading.seen and not mistakes:
        raise Refused("The return has no rows below its headings. Send the workbook you filled in.", field="file")
    absent = [HEADINGS[name] for name in FIELDS if name not in table.at]
    return ReturnRead(table.sheet.name, reading.rows, mistakes, table.unread, absent)


class _Reading:
    """The rows of one table while they are read, one after another."""

    def __init__(self, table: Table, councils: Councils, faults: Mapping[str, str]) -> None:
        self.table, self.councils, self.faults = table, councils, faults
        self.rows: list[Row] = []
        self.mistakes: list[Mistake] = []
        self.seen: dict[str, int] = {}

    def council_in(self, cell: str) -> str:
        """The council in whose row a cell is, where that could be read."""
        row = int(cell.lstrip(ascii_uppercase))
        return next((code for code, seen in self.seen.items() if seen == row), "")

    def read(self, number: int) -> None:
        """One row: kept when every cell of it can be read, otherwise each that cannot is told."""
        row = self.table.sheet.rows[number]
        texts = {name: row[place] if place < len(row) else "" for name, place in self.table.at.items()}
        if not any(text.strip() for text in texts.values()):
            return
        cells = {name: self.table.cell(number, name) for name in texts}
        if wrong := self._not_a_row(number, texts):
            known = _code(texts) if _code(texts) in self.councils.listed else ""
            self.mistakes.append(Mistake(cells[wrong[0]], known, wrong[1]))
            return
        code, said, before = _code(texts), dict[str, str](), len(self.mistakes)
        for name in (each for each in FIELDS if each in texts):
            if cells[name] in self.faults:
                continue
            try:
                said[name] = read_cell(FIELDS[name], texts[name])
            except Refused as refusal:
                self.mistakes.append(Mistake(cells[name], code, refusal.message))
        seq = self._seq(texts["key"], cells["key"], code)
        if len(self.mistakes) == before:
            self.rows.append(Row(code, seq, said, {name: cells[name] for name in said}))

    def _not_a_row(self, number: int, texts: Mapping[str, str]) -> tuple[str, str] | None:
        """Why a row is nobody's: the column that says so, and the sentence."""
        code, councils = _code(texts), self.councils
        if not code:
            return "code", "This row has no code, so we cannot tell which council it is. Copy it from a new return."
        council = councils.listed.get(code)
        if council is None:
            return "code", f"“{code[:60]}” is not a council on the list for {councils.which.on_screen}."
        if code not in councils.mine:
            return "code", f"You do not record the account of {council.name}. Take this row out."
        if code in self.seen:
            return "code", f"{council.name} is in row {self.seen[code]} already. Leave one of the two."
        self.seen[code] = number + 1
        name = " ".join(texts.get("name", "").split())
        if name and name.casefold() != council.name.casefold():
            return "name", (
                f"The code of this row is that of {council.name}. If a column was sorted by itself, undo that."
            )
        return None

    def _seq(self, text: str, cell: str, code: str) -> int:
        """What the row's key knows of; told as a mistake when it is none."""
        try:
            seq = read_key(text, str(self.councils.which), code)
            if seq > self.councils.newest:
                raise Refused("This is not a key the tracker wrote. Copy the row from a return you download now.")
        except Refused as refusal:
            self.mistakes.append(Mistake(cell, code, refusal.message))
            return 0
        return seq


def _code(texts: Mapping[str, str]) -> str:
    return texts["code"].strip().casefold()
