"""What is done about local accounts. One verb a function; each checks for itself whose council it is."""

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access.rules import SERVICE, May, Person, Role
from improvement.database import EVER, Fact, correction, find_to_correct, known, record
from improvement.dates import FROM_THE_BEGINNING, ProgrammeYear, in_words, london_day
from improvement.errors import Refused, TurnedDown
from improvement.local_accounts import queries, rules
from improvement.local_accounts.commands import checks, extensions, readings, readings_replies, years
from improvement.local_accounts.commands.extensions import NewExtension
from improvement.local_accounts.rules import Basis, Format, Reported, Status, Sureness
from improvement.local_accounts.tables import AccountPublished, AccountSeen, ProgrammeYearSet, StatusReported
from improvement.local_accounts.tables.checks import ExtensionAgreed
from improvement.sector import queries as sector
from improvement.sector.rules import Council
from improvement.texts import says
from improvement.web import forms

Told = StatusReported | AccountPublished | AccountSeen | ExtensionAgreed
KINDS = (StatusReported, AccountPublished, AccountSeen, ExtensionAgreed)
"""What is corrected here."""
Note = Annotated[str, Meta(title="the note", max_length=2000)]


class NewStatus(msgspec.Struct, frozen=True):
    """A status to record."""

    status: Annotated[Status, Meta(title="the status")]
    effective_on: Annotated[date, Meta(title="the day this is true from")]
    expected_on: Annotated[date | None, Meta(title="the day the council expects to publish")] = None
    note: Note = ""
    source: Annotated[str, Meta(title="where this is known from", max_length=500)] = ""
    agreed_by: Annotated[str, Meta(title="who agreed that it will not publish", max_length=200)] = ""


class NewPublication(msgspec.Struct, frozen=True):
    """A publication to record."""

    title: Annotated[str, Meta(title="the title of the account", max_length=300)]
    address: Annotated[str, Meta(title="the address of the page or document", max_length=2000)]
    published_on: Annotated[date, Meta(title="the day it was published")]
    basis: Annotated[Basis, Meta(title="how sure you are of the day")] = Basis.EXACT
    period_from: Annotated[date | None, Meta(title="the first day it covers")] = None
    period_to: Annotated[date | None, Meta(title="the last day it covers")] = None
    by_lead_member: Annotated[bool | None, Meta(title="whether the lead member published it")] = None
    formats: Annotated[list[Format], Meta(title="the formats people can get")] = []
    without_web: Annotated[str, Meta(title="where people without the web can get it", max_length=2000)] = ""
    serves: Annotated[list[str], Meta(title="the other councils it is for")] = []
    note: Note = ""


class NewLook(msgspec.Struct, frozen=True):
    """That an account was looked at."""

    sureness: Annotated[Sureness, Meta(title="how sure you are")] = Sureness.CONFIRMED
    note: Note = ""


class NewCorrection(msgspec.Struct, frozen=True):
    """What is wrong with a fact, and what takes its place: other values, or nothing."""

    corrects: Annotated[UUID, Meta(title="the fact to correct")]
    reason: Annotated[str, Meta(title="the reason", max_length=1000)]
    withdrawn: bool = False
    values: Annotated[dict[str, Any] | None, Meta(title="the right values")] = None


class Reason(msgspec.Struct, frozen=True):
    """Why a fact is corrected on its page, and whether it is put right or taken back."""

    what: Annotated[Literal["put right", "withdraw"], Meta(title="what to do with it")]
    reason: Annotated[str, Meta(title="the reason", max_length=1000)]


class PeriodBackwards(Refused):
    """A period ends on or after the day it begins."""


class NothingCorrected(Refused):
    """A correction says what is right, or withdraws."""


class NoSuchCouncilServed(Refused):
    """An account serves councils of the year's expected list."""


def set_year(session: Session, which: ProgrammeYear, deadline: date, *, at: datetime) -> None:
    """Set up a programme year, known from the beginning. Doing it twice does it once."""
    if str(which) in queries.years(session):
        return
    about = ProgrammeYear(which.starts - 1)
    fact = ProgrammeYearSet(
        year=str(which),
        deadline=deadline,
        period_from=about.first_day,
        period_to=about.last_day,
        effective_on=london_day(FROM_THE_BEGINNING),
    )
    record(session, fact, by=SERVICE.id, as_role=Role.SERVICE, at=at)


def report_status(
    session: Session, which: ProgrammeYear, slug: str, new: NewStatus, *, by: Person, at: datetime
) -> UUID:
    """Record what a council says of its account. Raises the rule it breaks, `NotAllowed` or `NotFound`."""
    council = _own(session, which, slug, by, May.RECORD_ACCOUNTS)
    fact = StatusReported(
        year=str(which),
        council=slug,
        status=new.status,
        expected_on=new.expected_on,
        effective_on=new.effective_on,
        note=new.note,
        source=new.source,
        agreed_by=new.agreed_by,
    )
    _check_status(council, fact, queries.publications_of(session, which, slug, EVER), at)
    return _record(session, fact, by, May.RECORD_ACCOUNTS, council, at)


def publish(
    session: Session, which: ProgrammeYear, slug: str, new: NewPublication, *, by: Person, at: datetime
) -> UUID:
    """Record a publication, or a later edition. Raises the rule it breaks, `NotAllowed` or `NotFound`."""
    fact = check_publication(session, which, slug, new, by=by, at=at)
    return _record(session, fact, by, May.RECORD_ACCOUNTS, sector.council(session, slug), at)


def check_publication(
    session: Session, which: ProgrammeYear, slug: str, new: NewPublication, *, by: Person, at: datetime
) -> AccountPublished:
    """The publication as it would be recorded. Raises what `publish` raises, and records nothing."""
    _own(session, which, slug, by, May.RECORD_ACCOUNTS)
    fact = AccountPublished(year=str(which), council=slug, **_publication_columns(session, which, new))
    for before in queries.publications_of(session, which, slug, EVER):
        if (before.effective_on, before.address) == (fact.effective_on, fact.address):
            raise rules.RecordedAlready("This publication has been recorded already, with this day and address.")
    _check_publication(session, which, fact, by, at)
    return fact


def confirm(session: Session, which: ProgrammeYear, slug: str, new: NewLook, *, by: Person, at: datetime) -> UUID:
    """Record that a coordinator has opened the account, or that its address answered."""
    council = _own(session, which, slug, by, May.CONFIRM_ACCOUNTS)
    today = london_day(at)
    if not any(fact.effective_on <= today for fact in queries.publications_of(session, which, slug, EVER)):
        raise rules.NotPublishedYet(f"{council.name} has not published yet, so there is nothing to confirm.")
    fact = AccountSeen(year=str(which), council=slug, sureness=new.sureness, note=new.note, effective_on=today)
    return _record(session, fact, by, May.CONFIRM_ACCOUNTS, council, at)


def correct(session: Session, which: ProgrammeYear, slug: str, new: NewCorrection, *, by: Person, at: datetime) -> UUID:
    """Put a fact right, or take it back. Raises `NotFound`, `Conflict` or the rule it would break."""
    original = fact_to_correct(session, which, slug, new.corrects, by=by)
    if not says(new.reason):
        raise rules.ReasonWanted("Enter the reason.", field="reason")
    if new.withdrawn == (new.values is not None):
        raise NothingCorrected("Either give the right values, or withdraw the fact.", field="values")
    values = None if new.values is None else _corrected(session, which, original, new.values)
    fact = correction(original, reason=new.reason.strip(), values=values)
    may, council = _may_correct(original), queries.on_list(session, which, slug)
    if isinstance(fact, AccountPublished) and not fact.withdrawn:
        _check_publication(session, which, fact, by, at)
    if isinstance(fact, ExtensionAgreed) and not fact.withdrawn:
        extensions.check(session, fact, at)
    if isinstance(fact, StatusReported) and not fact.withdrawn:
        _check_status(council, fact, queries.publications_of(session, which, slug, EVER), at)
    return _record(session, fact, by, may, council, at)


def fact_to_correct(session: Session, which: ProgrammeYear, slug: str, fact: UUID, *, by: Person) -> Told:
    """A fact of one council's account that this person may correct. Raises `NotFound`, `NotAllowed` or `Conflict`.

    Whose council it is comes first, and a fact of another council is not there: nothing is told of it.
    """
    _own(session, which, slug, by, May.RECORD_ACCOUNTS)
    kinds = [
        kind for kind in KINDS if session.scalar(select(kind.id).filter_by(id=fact, year=str(which), council=slug))
    ]
    original = cast(Told, find_to_correct(session, list(kinds), fact))
    _own(session, which, slug, by, _may_correct(original))
    return original


def _may_correct(fact: Fact) -> May:
    return May.CONFIRM_ACCOUNTS if isinstance(fact, AccountSeen | ExtensionAgreed) else May.RECORD_ACCOUNTS


def wrong(session: Session) -> list[str]:
    """The facts that stand and break a rule they were held to when they were recorded, one sentence each."""
    found = []
    for kind in KINDS:
        for fact in session.scalars(known(kind, EVER)):
            try:
                _hold_to_rules(session, fact)
            except (TurnedDown, ValueError) as refusal:
                found.append(f"fact {fact.seq}, of {fact.council}: {refusal}")
    return found + [said for more in (checks, readings, readings_replies, years) for said in more.wrong(session)]


def _hold_to_rules(session: Session, fact: Told) -> None:
    which = ProgrammeYear.parse(fact.year)
    council = queries.on_list(session, which, fact.council)
    if isinstance(fact, AccountPublished):
        _check_publication(session, which, fact, SERVICE, fact.recorded_at)
    elif isinstance(fact, StatusReported):
        # A publication told later may be of an earlier day: it outranks what was said since, and neither is wrong.
        _check_status(council, fact, [], fact.recorded_at)
    input_of(fact)


def _own(session: Session, which: ProgrammeYear, slug: str, by: Person, may: May) -> Council:
    """The council on the year's list, if this person may do this to it. Raises `NotFound` or `NotAllowed`."""
    council = queries.on_list(session, which, slug)
    by.acting(may, region=council.region, council=slug)
    return council


def _record(session: Session, fact: Fact, by: Person, may: May, council: Council, at: datetime) -> UUID:
    role = by.acting(may, region=council.region, council=council.slug)
    return record(session, fact, by=by.id, as_role=role, at=at)


def _check_status(council: Council, fact: StatusReported, published: list[AccountPublished], at: datetime) -> None:
    if not council.in_being(fact.effective_on):
        raise rules.CouncilNotInBeing(
            f"{council.name} did not exist on {in_words(fact.effective_on)}.", field="effective_on"
        )
    publications = [queries.as_rule(one, council.slug) for one in published]
    report = Reported(council.slug, Status(fact.status), fact.effective_on, fact.expected_on, fact.note, 0)
    rules.check_status(report, publications, london_day(at))


def _check_publication(
    session: Session, which: ProgrammeYear, fact: AccountPublished, by: Person, at: datetime
) -> None:
    if fact.period_to < fact.period_from:
        raise PeriodBackwards("The last day it covers must be after the first.", field="period_to")
    expected = {council.slug: council for council in queries.expected(session, which)}
    for slug in {fact.council, *fact.serves}:
        if slug not in expected:
            raise NoSuchCouncilServed(
                f"“{slug[:60]}” is not a council on the list for {which.on_screen}.", field="serves"
            )
        by.acting(May.RECORD_ACCOUNTS, region=expected[slug].region, council=slug)
        if not expected[slug].in_being(fact.effective_on):
            sentence = f"{expected[slug].name} did not exist on {in_words(fact.effective_on)}."
            raise rules.CouncilNotInBeing(sentence, field="published_on")
    rules.check_publication(fact.effective_on, fact.period_from, fact.address, london_day(at))


def period_of(session: Session, which: ProgrammeYear, new: NewPublication) -> tuple[date, date]:
    """The period an account covers: as given, or else the year's suggested minimum."""
    about = queries.year(session, which)
    return new.period_from or about.period_from, new.period_to or about.period_to


def _publication_columns(session: Session, which: ProgrammeYear, new: NewPublication) -> dict[str, Any]:
    period_from, period_to = period_of(session, which, new)
    return {
        "effective_on": new.published_on,
        "title": new.title,
        "address": new.address,
        "basis": new.basis.value,
        "period_from": period_from,
        "period_to": period_to,
        "by_lead_member": new.by_lead_member,
        "formats": [form.value for form in new.formats],
        "without_web": new.without_web,
        "serves": list(new.serves),
        "note": new.note,
    }


def input_of(fact: Fact) -> NewPublication | NewStatus | NewLook | NewExtension:
    """A fact as the input that would record it again: what a correction begins from."""
    if isinstance(fact, ExtensionAgreed):
        return extensions.input_of(fact)
    if isinstance(fact, AccountPublished):
        kept = {name: getattr(fact, name) for name in msgspec.structs.asdict(_EMPTY) if name != "published_on"}
        return msgspec.convert({**kept, "published_on": fact.effective_on}, NewPublication)
    if isinstance(fact, StatusReported):
        given = (fact.status, fact.effective_on, fact.expected_on, fact.note, fact.source, fact.agreed_by)
        return msgspec.convert(dict(zip(NewStatus.__struct_fields__, given, strict=True)), NewStatus)
    return msgspec.convert({"sureness": getattr(fact, "sureness", ""), "note": fact.note}, NewLook)


_EMPTY = NewPublication("", "", date.min)


def _corrected(session: Session, which: ProgrammeYear, original: Fact, values: dict[str, Any]) -> dict[str, Any]:
    """The columns of the fact that takes another's place: read as what recorded it was read."""
    before = input_of(original)
    after = forms.read_json(type(before), msgspec.to_builtins(before) | values)
    if isinstance(after, NewPublication):
        return _publication_columns(session, which, after)
    if isinstance(after, NewExtension):
        return extensions.columns_of(after)
    return {name: getattr(value, "value", value) for name, value in msgspec.structs.asdict(after).items()}


def load_known_accounts(session: Session, file: Path, *, at: datetime) -> int:
    """Record what is publicly known of the accounts of 2011/12, with its sources. A blank day is the day of loading."""
    which, told = queries.FIRST_YEAR, 0
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            new = NewStatus(
                status=Status(row["status"]),
                effective_on=date.fromisoformat(row["effective_on"]) if row["effective_on"] else london_day(at),
                expected_on=date.fromisoformat(row["expected_on"]) if row["expected_on"] else None,
                note=row["note"],
                source=f"{row['source']} ({row['how_sure']})",
            )
            report_status(session, which, row["council"], new, by=SERVICE, at=at)
            told += 1
    return told
