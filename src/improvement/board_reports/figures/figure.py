"""What a figure is."""

from collections.abc import Callable, Mapping
from datetime import date

import msgspec
from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.board_reports.rules import Audience
from improvement.dates import AsAt

Source = Callable[[Session, AsAt], Mapping[str, int]]
"""Works out several figures at once, by name."""


class Counted(msgspec.Struct, frozen=True):
    """One thing a figure was counted or summed from, and the page its facts are on."""

    what: str
    amount: int = 1
    on: date | None = None
    more: str = ""
    href: str = ""


class Figure(msgspec.Struct, frozen=True):
    """A whole number with a name and one definition for ever. `unit` is pence, or what is counted."""

    name: str
    meaning: str
    unit: str
    about: str
    source: Source
    facts: Callable[[Session, AsAt, Person], list[Counted]]
    audience: Audience = Audience.PUBLIC
    signed: bool = False
    """Whether it says which way: it is written with a plus above zero."""

    def value(self, session: Session, as_at: AsAt) -> int:
        """What it comes to at two dates. Nothing known counts as 0."""
        return self.source(session, as_at).get(self.name, 0)


def named(slug: str) -> str:
    """A slug as part of a figure's name."""
    return slug.replace("-", "_")
