"""When a Board report is due, what state it is in, who may move it on and who may read what: the rules of reporting."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum

import msgspec

from improvement.dates import Month, ProgrammeYear, in_words
from improvement.errors import Conflict, Refused

SERVICE_ID = 1
"""The person the tracker is when it does something by itself: nobody's preparer."""


class State(StrEnum):
    """Where one version of a report is in its life."""

    DRAFT = "draft"
    WITH_BOARD = "with the Board"
    APPROVED = "approved"
    ISSUED = "issued"
    SUPERSEDED = "superseded"


class Step(StrEnum):
    """What is done with a report."""

    DRAFTED = "drafted"
    REFRESHED = "figures refreshed"
    SENT = "sent to the Board"
    RETURNED = "returned with comments"
    APPROVED = "approved"
    ISSUED = "issued"


class Audience(StrEnum):
    """For whom something in a report is, from the narrowest to everybody."""

    SECRETARIAT = "secretariat"
    BOARD = "board"
    PUBLIC = "public"


_REACHES = {Audience.SECRETARIAT: 2, Audience.BOARD: 1, Audience.PUBLIC: 0}

STATE_WORDS: dict[State, str] = {state: state.value[:1].upper() + state.value[1:] for state in State}

FOR_WHOM: dict[Audience, str] = {
    Audience.SECRETARIAT: "Programme Board paper: the secretariat’s copy",
    Audience.BOARD: "Programme Board paper",
    Audience.PUBLIC: "Programme Board: public version",
}
"""What a report says above its title of the readers it is for."""

FEW = 3
"""The Board reads a count of restricted concerns below this as “fewer than 3”."""


class Section(msgspec.Struct, frozen=True):
    """A part of the report where the secretariat may write."""

    heading: str
    hint: str
    audience: Audience


SECTIONS: dict[str, Section] = {
    "headlines": Section("Headlines", "What the figures do not say by themselves.", Audience.PUBLIC),
    "decisions": Section("Decisions wanted", "One decision a line. The Board reads these first.", Audience.BOARD),
    "money": Section("Money", "What changed in who gets what, and why.", Audience.PUBLIC),
    "accounts": Section("Local accounts", "What helped, and what is in the way.", Audience.PUBLIC),
    "concerns": Section(
        "Concerns and actions", "For the Board only. Name no council in a restricted matter.", Audience.BOARD
    ),
    "notes": Section("Notes on the data", "What a reader should know before using a figure.", Audience.PUBLIC),
}
"""In the order they are read."""


class MonthNotOver(Refused):
    """A month is reported on when it is over."""


class MonthNotBegun(Refused):
    """The first round is a month that has begun."""


class NoProgrammeYear(Refused):
    """A report belongs to a programme year."""


class RoundsOpened(Conflict):
    """The first round is opened once; the next follow by themselves."""


class AnotherStep(Conflict):
    """A report takes its steps in order."""


class PreparedByTheChair(Refused):
    """A report is approved by somebody who did not prepare it."""


class OnlyForward(Refused):
    """The cut-off of a draft moves forward only."""


class ChangedMeanwhile(Conflict):
    """Somebody else saved this passage since it was opened."""


class Event(msgspec.Struct, frozen=True):
    """One step of one version, as it was recorded."""

    step: Step
    by: int
    role: str
    at: datetime
    seq: int
    note: str = ""


_MAKES = {
    Step.DRAFTED: State.DRAFT,
    Step.REFRESHED: State.DRAFT,
    Step.SENT: State.WITH_BOARD,
    Step.RETURNED: State.DRAFT,
    Step.APPROVED: State.APPROVED,
    Step.ISSUED: State.ISSUED,
}

_FROM = {
    Step.REFRESHED: State.DRAFT,
    Step.SENT: State.DRAFT,
    Step.RETURNED: State.WITH_BOARD,
    Step.APPROVED: State.WITH_BOARD,
    Step.ISSUED: State.APPROVED,
}

WHAT_NEXT: dict[State, str] = {
    State.DRAFT: "The secretariat can write its narrative, refresh its figures and send it to the Board.",
    State.WITH_BOARD: "The chair can approve it or return it with comments.",
    State.APPROVED: "The secretariat can issue it.",
    State.ISSUED: "To change it, correct the facts and restate it.",
    State.SUPERSEDED: "A later version has taken its place.",
}


def state_of(events: Sequence[Event], *, superseded: bool) -> State:
    """The state that a version's steps, in order, have brought it to."""
    state = _MAKES[events[-1].step]
    return State.SUPERSEDED if superseded and state is State.ISSUED else state


def what_next(state: State) -> str:
    """What can be done with a report in this state, and by whom."""
    return WHAT_NEXT[state]


def check_step(step: Step, state: State, month: Month) -> None:
    """Raises `AnotherStep` unless a report in this state can take the step."""
    if _FROM[step] is not state:
        raise AnotherStep(
            f"The report for {month.in_words} is {_IN_A_SENTENCE[state]}, so it cannot be {step}. {WHAT_NEXT[state]}"
        )


_IN_A_SENTENCE = {state: "a draft" if state is State.DRAFT else state.value for state in State}


def check_restating(state: State, month: Month) -> None:
    """Raises `AnotherStep` unless the newest version is issued."""
    if state is not State.ISSUED:
        raise AnotherStep(
            f"The report for {month.in_words} is {_IN_A_SENTENCE[state]}. Only an issued report is restated."
        )


def check_writable(state: State, month: Month) -> None:
    """Raises `AnotherStep` unless the narrative may still be edited."""
    if state is not State.DRAFT:
        raise AnotherStep(
            f"The report for {month.in_words} is {state.value}, so its narrative cannot be changed. {WHAT_NEXT[state]}"
        )


def preparers(events: Iterable[Event], writers: Iterable[int]) -> frozenset[int]:
    """Who prepared a version: whoever drafted, refreshed or sent it, or wrote in it. Never the tracker itself."""
    prepared = {event.by for event in events if event.step in (Step.DRAFTED, Step.REFRESHED, Step.SENT)}
    return frozenset(prepared.union(writers) - {SERVICE_ID})


def check_approver(person: int, prepared: frozenset[int]) -> None:
    """Raises `PreparedByTheChair`."""
    if person in prepared:
        raise PreparedByTheChair("You prepared this report, so somebody else must approve it. Ask another chair.")


def check_month_over(month: Month, today: date) -> None:
    """Raises `MonthNotOver`."""
    if month.last_day >= today:
        raise MonthNotOver(
            f"{month.in_words} is not over. Its report can be drafted from {in_words(month.next.first_day)}.",
            field="month",
        )


def check_first_round(month: Month, today: date) -> None:
    """Raises `MonthNotBegun`."""
    if month.first_day > today:
        raise MonthNotBegun(f"{month.in_words} has not begun. Enter {Month.of(today)} or earlier.", field="month")


def year_of(month: Month, years: Iterable[ProgrammeYear]) -> ProgrammeYear:
    """The programme year a month's report is about: the latest that had begun. Raises `NoProgrammeYear`."""
    begun = [year for year in years if year.first_day <= month.last_day]
    if not begun:
        raise NoProgrammeYear(
            f"No programme year had begun by {month.in_words}, so there is nothing to report.", field="month"
        )
    return max(begun)


def check_forward(before: tuple[int, datetime], after: tuple[int, datetime]) -> None:
    """Raises `OnlyForward` unless a cut-off (seq and instant) is later than the one before."""
    if not (after[0] > before[0] and after[1] > before[1]):
        raise OnlyForward("The figures are already taken at this moment or a later one.")


def rounds(first: Month, today: date, last: Month | None) -> list[Month]:
    """The months of the reporting rounds so far: from the first to the current one, or to the last there is."""
    months, end = [], min(Month.of(today), last) if last else Month.of(today)
    month = first
    while month <= end:
        months.append(month)
        month = month.next
    return months


def last_round(closed_on: date | None, year: ProgrammeYear) -> Month | None:
    """The last month with a round: when the MoU is closed and the programme year is over. None while it is open."""
    return None if closed_on is None else max(Month.of(closed_on), Month.of(year.last_day))


def months_due(opened: Iterable[Month], drafted: Iterable[Month], today: date) -> list[Month]:
    """The months that are over and have a round but no report."""
    there = set(drafted)
    return [month for month in opened if month not in there and month.last_day < today]


def may_read(reader: Audience, thing: Audience) -> bool:
    """Whether a reader of one audience is shown what is for another."""
    return _REACHES[reader] >= _REACHES[thing]


def shown_count(count: int, reader: Audience) -> str | None:
    """What takes the place of a small count of restricted matters; none when the count itself may be shown."""
    return f"fewer than {FEW}" if count < FEW and reader is not Audience.SECRETARIAT else None


def readers_of(state: State) -> Audience:
    """The widest audience that may read a report in this state."""
    if state in (State.ISSUED, State.SUPERSEDED):
        return Audience.PUBLIC
    return Audience.SECRETARIAT if state is State.DRAFT else Audience.BOARD
