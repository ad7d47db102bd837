"""What was told of a council’s entry, by whom and when, whatever kind of fact it is."""

from datetime import date, datetime

import msgspec


class Told(msgspec.Struct, frozen=True):
    """One fact of an entry. `correct` is there for what was said of the entry as a whole."""

    council: str
    kind: str
    seq: int
    effective_on: date
    recorded_at: datetime
    recorded_by: int
    status: str = ""
    expected_on: date | None = None
    correct: bool = True
    withdrawn: bool = False
