"""What every verb of the command shares: how it refuses, and the database it opens."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from improvement import dates
from improvement.database import Database
from improvement.errors import TurnedDown
from improvement.settings import Misconfigured, Settings
from improvement.upkeep import CannotKeep

AS_AT = click.option("--as-at", "day", default="", help="As known at the end of this day, written 2011-12-31.")


class Group(click.Group):
    """Refusals are sentences on the error stream and exit code 2; nothing else is caught."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except TurnedDown as refusal:
            sentences = list(refusal.fields.values()) or [refusal.message]
            raise click.exceptions.Exit(_say(sentences)) from None
        except (Misconfigured, CannotKeep) as problem:
            raise click.exceptions.Exit(_say([str(problem)])) from None


def _say(sentences: list[str]) -> int:
    for sentence in sentences:
        click.echo(sentence, err=True)
    return 2


@contextmanager
def opened() -> Iterator[tuple[Settings, Database]]:
    """The settings and a database that is where this release expects it."""
    from improvement import upkeep

    settings = Settings.read()
    database = Database(settings.database_url)
    try:
        upkeep.all_tables()
        if not upkeep.is_current(database):
            raise CannotKeep("The database is not set up for this release. Run: improvement migrate")
        yield settings, database
    finally:
        database.close()


def as_at_of(day: str) -> dates.AsAt:
    """What `--as-at` asks for; all that is known now without it."""
    return dates.AsAt.asked({"as-at": day} if day else {}, dates.now())
