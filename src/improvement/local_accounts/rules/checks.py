"""That an entry is still correct: said by a coordinator, or by the council through a link."""

from datetime import date, datetime, timedelta

import msgspec

from improvement.dates import in_words
from improvement.errors import Conflict, NotFound, Refused
from improvement.texts import says

LASTS = timedelta(days=30)
"""How long a link to confirm an entry works."""
ONCE_IN = timedelta(days=7)
"""How long we wait before we ask a council again about an entry that has not changed."""
POST = "Local-account contact"
"""Whom we ask."""
SAID_MOST = 2000


class Link(msgspec.Struct, frozen=True):
    """What a link to confirm an entry is bound to: whose entry, who was asked, and how the entry stood."""

    year: str
    council: str
    post: str
    contact: str
    """A hash of the e-mail address it was sent to."""
    seq: int
    """The newest fact of the entry when it was sent."""
    sent_at: datetime


class Check(msgspec.Struct, frozen=True):
    """That somebody looked at an entry, and what they said of it."""

    council: str
    on: date
    seq: int
    by_council: bool
    correct: bool
    said: str = ""
    recorded_at: datetime | None = None


class Confirmation(msgspec.Struct, frozen=True):
    """What a council last said of its entry, and whether the entry still is what it said that of."""

    council: str
    confirmed_on: date | None = None
    """The day it last said that the entry was correct."""
    changed_since: bool = False
    wrong: Check | None = None
    """What it said is wrong, until the entry is put right or a coordinator finds that it is correct."""

    @property
    def in_words(self) -> str:
        """What anybody may read of it."""
        if self.wrong is not None:
            return f"the council said on {in_words(self.wrong.on)} that something is wrong"
        if self.confirmed_on is None:
            return "not confirmed by the council yet"
        if self.changed_since:
            return f"not confirmed by the council since {in_words(self.confirmed_on)}"
        return f"confirmed by the council on {in_words(self.confirmed_on)}"


class NotALink(NotFound):
    """It is not a link we sent, or not as we sent it."""


class LinkAnswered(Conflict):
    """The council has answered since the link was sent."""


class LinkPast(Conflict):
    """A link works for thirty days."""


class EntryChanged(Conflict):
    """The entry is no longer what the link was sent about."""


class ContactChanged(Conflict):
    """The council has another contact now."""


class SayWhatIsWrong(Refused):
    """Who says that something is wrong says what."""


class NotSaidYet(Refused):
    """What is recorded has been said: its day is today or earlier."""


class NobodyToAsk(Refused):
    """A council is asked through its local-account contact."""


class AskedAlready(Conflict):
    """A council is asked once a week at most, unless its entry has changed."""


def confirmation(council: str, checks: list[Check], newest: int) -> Confirmation:
    """What a council last said, from what was said of its entry and the newest fact of it."""
    in_order = sorted(checks, key=lambda check: check.seq)
    said_so = [check for check in in_order if check.by_council and check.correct]
    last = said_so[-1] if said_so else None
    wrong = in_order[-1] if in_order and not in_order[-1].correct and in_order[-1].seq > newest else None
    return Confirmation(council, last.on if last else None, last is not None and last.seq < newest, wrong)


def check_link(link: Link, answered: Check | None, newest: int, contact: str | None, at: datetime) -> None:
    """Raises the reason why a link cannot be answered any more."""
    if answered is not None:
        raise LinkAnswered(f"This link has been used: {words_of(answered)}.")
    if at > link.sent_at + LASTS:
        raise LinkPast("This link is more than 30 days old.")
    if newest != link.seq:
        raise EntryChanged("The entry has changed since this link was sent.")
    if contact != link.contact:
        raise ContactChanged("The council has told us of another contact since this link was sent.")


def words_of(check: Check) -> str:
    """What the council answered, for whoever holds the link: not what it said is wrong."""
    what = "it is still correct" if check.correct else "something is wrong"
    return f"on {in_words(check.on)} the council said that {what}"


def check_said(correct: bool, said: str) -> None:
    """Raises `SayWhatIsWrong`."""
    if not correct and not says(said):
        raise SayWhatIsWrong("Enter what is wrong.", field="said")


def check_kept(check: Check, post: str, by_officer: bool, today: date) -> None:
    """Raises what is wrong with a check as it was kept: of a day to come, or of nobody who could have said it."""
    check_said(check.correct, check.said)
    if check.correct and check.said:
        raise SayWhatIsWrong("It says that the entry is correct, and also what is wrong.", field="said")
    if check.on > today:
        raise NotSaidYet(f"It is of {in_words(check.on)}, after the day it was recorded.", field="effective_on")
    if check.by_council != (bool(post) or by_officer):
        raise NobodyToAsk("What a council says is said by its contact, through a link, or by one of its officers.")


def check_may_ask(asked_at: datetime | None, changed_at: datetime | None, at: datetime) -> None:
    """Raises `AskedAlready`."""
    if asked_at is None or at >= asked_at + ONCE_IN or (changed_at is not None and changed_at > asked_at):
        return
    raise AskedAlready(
        "The council was asked less than a week ago, and its entry has not changed since. Ask again after a week."
    )
