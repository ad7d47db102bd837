"""Recording that a council asked for more time and somebody agreed."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person
from improvement.database import EVER, record
from improvement.dates import ProgrammeYear, in_words, london_day
from improvement.local_accounts import queries
from improvement.local_accounts.rules import CouncilNotInBeing, first_publication
from improvement.local_accounts.rules import extensions as rules
from improvement.local_accounts.tables.checks import ExtensionAgreed
from improvement.texts import says


class NewExtension(msgspec.Struct, frozen=True):
    """More time that was agreed with a council."""

    until: Annotated[date, Meta(title="the day until which it has more time")]
    because: Annotated[str, Meta(title="the reason it gives", max_length=2000)]
    agreed_by: Annotated[str, Meta(title="who agreed", max_length=200)]
    agreed_on: Annotated[date, Meta(title="the day it was agreed")]
    note: Annotated[str, Meta(title="the note", max_length=2000)] = ""


def agree(session: Session, which: ProgrammeYear, slug: str, new: NewExtension, *, by: Person, at: datetime) -> UUID:
    """Record that more time was agreed. Raises `NotFound`, `NotAllowed` or the rule it breaks."""
    council = queries.on_list(session, which, slug)
    role = by.acting(May.CONFIRM_ACCOUNTS, region=council.region, council=slug)
    fact = ExtensionAgreed(year=str(which), council=slug, **columns_of(new))
    check(session, fact, at)
    return record(session, fact, by=by.id, as_role=role, at=at)


def check(session: Session, fact: ExtensionAgreed, at: datetime) -> None:
    """Raises the rule that an extension would break, as things are known now."""
    which = ProgrammeYear.parse(fact.year)
    council = queries.on_list(session, which, fact.council)
    if not council.in_being(fact.effective_on):
        sentence = f"{council.name} did not exist on {in_words(fact.effective_on)}."
        raise CouncilNotInBeing(sentence, field="agreed_on")
    published = queries.publications_of(session, which, fact.council, EVER)
    first = first_publication([queries.as_rule(one, fact.council) for one in published])
    deadline, today = queries.year(session, which).deadline, london_day(at)
    if not says(fact.because) or not says(fact.agreed_by):
        raise rules.SayMore("Enter the reason and who agreed.", field="because")
    rules.check(fact.until, fact.effective_on, deadline, first.published_on if first else None, today)


def columns_of(new: NewExtension) -> dict[str, Any]:
    """The columns of the fact that it becomes."""
    given = msgspec.structs.asdict(new)
    return {"effective_on": given.pop("agreed_on"), **given}


def input_of(fact: ExtensionAgreed) -> NewExtension:
    """A recorded extension as the input that would record it again."""
    return NewExtension(fact.until, fact.because, fact.agreed_by, fact.effective_on, fact.note)
