"""Who reads accounts in these tests, and how briefly that can be said."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from improvement.access import commands as access
from improvement.access.rules import SERVICE, Held, Person, Role
from improvement.database import Database
from improvement.dates import AsAt
from improvement.local_accounts.commands import readings as commands
from improvement.local_accounts.commands import readings_replies
from improvement.local_accounts.commands.readings import NewReading
from improvement.local_accounts.commands.readings_replies import NewReplies, NewReply
from improvement.local_accounts.queries import readings as queries
from improvement.local_accounts.rules.readings import Covered, ThemeRead
from tests.local_accounts.people import NOW, YEAR, Clerk

TODAY = AsAt(date(2012, 6, 1))


def person(database: Database, role: Role, name: str, region: str | None = None, council: str | None = None) -> Person:
    """Somebody who is here, with one role."""
    held = Held(role, region, council)
    with database.writing() as session:
        number = access.add_person(session, f"{name}@example.org", name, held, by=SERVICE, at=NOW)
    return Person(number, name, f"{name}@example.org", (held,), 1)


def found(theme: str = "adult safeguarding", covered: Covered = Covered.COVERED, where: str = "4") -> ThemeRead:
    return ThemeRead(theme, covered, where if covered is not Covered.NOT_COVERED else "")


class Library:
    """One council's account that is published, and the people who read it and answer."""

    def __init__(self, database: Database, council: str = "brent", region: str = "london") -> None:
        self.database, self.council, self.at = database, council, NOW
        self.clerk = Clerk(database, council)
        self.publication = self.clerk.publishes()
        self.ann = person(database, Role.COORDINATOR, f"ann-{council}", region=region)
        self.bob = person(database, Role.COORDINATOR, f"bob-{council}", region=region)
        self.secretariat = person(database, Role.SECRETARIAT, f"secretariat-{council}")
        self.officer = person(database, Role.OFFICER, f"officer-{council}", council=council)

    def _later(self) -> datetime:
        self.at = max(self.at, self.clerk.at) + timedelta(minutes=1)
        return self.at

    def reads(self, *themes: ThemeRead, by: Person | None = None, **more: Any) -> UUID:
        new = NewReading(publication=self.publication, themes=list(themes or [found()]))
        with self.database.writing() as session:
            new = msgspec.structs.replace(new, **more)
            return commands.read(session, YEAR, self.council, new, by=by or self.ann, at=self._later())

    def takes_back(self, fact: UUID, reason: str = "Another account was read.", by: Person | None = None) -> UUID:
        with self.database.writing() as session:
            at = self._later()
            return commands.take_back(session, YEAR, self.council, fact, reason, by=by or self.ann, at=at)

    def replies(self, reading: UUID, *said: NewReply, by: Person | None = None) -> list[UUID]:
        with self.database.writing() as session:
            new = NewReplies(reading, list(said))
            at = self._later()
            return readings_replies.reply(session, YEAR, self.council, new, by=by or self.officer, at=at)

    def takes_reply_back(self, fact: UUID, reason: str = "It was of another page.", by: Person | None = None) -> UUID:
        with self.database.writing() as session:
            at = self._later()
            return readings_replies.take_back(session, YEAR, self.council, fact, reason, by=by or self.officer, at=at)

    def stands(self, as_at: AsAt = TODAY) -> queries.Reading | None:
        with self.database.reading() as session:
            counts = queries.standing(session, YEAR, as_at).get(self.council)
            assert counts == queries.of_council(session, YEAR, self.council, as_at).stands
            return counts

    def of(self, as_at: AsAt = TODAY) -> queries.OfCouncil:
        with self.database.reading() as session:
            return queries.of_council(session, YEAR, self.council, as_at)
