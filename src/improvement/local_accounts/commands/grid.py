"""The coordinator’s grid: every council of a region on one page."""

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.access.rules import May, Person
from improvement.database import record
from improvement.dates import AsAt, ProgrammeYear, london_day
from improvement.local_accounts import queries
from improvement.local_accounts.queries import grid
from improvement.local_accounts.rules import Standing, Status
from improvement.local_accounts.rules import grid as rules
from improvement.local_accounts.rules.grid import Row
from improvement.local_accounts.tables import StatusReported
from improvement.local_accounts.tables.checks import EntryChecked
from improvement.sector.rules import Council


class NewRow(msgspec.Struct, frozen=True):
    """One council of a set: a status to record from today, or that nothing has changed."""

    council: Annotated[str, Meta(title="the council", max_length=60)]
    status: Annotated[Status | None, Meta(title="the status")] = None
    expected_on: Annotated[date | None, Meta(title="the day the council expects to publish")] = None
    note: Annotated[str, Meta(title="the note", max_length=2000)] = ""
    no_change: Annotated[bool, Meta(title="whether nothing has changed")] = False
    seq: Annotated[int | None, Meta(title="the newest fact of the entry when you read it")] = None


class NewSet(msgspec.Struct, frozen=True):
    """The councils of a region to bring up to date together: all of them or none."""

    rows: Annotated[list[NewRow], Meta(title="the councils")]


def as_row(new: NewRow) -> Row:
    """What was sent, as the rules see it."""
    return Row(**msgspec.structs.asdict(new))


def save(
    session: Session,
    which: ProgrammeYear,
    rows: Sequence[Row],
    *,
    by: Person,
    at: datetime,
    besides: Mapping[str, str] | None = None,
) -> list[UUID]:
    """Record a set, each row as a fact: all of it or nothing.

    Every mistake is told at once, named by box and council (`expected_on-brent`), with those found `besides`. Raises
    `NotFound` or `NotAllowed` for a council that is not this person's, `NothingToSave`, `SetRefused`, or
    `ChangedMeanwhile` where an entry was changed after the `seq` a row was read at,
    by whomever: somebody may have the page open twice.
    """
    own = {row.council: queries.on_list(session, which, row.council) for row in rows}
    roles = {slug: by.acting(May.CONFIRM_ACCOUNTS, region=one.region) for slug, one in own.items()}
    if not rows and not besides:
        raise rules.NothingToSave("Nothing is changed or ticked yet. Change a row, or tick “No change”.")
    clashes = _clashes(session, which, rows, own, by)
    wrong = {**(besides or {}), **_mistakes(session, which, rows, own, at, without=clashes.keys())}
    told = {f"keep-{slug}": said for slug, said in clashes.items()}
    if wrong:
        raise rules.SetRefused({**wrong, **told})
    if told:
        raise rules.ChangedMeanwhile(told)
    stand = queries.standings(session, which, AsAt(london_day(at)))
    facts = [(row, _fact(which, row, stand[row.council], at)) for row in rows]
    return [record(session, fact, by=by.id, as_role=roles[row.council], at=at) for row, fact in facts]


def _clashes(
    session: Session, which: ProgrammeYear, rows: Sequence[Row], own: Mapping[str, Council], by: Person
) -> dict[str, str]:
    meanwhile = grid.told_since(session, which, {row.council: row.seq for row in rows if row.seq is not None})
    names = access.names(session) | {by.id: "you"} if meanwhile else {}
    return {
        slug: rules.clash_of(own[slug], told, names.get(told.recorded_by, "somebody who has left"))
        for slug, told in meanwhile.items()
    }


def _mistakes(
    session: Session,
    which: ProgrammeYear,
    rows: Sequence[Row],
    own: Mapping[str, Council],
    at: datetime,
    *,
    without: Set[str],
) -> dict[str, str]:
    """What is wrong, row by row, but in rows that somebody has to look at again whatever they say."""
    today, found, seen = london_day(at), dict[str, str](), set[str]()
    stand = queries.standings(session, which, AsAt(today))
    for row in rows:
        if row.council in seen:
            found[f"status-{row.council}"] = f"{own[row.council].name} is there more than once."
        elif row.council not in without:
            mistakes = rules.mistakes_of(row, own[row.council], stand[row.council], today)
            found |= {f"{field}-{row.council}": said for field, said in mistakes.items()}
        seen.add(row.council)
    return found


def _fact(which: ProgrammeYear, row: Row, stand: Standing, at: datetime) -> StatusReported | EntryChecked:
    same = {"year": str(which), "council": row.council, "effective_on": london_day(at), "note": row.note}
    if row.no_change or row.status is None:
        return EntryChecked(**same, by_council=False, post="", correct=True, said="")
    # Who agreed that a council will not publish is said on its page, and stays while that is its status.
    agreed_by = stand.agreed_by if row.status is stand.status else ""
    return StatusReported(**same, status=row.status.value, expected_on=row.expected_on, source="", agreed_by=agreed_by)
