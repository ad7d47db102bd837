"""People who claim and decide, and London’s money for them to claim."""

from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

from improvement.access import commands as access
from improvement.access import queries as people
from improvement.access.rules import SERVICE, Held, Person, Role
from improvement.database import Database
from improvement.dates import AsAt
from improvement.funding import commands
from improvement.funding.book import Kind
from improvement.funding.entering.claims import Answer, Attachment, Judgement, NewClaim, Query, Verdict
from improvement.funding.entering.moves import Allocation, Commitment, Payment
from improvement.funding.queries import claims
from improvement.funding.queries.claims import Claim
from tests.funding.conftest import AT, doing

MOU = "2011-2012"
TODAY = AsAt(date(2011, 9, 1))
PDF = b"%PDF-1.4 an invoice"


def person(database: Database, email: str, *held: Held) -> Person:
    """Somebody who is really there, with these roles and no second person to confirm them."""
    with database.writing() as session:
        access.add_person(
            session, email, email.partition("@")[0].title(), Held(Role.COORDINATOR, region="london"), by=SERVICE, at=AT
        )
        found = people.by_email(session, email)
    assert found is not None
    return Person(found.id, found.name, email, held)


class Cast:
    """Lee claims for London, Mo for Eastern; Anita and Sam are of the secretariat; Bo holds both roles."""

    def __init__(self, database: Database) -> None:
        self.database = database
        secretariat, london = Held(Role.SECRETARIAT), Held(Role.COORDINATOR, region="london")
        self.lee = person(database, "lee@example.org", london)
        self.mo = person(database, "mo@example.org", Held(Role.COORDINATOR, region="eastern"))
        self.anita = person(database, "anita@example.org", secretariat)
        self.sam = person(database, "sam@example.org", secretariat)
        self.bo = person(database, "bo@example.org", london, secretariat)
        for line in ("london", "eastern"):
            doing(database)(commands.allocate, Allocation(line=line, amount_pence=10_000_00))
            wanted = Commitment(line=line, amount_pence=9_000_00, recipient="The lead borough", purpose="Peer work")
            doing(database)(commands.commit, wanted)

    def do(self, kind: Kind, wanted: Any, by: Person, at: datetime = AT) -> UUID:
        with self.database.writing() as session:
            return commands.do(session, kind, wanted, by=by, at=at)

    def correct(self, fact: UUID, wanted: Any, by: Person, at: datetime = AT) -> UUID:
        with self.database.writing() as session:
            return commands.correct(session, commands.Mending(fact, "Put right", wanted), by=by, at=at)

    def claims(self, pence: int = 1_000_00, by: Person | None = None, at: datetime = AT, **more: Any) -> str:
        """The reference of a new claim."""
        id_ = self.do(Kind.CLAIM, a_claim(pence, **more), by or self.lee, at)
        with self.database.reading() as session:
            return next(one.ref for one in claims.claims(session, ever(at), MOU) if one.id == id_)

    def asks(self, ref: str, by: Person | None = None, **more: Any) -> UUID:
        return self.do(Kind.QUERY, Query(ref=ref, question="Which days?", **more), by or self.anita)

    def answers(self, ref: str, by: Person | None = None, **more: Any) -> UUID:
        return self.do(Kind.ANSWER, Answer(ref=ref, answer="All of them.", **more), by or self.lee)

    def decides(
        self, ref: str, decision: Verdict = Verdict.APPROVED, by: Person | None = None, why: str = "", at: datetime = AT
    ) -> UUID:
        return self.do(Kind.DECISION, Judgement(ref=ref, decision=decision, why=why), by or self.anita, at)

    def pays(self, ref: str, pence: int = 1_000_00, at: datetime = AT, **more: Any) -> UUID:
        wanted = Payment(**{"line": "london", "amount_pence": pence, "paid_on": at.date(), "claim": ref, **more})
        return self.do(Kind.PAYMENT, wanted, self.sam, at)

    def claim(self, ref: str, as_at: AsAt = TODAY, by: Person | None = None) -> Claim:
        with self.database.reading() as session:
            return claims.claim(session, as_at, ref, by or self.anita)


def ever(at: datetime) -> AsAt:
    return AsAt(at.date())


def a_claim(pence: int = 1_000_00, **more: Any) -> NewClaim:
    days = {"from_on": date(2011, 7, 1), "to_on": date(2011, 8, 31)}
    return NewClaim(**{"line": "london", "amount_pence": pence, "paid_for": "Peer reviews", **days, **more})


def invoice(name: str = "invoice.pdf", content: bytes = PDF) -> Attachment:
    return Attachment(name, content)


def office(*parts: str) -> bytes:
    """A file as Word or Excel make them, as far as its list of parts."""
    kept = BytesIO()
    with ZipFile(kept, "w") as made:
        for part in ("[Content_Types].xml", *parts):
            made.writestr(part, "<x/>")
    return kept.getvalue()
