"""What tests of funding begin with: the first MoU in negotiation, nine regions and one post."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from improvement.access.rules import Held, Person, Role
from improvement.database import Database
from improvement.funding import commands
from improvement.funding.book import LineKind
from improvement.funding.entering.moves import Agreement, NewLine, Receipt

AT = datetime(2011, 9, 1, 9, tzinfo=UTC)
"""When these tests take place, unless they say otherwise."""
SECRETARIAT = Person(1, "Anita Rowe", "anita@example.org", (Held(Role.SECRETARIAT),))
LONDONER = Person(1, "Lee Ong", "lee@example.org", (Held(Role.COORDINATOR, region="london"),))

Do = Callable[..., UUID]


def doing(database: Database, at: datetime = AT, by: Person = SECRETARIAT) -> Do:
    """A way to carry out one command in one transaction: `do(commands.pay, Payment(…))`."""

    def do(command: Callable[..., UUID], *wanted: object, at: datetime = at, by: Person = by) -> UUID:
        with database.writing() as session:
            return command(session, *wanted, by=by, at=at)

    return do


@pytest.fixture
def negotiated(seeded: Database) -> Database:
    """£550,000.00 is sought; the regions have lines, and so has a programme lead."""
    with seeded.writing() as session:
        commands.first_mou(session, datetime(2011, 4, 1, 8, tzinfo=UTC))
        post = NewLine(kind=LineKind.POST, title="Programme lead", host="ADASS", effective_on=date(2011, 4, 1))
        commands.open_line(session, post, by=SECRETARIAT, at=datetime(2011, 4, 1, 9, tzinfo=UTC))
    return seeded


@pytest.fixture
def agreed(negotiated: Database) -> Database:
    """The MoU is agreed at £550,000.00 on 1 June 2011, and £200,000.00 has come."""
    with negotiated.writing() as session:
        wanted = Agreement(amount_pence=550_000_00, effective_on=date(2011, 6, 1))
        commands.agree(session, wanted, by=SECRETARIAT, at=AT)
        receive(session, 200_000_00)
    return negotiated


def receive(session: Session, pence: int) -> UUID:
    """Money comes from the funder on 1 June 2011."""
    wanted = Receipt(amount_pence=pence, received_on=date(2011, 6, 1))
    return commands.receive_instalment(session, wanted, by=SECRETARIAT, at=AT)
