"""What the tests of Board reports begin with: a few accounts, some money, three concerns, and the people who report."""

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from improvement.access import commands as access
from improvement.access import queries as access_queries
from improvement.access.rules import SERVICE, Held, Person, Role
from improvement.board_reports import commands, queries
from improvement.board_reports.queries import Version
from improvement.concerns import commands as concerns
from improvement.concerns.commands import inputs
from improvement.concerns.rules import Sensitivity, Severity, Source, Theme
from improvement.dates import Month
from improvement.funding import commands as funding
from improvement.funding.entering.moves import Agreement, Allocation
from improvement.local_accounts import commands as accounts
from improvement.local_accounts import queries as account_queries
from improvement.local_accounts.rules import Sureness

DECEMBER, JANUARY = Month(2011, 12), Month(2012, 1)
BEFORE = datetime(2011, 12, 20, 9, tzinfo=UTC)
"""When what the December report is made of was recorded."""
NEW_YEAR = datetime(2012, 1, 2, 9, tzinfo=UTC)
"""When the December report is drafted."""
FEBRUARY = datetime(2012, 2, 1, 9, tzinfo=UTC)


def somebody(session: Session, name: str, role: Role) -> Person:
    """A person by name, added when first asked for."""
    email = f"{name.lower().replace(' ', '.')}@example.org"
    if access_queries.by_email(session, email) is None:
        access.add_person(session, email, name, Held(role), by=SERVICE, at=BEFORE)
        session.flush()
    found = access_queries.by_email(session, email)
    assert found is not None
    return found


def anita(session: Session) -> Person:
    """The secretariat."""
    return somebody(session, "Anita Rowe", Role.SECRETARIAT)


def chair(session: Session) -> Person:
    return somebody(session, "Helen Stourton", Role.CHAIR)


def member(session: Session) -> Person:
    """A Board member who is not its chair."""
    return somebody(session, "Ravi Sharma", Role.BOARD)


def publish(session: Session, council: str, day: date, at: datetime) -> None:
    """A council publishes, and a coordinator opens it."""
    new = accounts.NewPublication("Our local account", f"https://{council}.example.org/account", day)
    accounts.publish(session, account_queries.FIRST_YEAR, council, new, by=SERVICE, at=at)


def concern(session: Session, sensitivity: Sensitivity, at: datetime) -> str:
    """A concern of Brent's."""
    new = inputs.NewConcern(
        council="brent",
        title=f"A {sensitivity.value} matter",
        description="What was seen",
        themes=[Theme.OUTCOMES],
        severity=Severity.MEDIUM,
        sensitivity=sensitivity,
        source=Source.OTHER,
    )
    return concerns.raise_concern(session, new, by=SERVICE, at=at).ref


def tell(session: Session) -> None:
    """What is known by the end of December 2011: two accounts, £30,000 for London, a concern of each sensitivity."""
    publish(session, "brent", date(2011, 12, 1), BEFORE)
    publish(session, "wirral", date(2011, 12, 15), BEFORE)
    seen = accounts.NewLook(Sureness.CONFIRMED)
    accounts.confirm(session, account_queries.FIRST_YEAR, "brent", seen, by=SERVICE, at=BEFORE)
    funding.first_mou(session, BEFORE)
    agreed = Agreement(amount_pence=550_000_00, effective_on=date(2011, 12, 20))
    funding.agree(session, agreed, by=SERVICE, at=BEFORE)
    given = Allocation(line="london", amount_pence=30_000_00, effective_on=date(2011, 12, 20))
    funding.allocate(session, given, by=SERVICE, at=BEFORE)
    for sensitivity in Sensitivity:
        concern(session, sensitivity, BEFORE)


def drafted(session: Session, month: Month = DECEMBER, at: datetime = NEW_YEAR) -> Version:
    """A draft that the tracker wrote by itself."""
    commands.draft(session, month, by=SERVICE, at=at)
    session.flush()
    return queries.newest(session, month)


def issued(session: Session, month: Month = DECEMBER, at: datetime = NEW_YEAR) -> Version:
    """A report taken through its whole life."""
    drafted(session, month, at)
    commands.send_to_board(session, month, by=anita(session), at=at)
    session.flush()
    commands.approve(session, month, by=chair(session), at=at)
    session.flush()
    commands.issue(session, month, by=anita(session), at=at)
    session.flush()
    return queries.newest(session, month)
