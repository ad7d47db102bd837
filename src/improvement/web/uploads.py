"""What somebody sent in a file: a CSV as rows by the headings of its first line, or evidence of a kind we know.

Nothing is guessed.
"""

import csv
from collections.abc import Collection, Iterable, Sequence
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
MACROS = ("vbaproject", "macrosheets/")
"""What an Office file holds if it can run something."""
KINDS_IN_WORDS = "PDF, Word (.docx), Excel (.xlsx), CSV, PNG or JPEG"


class NotEvidence(Refused):
    """A file that cannot be kept as evidence: empty, too big, or not of a kind we know."""


def check_evidence(files: Iterable[tuple[str, bytes]], most: int, field: str = "files") -> list[tuple[str, str, bytes]]:
    """The safe name, the kind and the bytes of each file sent as evidence. The same bytes are taken once, and two files
    of one name are told apart by a number. Raises `NotEvidence` that names every file at fault."""
    taken: dict[bytes, tuple[str, str, bytes]] = {}
    wrong, names = [], set[str]()
    for name, body in files:
        called = _safe(name)
        if fault := _fault(called, body, most):
            wrong.append(fault)
        elif body not in taken:
            single = _numbered(called, names)
            names.add(single.lower())
            taken[body] = (single, EVIDENCE[_ending(called)][0], body)
    if wrong:
        raise NotEvidence(" ".join(wrong), field=field)
    return list(taken.values())


def what_is_wrong(files: Iterable[tuple[str, bytes]], most: int) -> str:
    """A sentence for each file that cannot be kept as evidence; nothing when all can."""
    return " ".join(fault for name, body in files if (fault := _fault(_safe(name), body, most)))


def _safe(name: str) -> str:
    """Old browsers send the whole path, and others lie: what follows the last slash is the name."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip(" .")[-100:] or "The file"


def _ending(name: str) -> str:
    return PurePosixPath(name.lower()).suffix


def _numbered(name: str, names: Collection[str]) -> str:
    """A name that is not among others."""
    stem, dot, ending = name.rpartition(".")
    tries = (name, *(f"{stem} ({number}){dot}{ending}" for number in range(2, len(names) + 3)))
    return next(each for each in tries if each.lower() not in names)


def _fault(called: str, body: bytes, most: int) -> str:
    """What is wrong with a file, in a sentence."""
    ending = _ending(called)
    if not body:
        return f"“{called}” is empty. Choose the file again."
    if len(body) > most:
        return f"“{called}” is larger than {most // 1_000_000} MB. Send a smaller copy."
    if ending not in EVIDENCE:
        return f"“{called}” cannot be kept as evidence. Send {KINDS_IN_WORDS}."
    if not body.startswith(EVIDENCE[ending][1]) or not _is_what_it_says(ending, body):
        return f"“{called}” is not what its name says it is. Save it again as {ending}, without macros."
    return ""


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
            names = [name.lower() for name in parts.namelist()]
    except (BadZipFile, ValueError, NotImplementedError):
        return False
    return MAIN_PART[ending] in names and not any(macro in name for name in names for macro in MACROS)


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
    needs = f" It needs the columns {', '.join(columns)}." if columns else ""
    try:
        # Where the comma is the decimal sign, spreadsheets write semicolons between cells.
        read = list(csv.reader(StringIO(text), delimiter=";" if ";" in first and "," not in first else ","))
    except csv.Error:
        raise Mistakes({"file": "The file cannot be read as a CSV. Save it again from your spreadsheet."}) from None
    headings = [heading.strip().lower() for heading in read[0]] if read else []
    if doubled := next((name for name in headings if name and headings.count(name) > 1), ""):
        sentence = f"The file has two columns “{doubled}”. Leave the one that counts, and take the other out."
        raise Mistakes({"file": sentence})
    for column in columns:
        if column not in headings:
            raise Mistakes({"file": f"The file has no column “{column}”.{needs}"})
    rows = {number: row for number, row in enumerate(read[1:], start=2) if any(cell.strip() for cell in row)}
    if not rows:
        raise Mistakes({"file": f"The file has no rows below its headings.{needs}"})
    for number, row in rows.items():
        if any(cell.strip() for cell in row[len(headings) :]):
            raise Mistakes({"file": f"Row {number} has more cells than there are columns. Put quotes round commas."})
    return {number: dict(zip(headings, row, strict=False)) for number, row in rows.items()}
