"""The made-up local accounts: who planned, drafted and published when, and when we were told."""

from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.database import EVER
from improvement.demonstration.people import OFFICERS
from improvement.demonstration.telling import Event, chance, coordinator_of, moment, officer_of
from improvement.local_accounts import commands, queries
from improvement.local_accounts.commands import NewCorrection, NewLook, NewPublication, NewStatus
from improvement.local_accounts.rules import Basis, Format, Status
from improvement.sector.rules import Council

YEAR = queries.FIRST_YEAR
ON_TIME, LATE, NO_DATE = 97, 32, 19
"""How many publish by the deadline, after it, and give no date; the rest decide not to publish."""

REASONS = (
    "Reporting through the quality report instead",
    "Merging it with the annual report in 2012",
    "Working on a joint account for 2012/13",
    "Members prefer to begin in 2012/13",
)
TITLES = (
    "How we did: adult social care in {} 2010/11",
    "Our local account 2010/11: {}",
    "Looking after people in {}: local account 2010/11",
    "Adult social care in {}: your yearly report",
)
FEBRUARY = date(2012, 2, 29)


def year(session: Session) -> list[Event]:
    """Every council's story, and a few things put right."""
    luck, councils = chance(), queries.expected(session, YEAR)
    drawn = [council for council in councils if council.slug not in ("brent", "wirral", "sunderland")]
    luck.shuffle(drawn)
    by_slug = {council.slug: council for council in councils}
    first = [by_slug["brent"], by_slug["wirral"], by_slug["sunderland"], *drawn]
    ends = (ON_TIME, ON_TIME + LATE, ON_TIME + LATE + NO_DATE)
    told: list[Event] = []
    for at, council in enumerate(first):
        told += _begins(council, luck)
        if at < ends[0]:
            told += _publishes(council, _autumn(council, luck), luck)
        elif at < ends[1]:
            told += _publishes(council, date(2012, 1, 3) + timedelta(days=luck.randrange(0, 84)), luck)
        elif at < ends[2]:
            told += _hesitates(council, luck)
        else:
            told += _decides_not_to(council, REASONS[at - ends[2]])
    return [*told, *_put_right()]


def _who(council: Council) -> str:
    return officer_of(council.slug) if council.slug in OFFICERS else coordinator_of(council.region)


def _says(
    council: Council, day: date, status: Status, expected: date | None = None, note: str = "", lag: int = 0
) -> Event:
    new = NewStatus(status=status, effective_on=day, expected_on=expected, note=note)

    def do(session: Session, by: Person, at: datetime) -> None:
        commands.report_status(session, YEAR, council.slug, new, by=by, at=at)

    return Event(
        moment(day + timedelta(days=lag), 9 + len(council.slug) % 8, len(council.name) % 60), _who(council), do
    )


def _autumn(council: Council, luck: Random) -> date:
    """A day from mid September to 30 December, more of them towards the end, on a working day."""
    named = {"brent": date(2011, 12, 8), "wirral": date(2011, 12, 16), "sunderland": date(2011, 11, 28)}
    day = date(2011, 9, 12) + timedelta(days=int(109 * luck.random() ** 0.55))
    return named.get(council.slug, day - timedelta(days=max(0, day.weekday() - 4)))


def _begins(council: Council, luck: Random) -> list[Event]:
    if luck.random() < 0.25:
        return []
    return [
        _says(
            council, date(2011, 5, 9) + timedelta(days=luck.randrange(0, 60)), Status.PLANNED, lag=luck.randrange(0, 4)
        )
    ]


def _publishes(council: Council, day: date, luck: Random) -> list[Event]:
    hoped = day + timedelta(days=luck.choice((0, 0, -7, 3, 10)))
    drafting = min(day - timedelta(days=luck.randrange(45, 75)), date(2011, 11, 30))
    told = [_says(council, drafting, Status.DRAFTING, hoped if luck.random() < 0.8 else None, lag=1)]
    if luck.random() < 0.6:
        told.append(_says(council, day - timedelta(days=luck.randrange(12, 28)), Status.IN_CHALLENGE, hoped))
    if council.slug == "brent":
        told.append(_says(council, date(2011, 11, 29), Status.APPROVED, date(2011, 12, 8)))
    # Most are told of within a week; Sunderland's is on the web a week before we hear, across a month's end.
    lag = 7 if council.slug == "sunderland" else luck.choice((0, 0, 1, 1, 2, 3, 5))
    told.append(_published(council, day, lag, luck))
    if luck.random() < 0.68 or council.slug == "brent":
        told.append(_confirmed(council, day + timedelta(days=lag + luck.randrange(1, 12))))
    return [event for event in told if event.at < moment(date(2012, 3, 31), 18)]


def _published(council: Council, day: date, lag: int, luck: Random) -> Event:
    formats = [
        Format.WEB_PAGE,
        Format.PDF,
        *(form for form in (Format.EASY_READ, Format.LARGE_PRINT, Format.PAPER) if luck.random() < 0.4),
    ]
    new = NewPublication(
        title=luck.choice(TITLES).format(council.name),
        address=f"https://accounts.demo.example/{council.slug}/local-account-2010-11.pdf",
        published_on=day,
        basis=Basis.NO_LATER_THAN if lag > 3 and council.slug != "sunderland" else Basis.EXACT,
        by_lead_member=luck.choice((True, True, False, None)),
        formats=formats,
        without_web=luck.choice(
            ("Libraries and one-stop shops", "By phone, on request", "At day centres and libraries", "")
        ),
        note="Fictional",
    )

    def do(session: Session, by: Person, at: datetime) -> None:
        commands.publish(session, YEAR, council.slug, new, by=by, at=at)

    return Event(moment(day + timedelta(days=lag), 16, luck.randrange(60)), _who(council), do)


def _confirmed(council: Council, day: date) -> Event:
    def do(session: Session, by: Person, at: datetime) -> None:
        commands.confirm(session, YEAR, council.slug, NewLook(), by=by, at=at)

    return Event(moment(day, 17, len(council.slug)), coordinator_of(council.region), do)


def _hesitates(council: Council, luck: Random) -> list[Event]:
    if luck.random() < 0.4:
        return []
    hoped = date(2011, 12, luck.choice((14, 16, 21))) if luck.random() < 0.5 else None
    return [_says(council, date(2011, 10, 3) + timedelta(days=luck.randrange(0, 40)), Status.DRAFTING, hoped)]


def _decides_not_to(council: Council, reason: str) -> list[Event]:
    return [
        _says(council, date(2011, 10, 10) + timedelta(days=len(council.slug)), Status.WILL_NOT_PUBLISH, note=reason)
    ]


def _put_right() -> list[Event]:
    """Brent's expected date was typed a month early, and put right nine days later; one day published was a day out."""

    def in_challenge(session: Session, by: Person, at: datetime) -> None:
        new = NewStatus(Status.IN_CHALLENGE, date(2011, 10, 24), date(2011, 11, 16))
        commands.report_status(session, YEAR, "brent", new, by=by, at=at)

    def mend(session: Session, by: Person, at: datetime) -> None:
        fact = next(
            e for e in queries.history(session, YEAR, "brent", EVER) if e.says["expected_on"] == date(2011, 11, 16)
        )
        new = NewCorrection(fact.id, "The month was typed wrongly.", values={"expected_on": "2011-12-16"})
        commands.correct(session, YEAR, "brent", new, by=by, at=at)

    def mend_day(session: Session, by: Person, at: datetime) -> None:
        fact = queries.publications_of(session, YEAR, "wirral", EVER)[0]
        new = NewCorrection(fact.id, "It went on the website a day earlier.", values={"published_on": "2011-12-15"})
        commands.correct(session, YEAR, "wirral", new, by=by, at=at)

    return [
        Event(moment(date(2011, 10, 24), 18, 30), officer_of("brent"), in_challenge),
        Event(moment(date(2011, 11, 2), 9, 30), officer_of("brent"), mend),
        Event(moment(date(2012, 1, 9), 11), officer_of("wirral"), mend_day),
    ]
