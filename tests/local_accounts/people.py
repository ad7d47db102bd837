"""Who records local accounts in these tests, and how briefly that can be said."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from improvement.access.rules import SERVICE, Held, Person, Role
from improvement.database import Database
from improvement.dates import AsAt
from improvement.local_accounts import commands, queries
from improvement.local_accounts.commands import NewCorrection, NewLook, NewPublication, NewStatus
from improvement.local_accounts.rules import Position, Standing, Status

YEAR = queries.FIRST_YEAR
NOW = datetime(2012, 6, 1, 9, tzinfo=UTC)
DECEMBER = date(2011, 12, 16)
EDITION = NewPublication("Our account", "https://www.brent.gov.uk/account", DECEMBER)


def somebody(role: Role, region: str | None = None, council: str | None = None) -> Person:
    """Somebody with one role. Facts of theirs carry the tracker's own number, which is there."""
    return Person(SERVICE.id, "Ann", "ann@example.org", (Held(role, region, council),), 1)


SECRETARIAT = somebody(Role.SECRETARIAT)
LONDON = somebody(Role.COORDINATOR, region="london")
BRENT = somebody(Role.OFFICER, council="brent")
WIRRAL = somebody(Role.OFFICER, council="wirral")
BOARD = somebody(Role.BOARD)


class Clerk:
    """Records what is told of one council, each thing a minute after the last."""

    def __init__(
        self, database: Database, council: str = "brent", by: Person = SECRETARIAT, at: datetime = NOW
    ) -> None:
        self.database, self.council, self.by, self.at = database, council, by, at

    def _later(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at

    def says(self, status: Status = Status.DRAFTING, on: date = date(2011, 11, 1), **more: Any) -> UUID:
        new = NewStatus(status, on, **more)
        with self.database.writing() as session:
            return commands.report_status(session, YEAR, self.council, new, by=self.by, at=self._later())

    def publishes(self, new: NewPublication = EDITION) -> UUID:
        with self.database.writing() as session:
            return commands.publish(session, YEAR, self.council, new, by=self.by, at=self._later())

    def confirms(self, new: NewLook = NewLook()) -> UUID:  # noqa: B008 - frozen
        with self.database.writing() as session:
            return commands.confirm(session, YEAR, self.council, new, by=self.by, at=self._later())

    def corrects(self, fact: UUID, reason: str = "It was typed wrongly.", **values: Any) -> UUID:
        with self.database.writing() as session:
            new = NewCorrection(fact, reason, values=values)
            return commands.correct(session, YEAR, self.council, new, by=self.by, at=self._later())

    def withdraws(self, fact: UUID, reason: str = "It was another council.") -> UUID:
        with self.database.writing() as session:
            new = NewCorrection(fact, reason, withdrawn=True)
            return commands.correct(session, YEAR, self.council, new, by=self.by, at=self._later())

    def stands(self, on: date = date(2012, 5, 31), known_at: datetime | None = None) -> Standing:
        with self.database.reading() as session:
            return queries.of_council(session, YEAR, self.council, AsAt(on, known_at))[1]

    def position(self, on: date = date(2012, 5, 31), known_at: datetime | None = None) -> Position:
        return self.stands(on, known_at).position
