"""The made-up Board reports: written on the first of each month, sent, approved and issued in its second week."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from improvement.access.rules import SERVICE, Person
from improvement.board_reports import commands
from improvement.dates import Month
from improvement.demonstration.telling import CHAIR, SECRETARIAT, Do, Event, moment

FIRST, LAST = Month(2011, 4), Month(2012, 3)


def year() -> list[Event]:
    """April 2011 to February 2012 issued; March 2012 left as a draft."""

    def opens(session: Session, by: Person, at: datetime) -> None:
        commands.open_first_round(session, FIRST, by=by, at=at)

    told = [Event(moment(FIRST.first_day + timedelta(days=3)), SECRETARIAT, opens)]
    for month in _months():
        told.append(Event(moment(month.next.first_day, 6), SECRETARIAT, _drafts(month)))
        if month != LAST:
            told += _through_the_board(month)
    return told


def _months() -> Iterator[Month]:
    month = FIRST
    while month <= LAST:
        yield month
        month = month.next


def _drafts(month: Month) -> Do:
    def do(session: Session, by: Person, at: datetime) -> None:
        commands.draft(session, month, by=SERVICE, at=at)

    return do


def _through_the_board(month: Month) -> list[Event]:
    second = month.next.first_day

    def sends(session: Session, by: Person, at: datetime) -> None:
        commands.send_to_board(session, month, by=by, at=at)

    def approves(session: Session, by: Person, at: datetime) -> None:
        commands.approve(session, month, by=by, at=at)

    def issues(session: Session, by: Person, at: datetime) -> None:
        commands.issue(session, month, by=by, at=at)

    return [
        Event(moment(second + timedelta(days=4), 15), SECRETARIAT, sends),
        Event(moment(second + timedelta(days=7), 11), CHAIR, approves),
        Event(moment(second + timedelta(days=8), 9), SECRETARIAT, issues),
    ]
