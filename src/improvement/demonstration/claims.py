"""The made-up claims: made by coordinators with evidence, decided by the secretariat, paid in runs, seen by the bank;
and the end of the year."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.database import EVER
from improvement.dates import AsAt
from improvement.demonstration.money import BY_CLAIM, COMMITTED, MOU, PAID, grants, tell
from improvement.demonstration.telling import DEPUTY, SECRETARIAT, Do, Event, coordinator_of, moment
from improvement.funding import commands, ledger
from improvement.funding.book import Kind
from improvement.funding.commands import reconciling
from improvement.funding.entering.claims import Answer, Attachment, Judgement, NewClaim, Query, Verdict
from improvement.funding.entering.closing import Accrual, CarryDecision, CarryRequest, Grant
from improvement.funding.entering.paying import PaymentRun
from improvement.funding.queries import claims, closing
from improvement.funding.rules.claims import ClaimState

WORK = "Peer reviews, shared training and help for councils with their local accounts"
MOST_SHOWN = 500


def year(session: Session) -> list[Event]:
    """The claims of the year, and its end."""
    return [*_paid(grants(session)), *_waiting(), *_bank(), *_end()]


def _evidence(words: str) -> list[Attachment]:
    rows = f"what,amount\r\n{words},made up\r\n"
    return [Attachment("evidence.csv", rows.encode())]


def _paid(given: dict[str, int]) -> list[Event]:
    """Each claim is made three weeks before it is paid and approved a week before; those of a day are paid together."""
    told, days = [], defaultdict(list)
    for region, grant in given.items():
        for day, hundredths in PAID[region]:
            if day < BY_CLAIM:
                continue
            amount = grant * min(hundredths, COMMITTED.get(region, 100)) // 100
            told += _claimed(region, date.fromisoformat(day), amount)
            days[day].append(region)
    return told + [Event(moment(date.fromisoformat(day), 12), DEPUTY, _pay) for day in days]


def _claimed(region: str, paid_on: date, amount: int) -> list[Event]:
    made, decided = paid_on - timedelta(days=21), paid_on - timedelta(days=7)
    claim = _claim(region, made, amount, WORK)
    return [tell(made.isoformat(), Kind.CLAIM, claim, 10, coordinator_of(region)), _decided(region, decided)]


def _claim(region: str, made: date, amount: int, words: str) -> NewClaim:
    first, last = date(2011, 9, 1), made - timedelta(days=1)
    return NewClaim(
        line=region, amount_pence=amount, from_on=first, to_on=last, paid_for=words, files=_evidence(words[:40])
    )


def _newest(session: Session, region: str) -> claims.Claim:
    return claims.claims(session, EVER, MOU, [region])[0]


def _decided(region: str, day: date, verdict: Verdict = Verdict.APPROVED, why: str = "") -> Event:
    def decide(session: Session, by: Person, at: datetime) -> None:
        judged = Judgement(ref=_newest(session, region).ref, decision=verdict, why=why)
        commands.do(session, Kind.DECISION, judged, by=by, at=at)

    return Event(moment(day, 15), SECRETARIAT, decide)


def _pay(session: Session, by: Person, at: datetime) -> None:
    approved = [one.ref for one in claims.claims(session, EVER, MOU) if one.state is ClaimState.APPROVED]
    wanted = PaymentRun(claims=approved, paid_on=at.date())
    commands.do(session, Kind.RUN, wanted, by=by, at=at)


def _waiting() -> list[Event]:
    """What is in hand when the year ends: one to decide, one asked about, one answered, one rejected, one to pay."""
    told = []
    for region, day, amount in (
        ("south-east", "2012-02-20", 2_000_00),
        ("west-midlands", "2012-03-12", 3_200_00),
        ("north-west", "2012-03-15", 2_400_00),
        ("eastern", "2012-03-21", 4_000_00),
        ("yorkshire-and-the-humber", "2012-03-22", 3_500_00),
    ):
        claim = _claim(region, date.fromisoformat(day), amount, WORK)
        told.append(tell(day, Kind.CLAIM, claim, 10, coordinator_of(region)))
    why = "This was paid with the claim of January"
    told += [
        _decided("south-east", date(2012, 2, 24), Verdict.REJECTED, why),
        _asked("west-midlands", date(2012, 3, 20), "Which councils took part in the February workshop?"),
        _asked("north-west", date(2012, 3, 21), "Does this include travel?"),
        _answered("north-west", date(2012, 3, 23), "No: travel was paid by the councils themselves."),
        _decided("yorkshire-and-the-humber", date(2012, 3, 29)),
    ]
    return told


def _asked(region: str, day: date, question: str) -> Event:
    def ask(session: Session, by: Person, at: datetime) -> None:
        wanted = Query(ref=_newest(session, region).ref, question=question)
        commands.do(session, Kind.QUERY, wanted, by=by, at=at)

    return Event(moment(day, 11), SECRETARIAT, ask)


def _answered(region: str, day: date, answer: str) -> Event:
    def reply(session: Session, by: Person, at: datetime) -> None:
        wanted = Answer(ref=_newest(session, region).ref, answer=answer)
        commands.do(session, Kind.ANSWER, wanted, by=by, at=at)

    return Event(moment(day, 14), coordinator_of(region), reply)


def _bank() -> list[Event]:
    """The bank's statements of January and February, each read on the first days of the month after."""
    return [
        Event(moment(read_on, 9), DEPUTY, _reader(first, read_on - timedelta(days=3)))
        for first, read_on in ((date(2012, 1, 1), date(2012, 2, 3)), (date(2012, 2, 1), date(2012, 3, 3)))
    ]


def _reader(first: date, last: date) -> Do:
    def read(session: Session, by: Person, at: datetime) -> None:
        paid = ledger.entries(session, AsAt(last), MOU, kinds=[Kind.PAYMENT], limit=MOST_SHOWN)
        rows = [f"{one.effective_on},BACS {one.reference},-{_pounds(one)}" for one in paid if one.effective_on >= first]
        text = "\r\n".join(["Date,Description,Amount", *rows, f"{last},ACCOUNT CHARGE,-12.00", ""])
        prepared = reconciling.prepare(session, f"statement-{first:%Y-%m}.csv", text.encode(), by=by, at=at)
        reconciling.keep(session, prepared, by=by, at=at)

    return read


def _pounds(entry: ledger.Recorded) -> str:
    pence = entry.amount_pence or 0
    return f"{pence // 100}.{pence % 100:02d}"


def _end() -> list[Event]:
    """What is owed on the last day, and what two regions ask to keep: one was granted it."""
    owed = Accrual(
        line="london",
        amount_pence=1_000_00,
        recipient="The workshop’s venue",
        why="The spring workshop, held in March",
        effective_on=date(2012, 3, 31),
    )
    told = [tell("2012-03-31", Kind.ACCRUAL, owed, 10)]
    for region, day, amount in (("north-west", "2012-03-19", 8_000_00), ("south-east", "2012-03-23", 6_000_00)):
        ask = CarryRequest(line=region, amount_pence=amount, why="To finish the reviews that began late")
        told.append(tell(day, Kind.CARRY_ASKED, ask, 10, coordinator_of(region)))
    return [*told, Event(moment(date(2012, 3, 27), 10), SECRETARIAT, _grant)]


def _grant(session: Session, by: Person, at: datetime) -> None:
    asked = next(one for one in closing.undecided(session, EVER, MOU) if one.line == "north-west")
    wanted = CarryDecision(ref=asked.ref, decision=Grant.GRANTED, decision_reference="B-12/11")
    commands.do(session, Kind.CARRIED, wanted, by=by, at=at)
