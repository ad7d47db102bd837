"""How the made-up year is told: who did what, at which moment."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from random import Random
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.dates import LONDON

SECRETARIAT = "secretariat@demo.example"
DEPUTY = "deputy@demo.example"
CHAIR = "chair@demo.example"

Do = Callable[[Session, Person, datetime], Any]


class Event(msgspec.Struct, frozen=True):
    """Somebody recorded something at a moment."""

    at: datetime
    who: str
    do: Do


def chance() -> Random:
    """The same luck at every loading: the demonstration is the same everywhere."""
    return Random(2011)


def moment(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """An instant of a London day."""
    return datetime.combine(day, time(hour, minute), LONDON).astimezone(UTC)


def coordinator_of(region: str) -> str:
    return f"coordinator.{region}@demo.example"


def officer_of(council: str) -> str:
    return f"officer.{council}@demo.example"
