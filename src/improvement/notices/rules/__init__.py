"""Which reminder falls on which day, who gets it, and in what words."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

import msgspec

from improvement.dates import LONDON, Month, ProgrammeYear, WorkingDays, in_words
from improvement.local_accounts.rules import PUBLISHED, Position, Standing

BEFORE = (30, 7, 1)
"""How many working days before a day we remind of it."""
EVERY = 10
"""After that day, how many working days pass between reminders."""
FROM_HOUR = 8
"""The hour in London before which nothing is written."""
ENDING = (
    "Follow a link to record a publication, give a day, or say that the council decided not to publish.\n"
    "Once a publication or that decision is recorded, reminders about the council end."
)
FOR_THEM_TO_DECIDE = "It is for each council to decide whether and when to publish."


class Occasion(StrEnum):
    """Why somebody is reminded."""

    EXPECTED = "day expected"
    DEADLINE = "suggested date"
    DAY_PASSED = "day given has passed"
    DEADLINE_PASSED = "suggested date has passed"


class Became(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    BOUNCED = "bounced"
    NOT_SENT = "not sent"
    GIVEN_UP = "given up"
    NOT_KEPT = "no longer kept"


class Wish(StrEnum):
    """What somebody asks for with a stop link."""

    STOP = "stop"
    AGAIN = "again"


class Reminder(msgspec.Struct, frozen=True):
    """What falls on a day for one council: `day` is the day it is about, `left` the working days until then."""

    council: str
    occasion: Occasion
    day: date
    left: int = 0
    expected_on: date | None = None
    """The day the council gave, when the reminder is about another."""


class Item(msgspec.Struct, frozen=True):
    """One line of a digest: a council's reminder for its account of a programme year."""

    year: ProgrammeYear
    name: str
    region: str
    region_name: str
    reminder: Reminder
    of_contact: bool = False
    """Whether it is for somebody who cannot sign in, and so needs a link that does without."""

    @property
    def path(self) -> str:
        """The page that shows the account and does what is asked."""
        return f"/local-accounts/{self.year}/{self.reminder.council}"


class Digest(msgspec.Struct, frozen=True):
    """Everything one address is told on one day."""

    address: str
    because: tuple[str, ...]
    """Why this address gets it, in words."""
    items: tuple[Item, ...]


def runs(first_day: date, deadline: date, today: date) -> bool:
    """Whether a programme year has reminders: from its first day to the end of the second month after its deadline."""
    return first_day <= today <= Month.of(deadline).next.next.last_day


def is_time(at: datetime) -> bool:
    """Whether it is late enough in the London day to write to people."""
    return at.astimezone(LONDON).hour >= FROM_HOUR


def reminder(stand: Standing, deadline: date, today: date, working: WorkingDays) -> Reminder | None:
    """What a council is reminded of today. Nothing once it has published or decided not to, nor on a day off."""
    if not working.is_one(today) or stand.position in PUBLISHED or stand.position is Position.WILL_NOT:
        return None
    coming = _coming(stand, deadline, today, working)
    return coming or _gone(stand, deadline, today, working)


def _coming(stand: Standing, deadline: date, today: date, working: WorkingDays) -> Reminder | None:
    expected = stand.expected_on
    if expected is not None and (left := _falls_before(expected, today, working)):
        return Reminder(stand.council, Occasion.EXPECTED, expected, left)
    if today <= deadline and (left := _falls_before(deadline, today, working)):
        return Reminder(stand.council, Occasion.DEADLINE, deadline, left, expected)
    return None


def _falls_before(day: date, today: date, working: WorkingDays) -> int:
    """How many working days are left until a day, when that is one of the numbers we remind at."""
    return next((left for left in BEFORE if working.before(day, left) == today), 0)


def _gone(stand: Standing, deadline: date, today: date, working: WorkingDays) -> Reminder | None:
    """A day that has passed, for a council that has given no other: the first working day after, then every tenth."""
    if stand.expected_on is not None:
        return None
    passed = stand.passed_on
    days = [day for day in (passed, deadline) if day is not None and day < today]
    if not days or not (_is_first_after(min(days), today, working) or _falls_after(max(days), today, working)):
        return None
    if passed is not None:
        return Reminder(stand.council, Occasion.DAY_PASSED, passed)
    return Reminder(stand.council, Occasion.DEADLINE_PASSED, deadline)


def _is_first_after(day: date, today: date, working: WorkingDays) -> bool:
    return working.after(day, 1) == today


def _falls_after(day: date, today: date, working: WorkingDays) -> bool:
    """Whether today is the first working day after a day, or the tenth, twentieth… after that one."""
    step = working.after(day, 1)
    while step < today:
        step = working.after(step, EVERY)
    return step == today


def digests(wanted: Iterable[tuple[str, str, Item]], stopped: Iterable[str] = ()) -> list[Digest]:
    """One digest for each address, from who is told what and why. Addresses that stopped get none.

    An address that is told of one account twice is told once, as it was told first.
    """
    refused, found = frozenset(stopped), dict[str, tuple[dict[str, None], dict[str, Item]]]()
    for address, because, item in wanted:
        if address in refused:
            continue
        reasons, items = found.setdefault(address, ({}, {}))
        reasons[because] = None
        items.setdefault(item.path, item)
    return [
        Digest(address, tuple(reasons), tuple(sorted(items.values(), key=_by_day)))
        for address, (reasons, items) in sorted(found.items())
    ]


def _by_day(item: Item) -> tuple[date, str, str]:
    return item.reminder.day, item.reminder.occasion, item.name


def line(item: Item) -> str:
    """What is said of one council when it is the only one, in a sentence or two."""
    name, told, of = item.name, item.reminder, f"its local account {item.year.on_screen}"
    day = in_words(told.day)
    match told.occasion:
        case Occasion.EXPECTED:
            return f"{name} expects to publish {of} on {day}, {_in(told.left)}."
        case Occasion.DEADLINE if told.expected_on is not None:
            given = in_words(told.expected_on)
            return f"{name} expects to publish {of} on {given}. The suggested date is {day}, {_in(told.left)}."
        case Occasion.DEADLINE:
            return f"{name} has not given a day for {of} yet. The suggested date is {day}, {_in(told.left)}."
        case Occasion.DAY_PASSED:
            return f"{name} gave {day} for {of}. That day has passed. Is it published, or is there a new day?"
    return f"{name} has not given a day for {of} yet. The suggested date, {day}, has passed. Is it published?"


def heading(item: Item) -> str:
    """What is said once of all the councils it is true of, above their names."""
    told, day = item.reminder, in_words(item.reminder.day)
    match told.occasion:
        case Occasion.EXPECTED:
            return f"Local accounts {item.year.on_screen} expected on {day}, {_in(told.left)}:"
        case Occasion.DEADLINE:
            return f"Local accounts {item.year.on_screen}: the suggested date is {day}, {_in(told.left)}:"
        case Occasion.DAY_PASSED:
            return f"Local accounts {item.year.on_screen} whose day, {day}, has passed. Published, or a new day?"
    return f"Local accounts {item.year.on_screen}: the suggested date, {day}, has passed, and no day is given yet:"


def _named(item: Item) -> str:
    told = item.reminder
    if told.occasion is not Occasion.DEADLINE:
        return item.name
    return f"{item.name} ({f'expects {in_words(told.expected_on)}' if told.expected_on else 'no day yet'})"


def _in(left: int) -> str:
    return "the next working day" if left == 1 else f"in {left} working days"


def about(digest: Digest) -> str:
    """What a digest is about, for the log: its councils, or two and how many more when they are more than three."""
    names = [item.name for item in digest.items]
    return ", ".join(names) if len(names) <= 3 else f"{names[0]}, {names[1]} and {len(names) - 2} more"


def subject(digest: Digest) -> str:
    """One line that says which council, or how many."""
    first, many = digest.items[0], len(digest.items)
    return f"Local accounts: a reminder about {many} councils" if many > 1 else f"{first.name}: local account reminder"


def body(digest: Digest, url: str, stop: str, without_sign_in: Callable[[Item], str]) -> str:
    """The whole message in plain text, with the link that stops them, and links that work without signing in."""
    parts = ["Hello,", f"This is a reminder about local accounts. {FOR_THEM_TO_DECIDE}"]
    if len(digest.items) == 1:
        (only,) = digest.items
        parts.append(f"{line(only)}\n{url}{only.path}{_without(only, without_sign_in)}")
    else:
        for said, items in groupby(digest.items, heading):
            rows = [f"- {_named(item)}\n  {url}{item.path}{_without(item, without_sign_in)}" for item in items]
            parts.append("\n".join([said, *rows]))
        lists = {item.region_name: f"{url}/local-accounts/{item.year}?region={item.region}" for item in digest.items}
        parts += [f"All councils of {name}:\n{address}" for name, address in sorted(lists.items())]
    parts.append(ENDING)
    parts.append(f"You get this because {_because(digest)}. To stop reminders to this address:\n{stop}")
    return "\n\n".join(parts) + "\n"


def preview(digest: Digest, url: str) -> str:
    """The message as it would be written, without the links that are only for whoever it goes to."""
    return body(digest, url, "(a link of their own)", lambda _: "(a link of their own)")


def _without(item: Item, without_sign_in: Callable[[Item], str]) -> str:
    link = without_sign_in(item) if item.of_contact else ""
    return f"\nIf what we have is still correct, say so here without signing in:\n{link}" if link else ""


def _because(digest: Digest) -> str:
    *most, last = digest.because
    return f"{', '.join(most)} and {last}" if most else last
