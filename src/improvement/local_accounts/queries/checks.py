"""That an entry is still correct: said by a coordinator, or by the council through a link."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import CompoundSelect, func, select, union_all
from sqlalchemy.orm import Session, aliased

from improvement.access.rules import Person
from improvement.database import remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.queries.latest import as_list, as_text, latest_checks, newest_of, told_by_then
from improvement.local_accounts.rules.checks import Check, Confirmation, confirmation
from improvement.local_accounts.tables import AccountPublished, StatusReported
from improvement.local_accounts.tables.checks import EntryChecked
from improvement.sector import queries as sector
from improvement.sector.rules import Council

ENTRY = (StatusReported, AccountPublished)
"""What a council's entry is made of."""
KINDS = (*sector.KINDS, *ENTRY, EntryChecked)


class SaidWrong(msgspec.Struct, frozen=True):
    """A council that said something is wrong with its entry, for those who see it in full."""

    council: str
    name: str
    region: str
    on: date
    said: str


class Newest(msgspec.Struct, frozen=True):
    """The newest fact of a council's entry: recorded, corrected or taken back."""

    seq: int = 0
    recorded_at: datetime | None = None


def newest(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, Newest]:
    """The newest fact of each council's entry that we had been told by then."""
    return remembered(session, ("newest of entries", which, as_at), lambda: _newest(session, which, as_at), of=ENTRY)


def _newest(session: Session, which: ProgrammeYear, as_at: AsAt) -> dict[str, Newest]:
    found: dict[str, Newest] = defaultdict(Newest)
    for row in session.execute(newest_of(StatusReported, as_at, which)):
        found[row[0]] = Newest(row[1], row[2])
    for council, serves, seq, at in session.execute(_newest_editions(which, as_at)):
        for slug in {council, *as_list(serves)}:
            found[slug] = max(found[slug], Newest(seq, at), key=lambda one: one.seq)
    return dict(found)


def _newest_editions(which: ProgrammeYear, as_at: AsAt) -> CompoundSelect[Any]:
    """Each council and those its account serves, with the newest of its editions, whatever became of them since."""
    kind, before = AccountPublished, aliased(AccountPublished)
    newest, told = (func.max(kind.seq), func.max(kind.recorded_at)), told_by_then(kind, which, as_at)
    own = select(kind.council, as_text(kind.serves), *newest).where(*told)
    # A correction that takes a council off what it served is news of that council's entry too.
    shed = select(before.council, as_text(before.serves), *newest).join(before, before.id == kind.corrects)
    shed = shed.where(*told, *told_by_then(before, which, as_at))
    return union_all(
        own.group_by(kind.council, as_text(kind.serves)), shed.group_by(before.council, as_text(before.serves))
    )


def checks(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, list[Check]]:
    """The newest that each side said is correct, and is not, of each council's entry; the newest of all last."""
    key = ("checks of entries", which, as_at)
    return remembered(session, key, lambda: _checks(session, which, as_at), of=(EntryChecked,))


def _checks(session: Session, which: ProgrammeYear, as_at: AsAt) -> dict[str, list[Check]]:
    found = defaultdict[str, list[Check]](list)
    columns = ("council", "effective_on", "seq", "by_council", "correct", "said", "recorded_at")
    for row in session.execute(latest_checks(which, as_at, *columns)):
        found[row[0]].append(Check(*row))
    return dict(found)


def confirmations(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, Confirmation]:
    """What each council on the list last said of its entry."""
    key = ("confirmations", which, as_at)
    return remembered(session, key, lambda: _confirmations(session, which, as_at), of=(*queries.KINDS, EntryChecked))


def _confirmations(session: Session, which: ProgrammeYear, as_at: AsAt) -> dict[str, Confirmation]:
    said, entries = checks(session, which, as_at), newest(session, which, as_at)
    return {
        one.slug: confirmation(one.slug, said.get(one.slug, []), entries.get(one.slug, Newest()).seq)
        for one in queries.expected(session, which, as_at.known_at)
    }


def last_confirmed(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, date]:
    """The day each council last said that its entry was correct; those that never did are not there."""
    found = confirmations(session, which, as_at)
    return {slug: one.confirmed_on for slug, one in found.items() if one.confirmed_on is not None}


def said_wrong(session: Session, which: ProgrammeYear, as_at: AsAt, by: Person) -> list[SaidWrong]:
    """The councils that said something is wrong and wait for it to be put right, of those this person sees in full."""
    found = confirmations(session, which, as_at)
    own = (one for one in queries.expected(session, which, as_at.known_at) if queries.in_full(by, one))
    wrong = ((one, found[one.slug].wrong) for one in own)
    return [SaidWrong(one.slug, one.name, one.region, said.on, said.said) for one, said in wrong if said is not None]


class Shown(msgspec.Struct, frozen=True):
    """What is said of one council's entry on its page. `said` is for those who see it in full."""

    words: str
    said: str


def of_council(session: Session, which: ProgrammeYear, council: Council, as_at: AsAt, *, whole: bool) -> Shown:
    """Whether a council's entry is confirmed, and what it says is wrong."""
    found = confirmations(session, which, as_at).get(council.slug, Confirmation(council.slug))
    return Shown(found.in_words, found.wrong.said if found.wrong and whole else "")


def answer_since(session: Session, which: ProgrammeYear, council: str, since: datetime, as_at: AsAt) -> Check | None:
    """What a council said of its entry after an instant, if it has."""
    told = checks(session, which, as_at).get(council, [])
    later = [one for one in told if one.by_council and one.recorded_at is not None and one.recorded_at > since]
    return later[-1] if later else None
