"""Which reading of an account counts, and what the readings add up to."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from improvement.database import known, remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.queries import programme
from improvement.local_accounts.queries.latest import as_list, as_text, of_year
from improvement.local_accounts.queries.readings_told import Edition, Reply, deciding, editions_read, replies
from improvement.local_accounts.queries.readings_told import versions as every_version
from improvement.local_accounts.rules import Format, readings_compared
from improvement.local_accounts.rules.readings import BALANCE, Challenge, Covered, Engagement, Said
from improvement.local_accounts.rules.readings import Kind as Kind
from improvement.local_accounts.rules.readings import Reading as Reading
from improvement.local_accounts.rules.reconciled import Version, latest, which_counts
from improvement.local_accounts.rules.years import Contents
from improvement.local_accounts.tables import AccountPublished
from improvement.local_accounts.tables.readings import AccountRead, ReadingAnswered
from improvement.local_accounts.tables.years import YearContentsSet

KINDS = (AccountRead, AccountPublished)
"""What a reading that counts is derived from."""


class ThemeCoverage(msgspec.Struct, frozen=True):
    """How many councils' accounts cover one theme. The five add up to the councils asked about."""

    theme: str
    covered: int
    partly: int
    not_covered: int
    not_known: int
    unread: int


class BalanceCount(msgspec.Struct, frozen=True):
    """How many councils' accounts do one thing a balanced account does. The four add up to the councils asked about."""

    about: str
    words: str
    yes: int
    no: int
    not_known: int
    unread: int


class OfCouncil(msgspec.Struct, frozen=True):
    """Everything recorded of the reading of one council's account."""

    stands: Reading | None
    first: Reading | None
    second: Reading | None
    reconciled: Reading | None
    """The newest of each, of the newest publication that was read."""
    differences: Sequence[readings_compared.Difference]
    versions: Sequence[Version]
    """The newest first, the taken back included."""
    current: frozenset[UUID]
    """The readings that are the newest of their reader or reconcile those, of a publication that stands."""
    replies: Mapping[tuple[UUID, str], Reply]


def asked_about(session: Session, which: ProgrammeYear, known_at: datetime | None = None) -> Contents:
    """The themes and the questions of a year, as they were known."""
    return programme.contents(session, which, AsAt(date.max, known_at))


def standing(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, Reading]:
    """The reading that counts, by council; a council whose account nobody read is not there."""
    return remembered(session, ("readings", which, as_at), lambda: _standing(session, which, as_at), of=KINDS)


def _standing(session: Session, which: ProgrammeYear, as_at: AsAt) -> dict[str, Reading]:
    published = editions_read(session, which, as_at)
    told: dict[str, list[Version]] = defaultdict(list)
    for one in deciding(session, which, as_at):
        told[one.reading.council].append(one)
    counts = {council: which_counts(_of_newest(latest(mine), published)) for council, mine in told.items()}
    return {council: reading for council, reading in counts.items() if reading is not None}


def _of_newest(told: Iterable[Reading], published: Mapping[UUID, Edition]) -> list[Reading]:
    """The readings of the newest publication that was read and stands."""
    counted = [one for one in told if one.publication_stands]
    newest = max(
        (one.publication for one in counted),
        key=lambda one: (published[one].published_on, published[one].seq),
        default=None,
    )
    return [one for one in counted if one.publication == newest]


def year_before(session: Session, which: ProgrammeYear, council: str, as_at: AsAt) -> Reading | None:
    """The reading that counts of the account a council published the year before."""
    before = programme.year_before(session, which)
    return standing(session, before, as_at).get(council) if before else None


def of_council(session: Session, which: ProgrammeYear, council: str, as_at: AsAt) -> OfCouncil:
    """Everything recorded of the reading of one council's account."""
    key = ("readings of", which, council, as_at)
    kinds = (*KINDS, ReadingAnswered, YearContentsSet)
    return remembered(session, key, lambda: _of_council(session, which, council, as_at), of=kinds)


def _of_council(session: Session, which: ProgrammeYear, council: str, as_at: AsAt) -> OfCouncil:
    told = every_version(session, which, as_at, council)
    kept = latest(told)
    newest = _of_newest(kept, editions_read(session, which, as_at))
    of = {kind: next((one for one in reversed(newest) if one.kind is kind), None) for kind in Kind}
    first, second = of[Kind.FIRST], of[Kind.SECOND]
    questions = asked_about(session, which, as_at.known_at).questions
    return OfCouncil(
        stands=which_counts(newest),
        first=first,
        second=second,
        reconciled=of[Kind.RECONCILED],
        differences=readings_compared.differences(first, second, questions) if first and second else [],
        versions=told[::-1],
        current=frozenset(one.id for one in kept if one.publication_stands),
        replies=replies(session, which, council, as_at),
    )


def _asked(
    session: Session, which: ProgrammeYear, as_at: AsAt, councils: Collection[str] | None
) -> tuple[list[Reading], int]:
    """The readings that count of the councils asked about, and how many councils have none."""
    if councils is None:
        councils = {council.slug for council in queries.expected(session, which, as_at.known_at)}
    stand = standing(session, which, as_at)
    told = [stand[council] for council in set(councils) if council in stand]
    return told, len(set(councils)) - len(told)


def coverage(
    session: Session, which: ProgrammeYear, as_at: AsAt, councils: Collection[str] | None = None
) -> list[ThemeCoverage]:
    """How many accounts cover each theme of the year; of all councils on its list, unless some are named."""
    told, unread = _asked(session, which, as_at, councils)
    counted = {theme: Counter[Covered]() for theme in asked_about(session, which, as_at.known_at).themes}
    for reading in told:
        found = {one.theme: one.covered for one in reading.themes}
        for theme, counts in counted.items():
            counts[found.get(theme, Covered.NOT_KNOWN)] += 1
    return [
        ThemeCoverage(
            theme,
            covered=counts[Covered.COVERED],
            partly=counts[Covered.PARTLY],
            not_covered=counts[Covered.NOT_COVERED],
            not_known=counts[Covered.NOT_KNOWN],
            unread=unread,
        )
        for theme, counts in counted.items()
    ]


def engagement_counts(
    session: Session, which: ProgrammeYear, as_at: AsAt, councils: Collection[str] | None = None
) -> dict[str, int]:
    """How many accounts had each engagement, and “unread”: they add up to the councils asked about."""
    told, unread = _asked(session, which, as_at, councils)
    counts = Counter(reading.engagement.value for reading in told)
    return {one.value: counts[one.value] for one in Engagement} | {"unread": unread}


def challenge_counts(
    session: Session, which: ProgrammeYear, as_at: AsAt, councils: Collection[str] | None = None
) -> dict[str, int]:
    """How many accounts used each challenge, and “unread”. One account may have used several."""
    told, unread = _asked(session, which, as_at, councils)
    counts = Counter(used for reading in told for used in set(reading.challenge) or {Challenge.NOT_KNOWN.value})
    return {one.value: counts[one.value] for one in Challenge} | {"unread": unread}


def balance_counts(
    session: Session, which: ProgrammeYear, as_at: AsAt, councils: Collection[str] | None = None
) -> list[BalanceCount]:
    """How many accounts do each thing a balanced account does."""
    told, unread = _asked(session, which, as_at, councils)
    counted = []
    for about, words in BALANCE.items():
        counts = Counter(getattr(reading, about) for reading in told)
        said = (counts[Said.YES], counts[Said.NO], counts[Said.NOT_KNOWN])
        counted.append(BalanceCount(about, words, said[0], said[1], said[2], unread))
    return counted


def format_counts(
    session: Session, which: ProgrammeYear, as_at: AsAt, councils: Collection[str] | None = None
) -> dict[str, int]:
    """How many councils' accounts come in each format, “not known” where none is told, and “not published”."""
    if councils is None:
        councils = {council.slug for council in queries.expected(session, which, as_at.known_at)}
    mine = _formats(session, which, as_at)
    counts = Counter(form for council in set(councils) for form in mine.get(council, ()))
    known_of = {council: mine[council] for council in set(councils) if council in mine}
    told = {form.value: counts[form.value] for form in Format}
    silent = sum(not formats for formats in known_of.values())
    return told | {"not known": silent, "not published": len(set(councils)) - len(known_of)}


def _formats(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, frozenset[str]]:
    def ask() -> dict[str, frozenset[str]]:
        kind, found = AccountPublished, dict[str, frozenset[str]]()
        wanted = known(kind, as_at, kind.council, as_text(kind.serves), as_text(kind.formats))
        for council, serves, formats in session.execute(of_year(wanted, kind, which).order_by(None).distinct()):
            for one in {council, *as_list(serves)}:
                found[one] = found.get(one, frozenset()) | set(as_list(formats))
        return found

    return remembered(session, ("formats", which, as_at), ask, of=(AccountPublished,))
