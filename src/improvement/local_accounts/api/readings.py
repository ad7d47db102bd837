"""Readings of an account and the council’s replies, as JSON."""

from uuid import UUID

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import api_get, api_post
from improvement.access.rules import May
from improvement.dates import ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.commands import readings as commands
from improvement.local_accounts.commands import readings_replies
from improvement.local_accounts.queries import readings as told
from improvement.local_accounts.queries.readings_told import Reply
from improvement.local_accounts.rules import readings
from improvement.local_accounts.rules.reconciled import Version
from improvement.web import forms
from improvement.web.replies import Created

HERE = "/local-accounts/{year:str}/{council:str}"


class Readings(msgspec.Struct, frozen=True):
    """The readings of one council's account: which stands, every one there was, and what the council says."""

    council: str
    year: str
    stands: UUID | None
    readings: list[Version]
    replies: list[Reply]


def _which(asked: Asked) -> tuple[ProgrammeYear, str]:
    return ProgrammeYear.parse(str(asked.sent.path["year"])), str(asked.sent.path["council"])


@api_get(HERE + "/readings", may=May.READ, of="readings of an account", gives=Readings)
def of_account(asked: Asked) -> Readings:
    """The readings of one account and the replies to them, for those who see its council in full."""
    which, slug = _which(asked)
    council = queries.of_council(asked.session, which, slug, asked.as_at)[0]
    if not queries.in_full(asked.by, council):
        raise readings.NoSuchReading(f"Readings are for {council.name}, its region and the secretariat.")
    of = told.of_council(asked.session, which, slug, asked.as_at)
    return Readings(slug, str(which), of.stands.id if of.stands else None, list(of.versions), list(of.replies.values()))


@api_post(HERE + "/readings", may=May.CONFIRM_ACCOUNTS, of="reading of an account", takes=commands.NewReading)
def read(asked: Asked) -> Created:
    """Record a reading of a publication, or the reconciled one."""
    (which, slug), new = _which(asked), forms.from_json(commands.NewReading, asked.sent.body)
    return Created(str(commands.read(asked.session, which, slug, new, by=asked.by, at=asked.at)))


@api_post(HERE + "/replies", may=May.RECORD_ACCOUNTS, of="reading of an account", takes=readings_replies.NewReplies)
def reply(asked: Asked) -> Created:
    """Record what the council says to the reading that stands."""
    (which, slug), new = _which(asked), forms.from_json(readings_replies.NewReplies, asked.sent.body)
    recorded = readings_replies.reply(asked.session, which, slug, new, by=asked.by, at=asked.at)
    return Created(str(recorded[-1] if recorded else new.reading))


@api_post(
    HERE + "/readings/{fact:uuid}/take-back", may=May.CONFIRM_ACCOUNTS, of="reading of an account", takes=commands.Why
)
def take_back(asked: Asked) -> Created:
    """Take a reading back."""
    (which, slug), why = _which(asked), forms.from_json(commands.Why, asked.sent.body)
    fact = UUID(str(asked.sent.path["fact"]))
    return Created(str(commands.take_back(asked.session, which, slug, fact, why.reason, by=asked.by, at=asked.at)))


@api_post(
    HERE + "/replies/{fact:uuid}/take-back", may=May.RECORD_ACCOUNTS, of="reading of an account", takes=commands.Why
)
def take_reply_back(asked: Asked) -> Created:
    """Take back what the council replied to a reading."""
    (which, slug), why = _which(asked), forms.from_json(commands.Why, asked.sent.body)
    fact, take = UUID(str(asked.sent.path["fact"])), readings_replies.take_back
    return Created(str(take(asked.session, which, slug, fact, why.reason, by=asked.by, at=asked.at)))


routes = [of_account, read, reply, take_back, take_reply_back]
