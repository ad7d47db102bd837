"""What somebody sent in a file: a CSV as rows by the headings of its first line, or evidence of a kind we know.

Nothing is guessed.
"""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile

from improvement.errors import Mistakes, Refused

EVIDENCE = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK\x03\x04"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04"),
    ".csv": ("text/csv", b""),
}
"""The kinds of file taken as evidence: what each is, and what its bytes begin with."""
MAIN_PART = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml"}
"""What an Office file holds if it is what its name says."""
KINDS_IN_WORDS = "PDF, Word (.docx), Excel (.xlsx), CSV, PNG or JPEG"


class NotEvidence(Refused):
    """A file that cannot be kept as evidence: empty, too big, or not of a kind we know."""


def check_evidence(name: str, body: bytes, most: int, field: str = "files") -> tuple[str, str]:
    """The safe name of a file sent as evidence, and what kind it is. Raises `NotEvidence` with the file's name."""
    # Old browsers send the whole path, and others lie: what follows the last slash is the name.
    plain = "".join(sign for sign in name.replace("\\", "/").rsplit("/", 1)[-1] if sign.isprintable()).strip(" .")
    called, ending = plain[-100:] or "The file", PurePosixPath(plain.lower()).suffix
    if not body:
        raise NotEvidence(f"“{called}” is empty. Choose the file again.", field=field)
    if len(body) > most:
        raise NotEvidence(f"“{called}” is larger than {most // 1_000_000} MB. Send a smaller copy.", field=field)
    if ending not in EVIDENCE:
        raise NotEvidence(f"“{called}” cannot be kept as evidence. Send {KINDS_IN_WORDS}.", field=field)
    media_type, begins = EVIDENCE[ending]
    if not body.startswith(begins) or not _is_what_it_says(ending, body):
        raise NotEvidence(f"“{called}” is not what its name says it is. Save it again as {ending}.", field=field)
    return called, media_type


def _is_what_it_says(ending: str, body: bytes) -> bool:
    """Whether the bytes of an Office file or a CSV hold what they should. Of an Office file only the list is read."""
    if ending == ".csv":
        try:
            return "\0" not in as_text(body)
        except NotText:
            return False
    if ending not in MAIN_PART:
        return True
    try:
        with ZipFile(BytesIO(body)) as parts:
            names = parts.namelist()
    except (BadZipFile, ValueError, NotImplementedError):
        return False
    return MAIN_PART[ending] in names and not any(name.endswith("vbaProject.bin") for name in names)


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
