"""Loading the year in one transaction, through the same commands people use, so that every rule holds of it too."""

from improvement.access import commands as signs_in
from improvement.access import queries as access
from improvement.access.rules import Person
from improvement.database import Database, mark_demonstration
from improvement.demonstration import accounts, claims, concerns, money, people, posts, readings, reports
from improvement.demonstration.telling import Event


def load(database: Database) -> None:
    """Tell the year, event after event. All of it or none of it."""
    with database.writing() as session:
        mark_demonstration(session)
        people.arrive(session)
        told: list[Event] = [
            *money.year(session),
            *posts.year(session),
            *claims.year(session),
            *accounts.year(session),
            *readings.year(session),
            *concerns.year(session),
            *reports.year(),
        ]
        who: dict[str, Person] = {}
        for event in sorted(told, key=lambda event: event.at):
            if event.who not in who:
                found = access.by_email(session, event.who)
                if found is None:
                    raise LookupError(f"nobody in the demonstration is {event.who}")
                who[event.who] = found
            signs_in.note_sign_in(session, who[event.who].id, event.at)
            event.do(session, who[event.who], event.at)
            session.flush()
