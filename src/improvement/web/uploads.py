"""Reading a CSV that somebody sent: as text, then as rows by the headings of its first line. Nothing is guessed."""

import csv
from collections.abc import Sequence
from io import StringIO

from improvement.errors import Mistakes, Refused


class NotText(Refused):
    """What was sent is not text in a form we can be sure of."""


def as_text(file: bytes) -> str:
    """A CSV as text: UTF-8 with or without its mark, or UTF-16 with it. Raises `NotText`."""
    try:
        return file.decode("utf-16" if file[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        sentence = "The file is not in UTF-8. In Excel, save it as “CSV UTF-8”, then send it again."
        raise NotText(sentence, field="file") from None


def rows_of(text: str, columns: Sequence[str]) -> dict[int, dict[str, str]]:
    """Each row that is not blank, by its number in the file. Raises `Mistakes` unless it has the columns."""
    first = text.partition("\n")[0]
    needs = f"It needs the columns {', '.join(columns)}."
    try:
        # Where the comma is the decimal sign, spreadsheets write semicolons between cells.
        read = list(csv.reader(StringIO(text), delimiter=";" if ";" in first and "," not in first else ","))
    except csv.Error:
        raise Mistakes({"file": "The file cannot be read as a CSV. Save it again from your spreadsheet."}) from None
    headings = [heading.strip().lower() for heading in read[0]] if read else []
    for column in columns:
        if column not in headings:
            raise Mistakes({"file": f"The file has no column “{column}”. {needs}"})
    rows = {number: row for number, row in enumerate(read[1:], start=2) if any(cell.strip() for cell in row)}
    if not rows:
        raise Mistakes({"file": f"The file has no rows below its headings. {needs}"})
    for number, row in rows.items():
        if any(cell.strip() for cell in row[len(headings) :]):
            raise Mistakes({"file": f"Row {number} has more cells than there are columns. Put quotes round commas."})
    return {number: dict(zip(headings, row, strict=False)) for number, row in rows.items()}
