"""What somebody typed into the rows of the coordinator’s grid, kept as it was typed and read as rows of a set."""

from collections.abc import Mapping, Sequence

import msgspec

from improvement import texts
from improvement.errors import Refused
from improvement.local_accounts.queries.grid import GridRow
from improvement.local_accounts.rules import Status
from improvement.local_accounts.rules.grid import Row, read_day, typed_day

Typed = Mapping[str, str | Sequence[str]]
NOTE_MOST = 2000


class Filled(msgspec.Struct, frozen=True):
    """The boxes of one row. `was` is what they showed when the page was first opened."""

    status: str
    expected: str
    note: str
    ticked: bool
    seen: int
    """The newest fact of the entry when the row was shown."""
    was: str
    clashed: bool = False
    """Whether the row was shown with what somebody else told meanwhile, so that one of the two was to be chosen."""
    keep: str = ""

    @property
    def changed(self) -> bool:
        return f"{self.status}|{self.expected}" != self.was or bool(self.note and not self.ticked)

    @property
    def wanted(self) -> bool:
        """Whether anything is to be saved of it."""
        return self.changed or self.ticked


def filled(row: GridRow, typed: Typed, tick: str = "") -> Filled:
    """The boxes of a row as they were typed; as the entry stands where nothing was."""
    slug = row.council
    if f"seen-{slug}" not in typed:
        ticked = tick == "others" and not row.done
        expected = typed_day(row.expected_on)
        return Filled(row.status, expected, "", ticked, row.seq, f"{row.status}|{expected}")
    chosen = typed.get("nochange", [])
    given = _one(typed, "seen", slug)
    boxes = Filled(
        _one(typed, "status", slug) or Status.PUBLISHED.value,
        " ".join(_one(typed, "expected_on", slug).split()),
        _one(typed, "note", slug),
        slug in ([chosen] if isinstance(chosen, str) else chosen),
        int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0,
        _one(typed, "was", slug),
        _one(typed, "clash", slug) == "yes",
        _one(typed, "keep", slug),
    )
    others = typed.get("others") == "no change" and not boxes.changed
    return msgspec.structs.replace(boxes, ticked=True) if others else boxes


def _one(typed: Typed, field: str, slug: str) -> str:
    value = typed.get(f"{field}-{slug}", "")
    return texts.said(value if isinstance(value, str) else value[-1])


def read_rows(rows: Sequence[GridRow], typed: Typed) -> tuple[list[Row], dict[str, str]]:
    """The rows of a set, and what is wrong with how they were typed, by box. Rows left alone are not among them."""
    found, mistakes = list[Row](), dict[str, str]()
    for row in rows:
        boxes = filled(row, typed)
        if not boxes.wanted:
            continue
        if boxes.clashed and boxes.keep not in ("theirs", "mine"):
            mistakes[f"keep-{row.council}"] = f"Choose which is right for {row.name}."
        if boxes.clashed and boxes.keep == "theirs":
            continue
        wrong = _wrong(row, boxes)
        mistakes |= {f"{field}-{row.council}": f"{row.name}: {said}" for field, said in wrong.items()}
        if not wrong:
            found.append(_row(row, boxes))
    return found, mistakes


def _wrong(row: GridRow, boxes: Filled) -> dict[str, str]:
    found = {}
    try:
        read_day(boxes.expected)
    except Refused as refusal:
        found["expected_on"] = refusal.message
    if boxes.status not in set(Status):
        found["status"] = "Select a status from the list."
    if len(boxes.note) > NOTE_MOST:
        found["note"] = f"The note must be {NOTE_MOST:,} characters or fewer. You sent {len(boxes.note):,}."
    elif not texts.can_be_kept(boxes.note):
        found["note"] = "The note has characters that cannot be kept. Type it again."
    if row.published_on and boxes.status == Status.PUBLISHED and boxes.note and not boxes.ticked:
        found["nochange"] = "Tick “No change” too, so that the note is kept with it."
    if boxes.ticked and boxes.changed and boxes.keep != "mine":
        found["nochange"] = "Either change the row or tick “No change”, not both."
    return found


def _row(row: GridRow, boxes: Filled) -> Row:
    """What is wanted of one council. Who keeps their own in a clash says that it is right, ticked or not."""
    if boxes.ticked and not (boxes.clashed and boxes.keep == "mine"):
        return Row(row.council, note=boxes.note, no_change=True, seq=boxes.seen)
    return Row(row.council, Status(boxes.status), read_day(boxes.expected), boxes.note, seq=boxes.seen)
