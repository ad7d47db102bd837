"""What tests of paying begin with: approved claims of London, made by one person and approved by another."""

from datetime import UTC, date, datetime
from uuid import UUID

from improvement.access import commands as access
from improvement.access import queries as people
from improvement.access.rules import SERVICE, Held, Person, Role
from improvement.database import EVER, Database
from improvement.funding import commands
from improvement.funding.book import Kind
from improvement.funding.entering.claims import Judgement, NewClaim, Verdict
from improvement.funding.entering.moves import Allocation, Commitment
from improvement.funding.entering.paying import PaymentRun
from improvement.funding.queries import claims
from tests.funding.conftest import AT, SECRETARIAT, doing

TODAY = date(2011, 9, 1)
MOU = "2011-2012"
LATER = datetime(2011, 10, 3, 9, tzinfo=UTC)


def fund(database: Database) -> None:
    """London and Eastern have £10,000.00 each, £9,000.00 of it committed."""
    do = doing(database)
    for line in ("london", "eastern"):
        do(commands.allocate, Allocation(line=line, amount_pence=10_000_00))
        do(commands.commit, Commitment(line=line, amount_pence=9_000_00, recipient="The region", purpose="Peer work"))


def approved(database: Database, *amounts: int, line: str = "london", decided: bool = True) -> list[str]:
    """Claims of these amounts, approved unless they are to wait; their references, in that order."""
    return [_claim(database, pence, line, decided) for pence in amounts]


def _claim(database: Database, pence: int, line: str, decided: bool) -> str:
    with database.writing() as session:
        held = Held(Role.COORDINATOR, region=line)
        email = f"{line}@example.org"
        by = people.by_email(session, email)
        if by is None:
            id_ = access.add_person(session, email, f"Of {line}", held, by=SERVICE, at=AT)
            by = Person(id_, f"Of {line}", email, (held,))
        wanted = NewClaim(
            line=line, amount_pence=pence, from_on=date(2011, 6, 1), to_on=date(2011, 8, 31), paid_for="Peer work"
        )
        made = commands.do(session, Kind.CLAIM, wanted, by=by, at=AT)
    with database.writing() as session:
        ref = next(one.ref for one in claims.claims(session, EVER, MOU) if one.id == made)
        if decided:
            verdict = Judgement(ref=ref, decision=Verdict.APPROVED)
            commands.do(session, Kind.DECISION, verdict, by=SECRETARIAT, at=AT)
    return ref


def run(database: Database, *refs: str, on: date = TODAY, reason: str = "", at: datetime = AT) -> UUID:
    """A payment run of these claims."""
    wanted = PaymentRun(claims=list(refs), paid_on=on, over_cash_reason=reason)
    with database.writing() as session:
        return commands.do(session, Kind.RUN, wanted, by=SECRETARIAT, at=at)
