"""The made-up money: £550,000.00 negotiated, agreed, split between three posts and nine regions, and paid out."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.database import EVER
from improvement.demonstration.telling import DEPUTY, SECRETARIAT, Event, moment
from improvement.funding import commands, ledger
from improvement.funding.book import Kind, Leg, LineKind, Of
from improvement.funding.entering.closing import Conditions
from improvement.funding.entering.moves import (
    Agreement,
    Commitment,
    ExpectedInstalment,
    Negotiation,
    NewLine,
    Payment,
    Receipt,
    Refund,
    Release,
    Virement,
)
from improvement.funding.entering.splits import Adoption, Split
from improvement.funding.queries import splits
from improvement.funding.rules.splits import PostShare, Way
from improvement.money import share_out
from improvement.sector import queries as sector

MOU, IN_FORCE = "2011-2012", 550_000_00

POSTS = (
    ("Programme lead, sector-led improvement", "ADASS", 68_400_00, 5_700_00),
    ("Local accounts and reporting adviser", "Local Government Group", 52_600_00, 4_383_33),
    ("Peer challenge coordinator", "Local Government Group", 41_500_00, 3_458_33),
)
"""Title, host organisation, allocation and monthly cost, in pence."""

SHARED, BASE, KEPT = 200_000_00, 20_000_00, 7_500_00
"""Each region's grant is a base, and a share by its number of councils of what is left for regions; some is kept."""

WHAT_IFS = (
    ("Every region the same", Way.EQUALLY, 0),
    ("By adults in each region", Way.BY_ADULTS, 0),
    ("£20,000 each and the rest per council", Way.PER_COUNCIL, BASE),
)
"""The splits the Board compared; it chose the last."""

PAID = {
    "east-midlands": (("2011-10-12", 50),),
    "eastern": (("2011-10-12", 30), ("2012-01-11", 20)),
    "london": (("2011-10-12", 45), ("2011-12-14", 30), ("2012-02-15", 25)),
    "north-east": (("2011-09-14", 60), ("2011-12-14", 40)),
    "north-west": (("2011-10-12", 45), ("2012-02-15", 20)),
    "south-east": (("2011-11-16", 30), ("2012-02-15", 20)),
    "south-west": (("2011-10-12", 50), ("2012-03-14", 40)),
    "west-midlands": (("2011-11-16", 35), ("2012-01-11", 15)),
    "yorkshire-and-the-humber": (("2011-10-12", 60), ("2012-01-11", 30)),
}
"""When each region was paid, and how many hundredths of its grant."""

BY_CLAIM = "2012-01-01"
"""From this day on regions claim, and are paid in payment runs."""

COMMITTED = {"eastern": 75, "north-west": 80, "south-east": 60, "west-midlands": 70}
"""How many hundredths of its grant a region has promised to somebody, where that is not all of it."""

PURPOSE = "Regional sector-led improvement, as set out in the region’s plan"


def year(session: Session) -> list[Event]:
    """The money's year: agreed, divided, promised and paid."""
    given = grants(session)
    return [*_begins(), *_splits(given), *_instalments(), *_posts(), *_regions(given), *_later()]


def tell(day: str, kind: Kind, wanted: msgspec.Struct, hour: int = 11, who: str = SECRETARIAT) -> Event:
    """Somebody records something about money."""
    return _event(day, lambda session, it, *, by, at: commands.do(session, kind, it, by=by, at=at), wanted, hour, who)


def _event(day: str, what: Callable[..., Any], wanted: msgspec.Struct, hour: int = 11, who: str = SECRETARIAT) -> Event:
    def do(session: Session, by: Person, at: Any) -> None:
        what(session, wanted, by=by, at=at)

    return Event(moment(date.fromisoformat(day), hour), who, do)


def grants(session: Session) -> dict[str, int]:
    counted: dict[str, int] = dict.fromkeys(sector.regions(session), 0)
    for council in sector.all_councils(session).values():
        if council.in_being(date(2011, 12, 31)):
            counted[council.region] += 1
    shares = share_out(SHARED, list(counted.values()))
    return {slug: BASE + share for slug, share in zip(counted, shares, strict=True)}


def slug(title: str) -> str:
    """What a post’s line is called."""
    return "-".join("".join(sign if sign.isalnum() else " " for sign in title.lower()).split())


def _begins() -> list[Event]:
    sought = Negotiation(
        mou=MOU,
        title="Sector-led improvement in adult social care",
        funder="Department of Health",
        amount_pence=IN_FORCE,
        effective_on=date(2011, 5, 16),
        note="The Board has approval to negotiate",
    )
    agreed = Agreement(amount_pence=IN_FORCE, effective_on=date(2011, 7, 11))
    return [
        _event("2011-05-17", commands.put_in_negotiation, sought),
        _event("2011-07-11", commands.agree, agreed, 15),
    ]


def _splits(grants: dict[str, int]) -> list[Event]:
    """Lines, three what-ifs, and the one the Board chose: its allocations are indicative until the MoU is agreed."""
    told = []
    for title, host, _, _ in POSTS:
        new = NewLine(kind=LineKind.POST, title=title, host=host, line=slug(title), effective_on=date(2011, 6, 6))
        told.append(_event("2011-06-06", commands.open_line, new, 10))
    for region in grants:
        new = NewLine(kind=LineKind.REGION, region=region, line=region, effective_on=date(2011, 6, 6))
        told.append(_event("2011-06-06", commands.open_line, new, 11))
    posts = [PostShare(slug(title), allocated) for title, _, allocated, _ in POSTS]
    for name, way, base in WHAT_IFS:
        what_if = Split(title=name, total_pence=IN_FORCE, way=way, kept_pence=KEPT, base_pence=base, posts=posts)
        told.append(tell("2011-06-06", Kind.SPLIT, what_if, 12))
    told.append(Event(moment(date(2011, 6, 6), 13), SECRETARIAT, _adopt))
    return told


def _adopt(session: Session, by: Person, at: datetime) -> None:
    chosen = next(one for one in splits.splits(session, EVER, MOU) if one.title == WHAT_IFS[-1][0])
    wanted = Adoption(ref=chosen.ref, why="The Board’s first split", effective_on=date(2011, 6, 6))
    commands.do(session, Kind.ADOPTED, wanted, by=by, at=at)


CONDITIONS = "A report of progress to the Department, with what was spent so far"


def _instalments() -> list[Event]:
    told = [
        tell(day, Kind.CONDITIONS, Conditions(ref=ref, evidence=f"The report of {of}, sent to the Department"), 16)
        for ref, day, of in (
            ("I-2", "2011-09-28", "September 2011"),
            ("I-3", "2011-12-09", "December 2011"),
            ("I-4", "2012-03-12", "March 2012"),
        )
    ]
    for ref, due, came in (
        ("1", "2011-08-01", "2011-08-03"),
        ("2", "2011-10-03", "2011-10-05"),
        ("3", "2011-12-16", "2011-12-16"),
        ("4", "2012-03-16", "2012-03-19"),
    ):
        quarter = IN_FORCE // 4
        expected = ExpectedInstalment(
            amount_pence=quarter,
            due_on=date.fromisoformat(due),
            ref=f"I-{ref}",
            conditions=CONDITIONS if ref > "1" else "",
            effective_on=date(2011, 7, 12),
        )
        told.append(_event("2011-07-12", commands.expect_instalment, expected))
        got = Receipt(
            amount_pence=quarter, received_on=date.fromisoformat(came), ref=f"I-{ref}", reference=f"DH {ref}/4"
        )
        told.append(_event(came, commands.receive_instalment, got))
    return told


def _posts() -> list[Event]:
    """Each post is promised to its host for the year and paid at each month's end from when it is filled."""
    told = []
    for (title, host, allocated, monthly), first in zip(POSTS, (7, 8, 10), strict=True):
        line = slug(title)
        promised = Commitment(
            line=line,
            amount_pence=allocated,
            recipient=host,
            purpose=f"{title}, to 31 March 2012",
            effective_on=date(2011, 7, 20),
        )
        told.append(_event("2011-07-20", commands.commit, promised))
        for month in range(max(first, 8), 16):
            year, number = (2011, month) if month <= 12 else (2012, month - 12)
            day = date(year, number, 27)
            paid = Payment(
                line=line, amount_pence=monthly, paid_on=day, reference=f"{host[:4].upper()}-{year}{number:02d}"
            )
            told.append(_event(day.isoformat(), commands.pay, paid, 14, DEPUTY))
    return told


def _regions(grants: dict[str, int]) -> list[Event]:
    told = []
    for region, grant in grants.items():
        promised = Commitment(
            line=region,
            amount_pence=grant * COMMITTED.get(region, 100) // 100,
            recipient="The region’s lead council",
            purpose=PURPOSE,
            effective_on=date(2011, 8, 24),
        )
        told.append(_event("2011-08-24", commands.commit, promised))
        for number, (day, hundredths) in enumerate(PAID[region], start=1):
            if day >= BY_CLAIM:
                continue
            amount = grant * min(hundredths, COMMITTED.get(region, 100)) // 100
            paid = Payment(
                line=region,
                amount_pence=amount,
                paid_on=date.fromisoformat(day),
                reference=f"R-{region[:4].upper()}-{number}",
            )
            told.append(_event(day, commands.pay, paid, 12, DEPUTY))
    return told


def _give_back(session: Session, by: Person, at: datetime) -> None:
    paid = ledger.entries(session, EVER, MOU, kinds=[Kind.PAYMENT], of_lines=["london"], limit=1)
    back = Refund(
        line="london",
        amount_pence=1_250_00,
        received_on=date(2012, 3, 5),
        why="A workshop cost less than planned",
        payment=paid[0].id,
    )
    commands.refund(session, back, by=by, at=at)


def _later() -> list[Event]:
    """A virement, a refund, a release: what happens to any plan."""
    moved = Virement(
        legs=[Leg(line="unallocated", amount_pence=-5_000_00), Leg(line="south-west", amount_pence=5_000_00)],
        why="Shared easy-read accounts for the region’s councils",
        decision_reference="B-12/04",
        effective_on=date(2012, 1, 12),
    )
    more = Commitment(
        line="south-west",
        amount_pence=5_000_00,
        recipient="The region’s lead council",
        purpose="Shared easy-read accounts",
        effective_on=date(2012, 1, 20),
    )
    spare = Release(
        line=slug(POSTS[2][0]),
        of=Of.COMMITMENT,
        amount_pence=4_000_00,
        why="The post was filled two months later than planned",
        effective_on=date(2012, 2, 20),
    )
    return [
        _event("2012-01-12", commands.vire, moved),
        _event("2012-01-20", commands.commit, more),
        _event("2012-02-20", commands.release, spare),
        Event(moment(date(2012, 3, 5), 11), SECRETARIAT, _give_back),
    ]
