"""Statuses, publications, and the position each council is in on a day: the rules of local accounts."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from improvement.dates import ProgrammeYear, in_words
from improvement.errors import Conflict, Refused
from improvement.texts import says


class Status(StrEnum):
    """What a council says of its account. `PUBLISHED` comes with a publication's facts, never alone."""

    NOT_STARTED = "not started"
    PLANNED = "planned"
    DRAFTING = "drafting"
    IN_CHALLENGE = "in challenge"
    APPROVED = "approved"
    PUBLISHED = "published"
    WILL_NOT_PUBLISH = "will not publish"


class Position(StrEnum):
    """Where a council stands on a day: one of six, for every council on the expected list."""

    ON_TIME = "published on time"
    LATE = "published late"
    EXPECTED_BY = "expected by the deadline"
    EXPECTED_AFTER = "expected after the deadline"
    NO_DATE = "no date given"
    WILL_NOT = "will not publish"


class Basis(StrEnum):
    """How the day published is known."""

    EXACT = "exact"
    NO_LATER_THAN = "no later than"


class Sureness(StrEnum):
    """How sure we are that an account is published."""

    REPORTED = "reported"
    REACHED = "reached"
    CONFIRMED = "confirmed"


class Format(StrEnum):
    """The forms people can get an account in."""

    WEB_PAGE = "web page"
    PDF = "PDF"
    EASY_READ = "easy read"
    LARGE_PRINT = "large print"
    AUDIO = "audio"
    BSL = "BSL"
    OTHER_LANGUAGES = "other languages"
    PAPER = "paper"
    ON_REQUEST = "on request"


class Theme(StrEnum):
    """The eleven contents the letter suggests."""

    OUTCOMES = "outcomes achieved for citizens and consumers"
    SAFEGUARDING = "adult safeguarding"
    TLAP = "Think Local Act Personal"
    EQUALITIES = "equalities and diversity considerations"
    PRODUCTIVITY = "productivity issues"
    MARKET = "the quality of the local market"
    COMPLAINTS = "complaints information and action taken as a result"
    FEEDBACK = "consumer feedback data"
    SCRUTINY = "feedback from relevant scrutiny reviews"
    POLITICAL_PRIORITIES = "progress against local political priorities"
    IMPROVEMENT = "improvement priorities"


PUBLISHED = frozenset({Position.ON_TIME, Position.LATE})


def words(deadline: date) -> dict[str, str]:
    """The positions as they are said on screen, where they differ from their value."""
    day = f"{deadline.day} {deadline:%B}"
    said = {position.value: position.value.capitalize() for position in Position}
    return said | {Position.LATE.value: f"Published after {day}", Position.WILL_NOT.value: "Decided not to publish"}


class Reported(msgspec.Struct, frozen=True):
    """A status a council or its coordinator told us."""

    council: str
    status: Status
    effective_on: date
    expected_on: date | None
    because: str
    seq: int
    agreed_by: str = ""


class Published(msgspec.Struct, frozen=True):
    """A publication, or a later edition of one."""

    council: str
    published_on: date
    basis: Basis
    title: str
    address: str
    seq: int


class Standing(msgspec.Struct, frozen=True):
    """Where one council stands with its account on a day, and why."""

    council: str
    position: Position
    status: Status
    expected_on: date | None = None
    passed_on: date | None = None
    """A date that was given and has passed without a publication: it no longer counts."""
    published_on: date | None = None
    not_confirmed: bool = False
    """The day is “no later than” one after the deadline, so it counts as late and is shown as not confirmed."""
    because: str = ""
    sureness: Sureness | None = None
    address: str = ""
    title: str = ""
    agreed_by: str = ""
    """Who agreed that it will not publish."""


class PublishedNeedsFacts(Refused):
    """A council is published when its publication is recorded."""


class ReasonWanted(Refused):
    """A decision not to publish carries its reason."""


class AlreadyPublished(Refused):
    """Leaving “published” needs a correction of the publication."""


class DayHasNotCome(Refused):
    """What is recorded has happened: its day is today or earlier."""


class CouncilNotInBeing(Refused):
    """Nothing can be recorded of a council on a day it did not exist."""


class ExpectedInThePast(Refused):
    """A day a council expects to publish on is not before the day it said so."""


class BeforeItsPeriod(Refused):
    """An account cannot be published before the period it covers begins."""


class NotAnAddress(Refused):
    """An address people can open begins with http:// or https:// and carries no user name."""


class RecordedAlready(Conflict):
    """This very publication has been recorded."""


class NotPublishedYet(Refused):
    """There is nothing to confirm until an account is published."""


def first_publication(publications: Sequence[Published]) -> Published | None:
    """The publication that being on time rests on: the first, as now corrected. Later editions never change it."""
    return min(publications, key=lambda publication: (publication.published_on, publication.seq), default=None)


def standing(
    council: str,
    deadline: date,
    on: date,
    reports: Sequence[Reported],
    publications: Sequence[Published],
    sureness: Sureness | None,
) -> Standing:
    """A council's position on a day, from the facts effective by then. Ties stand with the later recorded."""
    first = first_publication([one for one in publications if one.published_on <= on])
    if first is not None:
        on_time = first.published_on <= deadline
        return Standing(
            council,
            Position.ON_TIME if on_time else Position.LATE,
            Status.PUBLISHED,
            published_on=first.published_on,
            not_confirmed=not on_time and first.basis is Basis.NO_LATER_THAN,
            sureness=sureness or Sureness.REPORTED,
            address=first.address,
            title=first.title,
        )
    latest = max(
        (report for report in reports if report.effective_on <= on), key=lambda r: (r.effective_on, r.seq), default=None
    )
    if latest is None:
        return Standing(council, Position.NO_DATE, Status.NOT_STARTED)
    if latest.status is Status.WILL_NOT_PUBLISH:
        because, agreed_by = latest.because, latest.agreed_by
        return Standing(council, Position.WILL_NOT, latest.status, because=because, agreed_by=agreed_by)
    expected = latest.expected_on
    if expected is None:
        return Standing(council, Position.NO_DATE, latest.status, because=latest.because)
    if expected < on:
        return Standing(council, Position.NO_DATE, latest.status, passed_on=expected, because=latest.because)
    position = Position.EXPECTED_BY if expected <= deadline else Position.EXPECTED_AFTER
    return Standing(council, position, latest.status, expected_on=expected, because=latest.because)


def counts_as(published_on: date, first_on: date | None, deadline: date) -> Position:
    """How a council counts once a publication is recorded: by its first, whatever day the others have."""
    first = published_on if first_on is None else min(published_on, first_on)
    return Position.ON_TIME if first <= deadline else Position.LATE


def check_status(report: Reported, publications: Sequence[Published], today: date) -> None:
    """Raises the first rule a status would break, whatever else is known of the council."""
    if report.status is Status.PUBLISHED:
        raise PublishedNeedsFacts(
            "To say it is published, record the publication: title, address and day.", field="status"
        )
    if report.status is Status.WILL_NOT_PUBLISH and not says(report.because):
        raise ReasonWanted("Enter the reason the council gives. Publishing is at its discretion.", field="note")
    if report.effective_on > today:
        raise DayHasNotCome(f"The day must be today or earlier. Today is {in_words(today)}.", field="effective_on")
    if report.expected_on is not None and report.expected_on < report.effective_on:
        raise ExpectedInThePast(
            f"The day it is expected must be {in_words(report.effective_on)} or later.", field="expected_on"
        )
    first = first_publication(publications)
    if first is not None and first.published_on <= report.effective_on:
        raise AlreadyPublished(
            f"Its account was published on {in_words(first.published_on)}. If that is wrong, correct the publication.",
            field="status",
        )


def check_publication(published_on: date, period_from: date, address: str, today: date) -> None:
    """Raises the first rule a publication would break. Days already reported are no bar: it outranks them."""
    if published_on > today:
        raise DayHasNotCome(
            f"The day published must be today or earlier. Today is {in_words(today)}.", field="published_on"
        )
    if published_on < period_from:
        raise BeforeItsPeriod(
            f"An account of a period that begins on {in_words(period_from)} cannot be published before it.",
            field="published_on",
        )
    check_address(address)


def check_address(address: str) -> None:
    """Raises `NotAnAddress`."""
    try:
        parts = urlsplit(address)
        labels = (parts.hostname or "").removesuffix(".").split(".")
        wrong = parts.scheme not in ("http", "https") or len(labels) < 2 or not all(labels) or parts.port == 0
    except ValueError:
        wrong = True
    if wrong or any(sign.isspace() or not sign.isprintable() or sign in '<>"\\' for sign in address):
        raise NotAnAddress("Enter the whole web address, starting with http:// or https://.", field="address")
    if parts.username is not None or parts.password is not None:
        raise NotAnAddress("Enter the address without a user name or password in it.", field="address")


def caution(
    year: ProgrammeYear, period_from: date, period_to: date, suggested: tuple[date, date] | None = None
) -> str | None:
    """What to say of a period shorter than is suggested: the year before, or else. A caution, never an error."""
    before = ProgrammeYear(year.starts - 1)
    first, last = suggested or (before.first_day, before.last_day)
    if period_from <= first and period_to >= last:
        return None
    if (first, last) == (before.first_day, before.last_day):
        return f"It covers less than {before.on_screen}, the period the letter suggests as a minimum."
    return f"It covers less than {in_words(first)} to {in_words(last)}, the period suggested as a minimum."
