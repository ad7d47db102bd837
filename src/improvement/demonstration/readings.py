"""The made-up readings: what was found in the accounts, what councils say to that, and who checked an entry."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.database import EVER
from improvement.dates import ProgrammeYear
from improvement.demonstration.telling import SECRETARIAT, Event, chance, coordinator_of, moment, officer_of
from improvement.local_accounts import queries
from improvement.local_accounts.commands import checks, extensions, readings, readings_replies
from improvement.local_accounts.commands.checks import NewCheck
from improvement.local_accounts.commands.extensions import NewExtension
from improvement.local_accounts.commands.readings import NewReading
from improvement.local_accounts.commands.readings_replies import NewReplies, NewReply
from improvement.local_accounts.queries import programme
from improvement.local_accounts.queries import readings as asking
from improvement.local_accounts.rules import Position
from improvement.local_accounts.rules.readings import Challenge, Covered, Engagement, Said, ThemeRead
from improvement.local_accounts.rules.readings_compared import items

YEAR = ProgrammeYear(2011)
READ_FROM = date(2011, 12, 12)
ONCE_READ = 70
"""How many accounts are read by the end of the year."""
BOTH = ("brent", "leeds", "devon")
"""Whose accounts are read twice."""
THEMSELVES = ("brent", "leeds", "devon", "kent", "sunderland")
"""Councils that say their entry is correct."""
CHALLENGES = ([Challenge.SCRUTINY], [Challenge.USER_FEEDBACK, Challenge.HEALTHWATCH], [Challenge.NONE])
LIKELY = (0.95, 0.9, 0.7, 0.55, 0.4, 0.45, 0.6, 0.75, 0.3, 0.35, 0.85)
"""How likely each of the letter's eleven themes is to be covered."""


def year(session: Session) -> list[Event]:
    """What was read, answered, agreed and checked in the year."""
    return [
        Event(moment(date(2012, 3, 26), 9), SECRETARIAT, _read_many),
        *_twice(),
        *_replies(),
        *_more_time(),
        *_checks(),
    ]


def _found(luck: Random, publication: UUID, themes: tuple[str, ...]) -> NewReading:
    """What somebody finds in an account: some themes covered, on a page."""
    seen = []
    for theme, likely in zip(themes, LIKELY, strict=False):
        drawn = luck.random()
        covered = Covered.COVERED if drawn < likely else Covered.PARTLY if drawn < likely + 0.2 else Covered.NOT_COVERED
        where = "" if covered is Covered.NOT_COVERED else str(luck.randrange(1, 24))
        seen.append(ThemeRead(theme, covered, where))
    return NewReading(
        publication=publication,
        engagement=luck.choice((Engagement.NONE, Engagement.FEEDBACK, Engagement.FEEDBACK, Engagement.CONSULTED)),
        challenge=luck.choice(CHALLENGES),
        weaknesses=luck.choice((Said.YES, Said.NO, Said.NO)),
        compares_spending=luck.choice((Said.YES, Said.NO, Said.NO)),
        compares_numbers=luck.choice((Said.YES, Said.NO)),
        priorities=luck.choice((Said.YES, Said.YES, Said.NO)),
        findable=luck.choice((Said.YES, Said.NO)),
        clicks=luck.randrange(1, 7),
        themes=seen,
        note="Fictional",
    )


def _published(session: Session) -> list[str]:
    return [slug for slug, stand in queries.standings(session, YEAR, EVER).items() if stand.published_on]


def _read(session: Session, slug: str, luck: Random, by: Person, at: datetime) -> None:
    publication = queries.publications_of(session, YEAR, slug, EVER)[0]
    themes = tuple(programme.contents(session, YEAR).themes)
    readings.read(session, YEAR, slug, _found(luck, publication.id, themes), by=by, at=at)


def _read_many(session: Session, by: Person, at: datetime) -> None:
    luck = chance()
    for slug in _published(session)[:ONCE_READ]:
        _read(session, slug, luck, by, at)


def _twice() -> list[Event]:
    def read(slug: str) -> Event:
        def do(session: Session, by: Person, at: datetime) -> None:
            _read(session, slug, Random(len(slug)), by, at)

        return Event(moment(date(2012, 3, 27), 10), coordinator_of(_REGIONS[slug]), do)

    return [read(slug) for slug in BOTH]


_REGIONS = {"brent": "london", "leeds": "yorkshire-and-the-humber", "devon": "south-west"}


def _replies() -> list[Event]:
    """Brent agrees with one thing that was found, and disagrees with another."""

    def reply(session: Session, by: Person, at: datetime) -> None:
        reading = asking.standing(session, YEAR, EVER)["brent"]
        about = [item.about for item in items(reading, programme.contents(session, YEAR).questions)]
        replies = [NewReply(about[0], True), NewReply(about[1], False, "It is on page 9, under “Keeping people safe”.")]
        readings_replies.reply(session, YEAR, "brent", NewReplies(reading.id, replies), by=by, at=at)

    return [Event(moment(date(2012, 3, 28), 14), officer_of("brent"), reply)]


def _more_time() -> list[Event]:
    def agree(session: Session, by: Person, at: datetime) -> None:
        late = next(
            slug for slug, stand in queries.standings(session, YEAR, EVER).items() if stand.position is Position.NO_DATE
        )
        new = NewExtension(
            date(2012, 2, 29), "The survey of users was late", "The regional chair", date(2011, 12, 19), "Fictional"
        )
        extensions.agree(session, YEAR, late, new, by=by, at=at)

    return [Event(moment(date(2011, 12, 19), 12), SECRETARIAT, agree)]


def _checks() -> list[Event]:
    """Coordinators, and some councils themselves, say now and then that what is kept is still correct."""

    def check(who: str, day: date, region: str = "", councils: tuple[str, ...] = ()) -> Event:
        def do(session: Session, by: Person, at: datetime) -> None:
            mine = [council.slug for council in queries.expected(session, YEAR) if council.region == region]
            for slug in councils or mine[:5]:
                checks.check_entry(session, YEAR, slug, NewCheck(correct=True), by=by, at=at)

        return Event(moment(day, 11), who, do)

    first = READ_FROM + timedelta(days=35)
    regions = [check(coordinator_of(region), first, region) for region in ("london", "north-east", "eastern")]
    return regions + [
        check(officer_of(council), first + timedelta(days=7 + 3 * nth), councils=(council,))
        for nth, council in enumerate(THEMSELVES)
    ]
