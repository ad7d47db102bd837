"""The return a region or a council fills in: its columns, how a cell is read, and what a row would change."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum

import msgspec

from improvement import texts
from improvement.dates import in_words
from improvement.errors import Refused
from improvement.local_accounts.rules import Basis, Format, Status

VERSION = 1
"""Of the workbook's columns. A later one than this was not made here."""
NOTED_AS = "Changed in the return"
"""The reason of a correction that was made by sending the return."""

Facts = Mapping[str, str]
"""What is known of one council's account, by column: days as 2011-12-31, and nothing where nothing is known."""


class Part(StrEnum):
    """What a column is of."""

    ROW = "the row"
    STATUS = "the status"
    PUBLICATION = "the publication"


class Kind(StrEnum):
    """What may be in a column's cells."""

    TEXT = "text"
    DAY = "day"
    CHOICE = "choice"
    FORMATS = "formats"


class Column(msgspec.Struct, frozen=True):
    """One column of the return."""

    name: str
    heading: str
    part: Part
    says: str
    """What it is for, as the workbook says beside the cell and among its notes."""
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    most: int = 2000


_PUBLISHED = "Only for an account that is published."
COLUMNS = (
    Column("name", "Council", Part.ROW, "The council. Leave it as it is."),
    Column(
        "status",
        "Status",
        Part.STATUS,
        "What the council says of its account. For “published”, fill in the title, the address and the day too.",
        Kind.CHOICE,
        tuple(status.value for status in Status),
    ),
    Column("expected_on", "Expected date", Part.STATUS, "The day it expects to publish, today or later.", Kind.DAY),
    Column("because", "Note or reason", Part.STATUS, "A note, or the reason a council gives if it will not publish."),
    Column("agreed_by", "Agreed by", Part.STATUS, "Who agreed that it will not publish.", most=200),
    Column("title", "Title", Part.PUBLICATION, f"The title of the account. {_PUBLISHED}", most=300),
    Column("address", "Web address", Part.PUBLICATION, "The whole address of the page or document, with https://."),
    Column("published_on", "Day published", Part.PUBLICATION, "The day it was published, today or earlier.", Kind.DAY),
    Column(
        "basis",
        "How sure of the day",
        Part.PUBLICATION,
        "“exact”, or “no later than” if it was first seen on that day.",
        Kind.CHOICE,
        tuple(basis.value for basis in Basis),
    ),
    Column(
        "formats",
        "Formats",
        Part.PUBLICATION,
        f"What people can get, with commas between: {', '.join(each.value for each in Format)}.",
        Kind.FORMATS,
        tuple(each.value for each in Format),
    ),
    Column("period_from", "Covers from", Part.PUBLICATION, "The first day the account is about.", Kind.DAY),
    Column("period_to", "Covers to", Part.PUBLICATION, "The last day the account is about.", Kind.DAY),
    Column("without_web", "Without the web", Part.PUBLICATION, "Where people without the web can get it."),
    Column("editions", "Later editions", Part.ROW, "What was published after the first. It is not read back."),
    Column("code", "Code", Part.ROW, "What the tracker calls the council. Leave it as it is."),
    Column("key", "Key", Part.ROW, "What the tracker knew when it made this row. Leave it as it is."),
)
HEADINGS = {column.name: column.heading for column in COLUMNS}
FIELDS = {column.name: column for column in COLUMNS if column.part is not Part.ROW}
"""The columns that people fill in."""
NEEDED = ("code", "key", "status")
NOTHING = dict.fromkeys(FIELDS, "")
UNPUBLISHED = {**NOTHING, "status": Status.NOT_STARTED.value}
MUST = ("title", "address", "published_on")
"""What a publication cannot be without."""


class NotInForm(Refused):
    """A cell that does not hold what its column is for."""


class OtherTemplate(Refused):
    """A workbook, or a row of it, that was not made for this return."""


def key_of(year: str, council: str, seq: int) -> str:
    """What a row carries so that we can tell what changed since it was made."""
    return f"LA{VERSION} {year} {council} {seq}"


def read_key(text: str, year: str, council: str) -> int:
    """The newest fact that was known of the council when the row was made. Raises `OtherTemplate`."""
    found = re.fullmatch(r"LA(\d{1,4}) (\d{4}-\d{4}) ([a-z0-9-]{1,60}) (\d{1,15})", " ".join(text.split()))
    if found is None:
        raise OtherTemplate("This is not a key the tracker wrote. Copy the row from a return you download now.")
    if int(found[1]) > VERSION:
        raise OtherTemplate("This row is of a later return than we know. Download a new one, and fill that in.")
    if found[2] != year:
        raise OtherTemplate(f"This row is of the return for {found[2]}. Send it there, or download a new one.")
    if found[3] != council:
        raise OtherTemplate("This key is of another council. If a column was sorted by itself, undo that.")
    return int(found[4])


def read_cell(column: Column, text: str) -> str:
    """A cell as it is compared and kept: nothing when it is empty. Raises `NotInForm`."""
    plain = texts.said(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not plain:
        return ""
    if not texts.can_be_kept(plain):
        raise NotInForm("This has characters that cannot be kept. Type it again.")
    if column.kind is Kind.DAY:
        return read_day(plain).isoformat()
    if column.kind is Kind.CHOICE:
        return _choice(column, plain)
    if column.kind is Kind.FORMATS:
        chosen = {_choice(column, part) for part in re.split(r"[,;\n]", plain) if part.strip()}
        return ", ".join(each for each in column.choices if each in chosen)
    if len(plain) > column.most:
        raise NotInForm(f"This must be {column.most:,} characters or fewer. It has {len(plain):,}.")
    return plain


def _choice(column: Column, text: str) -> str:
    said = " ".join(text.split()).casefold()
    for choice in column.choices:
        if choice.casefold() == said:
            return choice
    raise NotInForm(f"“{text.strip()[:60]}” is not one of: {', '.join(column.choices)}.")


_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y")


def read_day(text: str) -> date:
    """A day as people in England write it. Raises `NotInForm`, also for the month before the day."""
    said = " ".join(text.replace(",", " ").split()).removesuffix(" 00:00:00")
    if len(said) <= 30 and said.isascii():
        for form in _DAYS:
            try:
                day = datetime.strptime(said, form).date()  # noqa: DTZ007 - a day of the calendar, not an instant
            except ValueError:
                continue
            if 1900 <= day.year <= 2199:
                return day
    if said.replace(".", "", 1).isdigit():
        raise NotInForm(f"“{said[:40]}” is a number, not a day. Write it like 31/12/2011.")
    raise NotInForm(f"“{said[:40]}” is not a day. Write the day first, like 31/12/2011.")


class Meanwhile(msgspec.Struct, frozen=True):
    """One fact that the file changes, and that somebody else has changed since the file was made."""

    field: str
    theirs: str
    mine: str


class Differences(msgspec.Struct, frozen=True):
    """What a row says that is not known so: plain changes, and those that meet another's."""

    changes: Facts
    conflicts: Sequence[Meanwhile]


def differences(base: Facts, now: Facts, mine: Facts) -> Differences:
    """What a row changes, when it was made from `base`, and the tracker knows `now`.

    A cell that was left as it was says nothing, whatever was recorded meanwhile.
    """
    changes: dict[str, str] = {}
    conflicts = []
    for field, said in mine.items():
        if said in (base[field], now[field]):
            continue
        if now[field] == base[field]:
            changes[field] = said
        else:
            conflicts.append(Meanwhile(field, now[field], said))
    return Differences(changes, conflicts)


class Step(StrEnum):
    """What becomes of a row's changes."""

    NOTHING = "nothing"
    STATUS = "a status is reported"
    PUBLISH = "a publication is recorded"
    CORRECT = "the publication is corrected"


def step_of(now: Facts, changes: Facts, today: date) -> tuple[Step, Facts, dict[str, str]]:
    """What a row's changes come to, the facts as they would be, and what is wrong by column."""
    if not changes:
        return Step.NOTHING, now, {}
    after = {**now, **changes}
    of_status = [field for field in changes if FIELDS[field].part is Part.STATUS]
    of_publication = [field for field in changes if FIELDS[field].part is Part.PUBLICATION]
    if now["status"] == Status.PUBLISHED:
        return _published(after, of_status)
    if after["status"] == Status.PUBLISHED or of_publication:
        return _to_publish(after, of_status)
    if "expected_on" not in changes and after["expected_on"] and after["expected_on"] < today.isoformat():
        # A day that was given and has passed no longer counts, and is not said again.
        after["expected_on"] = ""
    if after["status"] == Status.WILL_NOT_PUBLISH and not after["because"]:
        return Step.STATUS, after, {"because": "Enter the reason the council gives. Publishing is at its discretion."}
    return Step.STATUS, after, {}


def _published(after: Facts, of_status: Sequence[str]) -> tuple[Step, Facts, dict[str, str]]:
    wrong = dict.fromkeys(
        of_status, "Its account is published. If that is wrong, correct the publication on the council’s page."
    )
    if not any(after[name] for name in MUST):
        taken = "To take a publication back, open the council’s page and correct it there."
        return Step.CORRECT, after, {**wrong, "title": taken}
    return Step.CORRECT, after, wrong | _missing(after)


def _to_publish(after: Facts, of_status: Sequence[str]) -> tuple[Step, Facts, dict[str, str]]:
    wrong = _missing(after)
    if "status" in of_status and after["status"] != Status.PUBLISHED:
        wrong["status"] = "The row has a publication, so its status must be “published”. Or clear the publication."
    for field in of_status:
        # Somebody who publishes may well clear the day it was expected; what else is said would be lost.
        if field != "status" and after[field]:
            wrong[field] = "A published account has no expected day, note or agreement in the return. Clear this cell."
    return Step.PUBLISH, after, wrong


def looks_like_edition(now: Facts, after: Facts) -> bool:
    """Whether what is said of a published account may be of a later edition: a later day, and another title or address.

    The row is about the first publication, which being on time rests on. So whoever sends it is asked which it is.
    """
    another = any(after[name] != now[name] for name in ("title", "address"))
    return another and bool(now["published_on"]) and after["published_on"] > now["published_on"]


def _missing(after: Facts) -> dict[str, str]:
    needs = {"title": "title", "address": "web address", "published_on": "day it was published"}
    return {
        name: f"A published account needs its {words}. Enter it here."
        for name, words in needs.items()
        if not after[name]
    }


def in_cell(field: str, said: str) -> str:
    """What a column says, as people read it."""
    if not said:
        return "Not known" if FIELDS[field].part is Part.PUBLICATION else "None"
    return in_words(date.fromisoformat(said)) if FIELDS[field].kind is Kind.DAY else said
