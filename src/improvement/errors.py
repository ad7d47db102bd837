"""The ways a request can be turned down. Each rule declares its own kind of `Refused` beside itself.

Every message is one plain-English sentence for the person asking: what happened and what to do about it.
"""

from collections.abc import Mapping


class TurnedDown(Exception):
    """A request we understood and will not carry out."""

    status = 422

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    @property
    def fields(self) -> dict[str, str]:
        """Each field to put right, with its sentence. Empty when the request as a whole is at fault."""
        return {self.field: self.message} if self.field else {}


class Refused(TurnedDown):
    """A rule says no."""


class Mistakes(Refused):
    """What was typed has several things to put right, all told at once."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        super().__init__(next(iter(by_field.values()), "There is a problem with what you entered."))
        self.by_field = dict(by_field)

    @property
    def fields(self) -> dict[str, str]:
        return self.by_field


class Unreadable(TurnedDown):
    """The request cannot be read at all: not JSON, not a form, not a date in the address."""

    status = 400


class NotSignedIn(TurnedDown):
    """Nobody is signed in, and this is not for everybody."""

    status = 401


class NotAllowed(TurnedDown):
    """The person may see this but not do it."""

    status = 403


class NotFound(TurnedDown):
    """There is no such thing, or not on the day asked about, or the person may not know that there is."""

    status = 404


class Conflict(TurnedDown):
    """Somebody, perhaps the same person, has already done this or something that rules it out."""

    status = 409


class TooBig(TurnedDown):
    """More was sent than we take."""

    status = 413


class TooMany(TurnedDown):
    """Too many tries in too short a time."""

    status = 429


class Busy(TurnedDown):
    """The database cannot take this now; nothing was saved."""

    status = 503
