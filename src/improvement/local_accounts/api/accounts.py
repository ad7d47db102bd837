"""Local accounts, as JSON."""

from datetime import date
from uuid import UUID

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import api_get, api_post
from improvement.access.rules import May
from improvement.dates import ProgrammeYear
from improvement.local_accounts import commands, queries
from improvement.local_accounts.queries.extensions import extensions
from improvement.web import forms
from improvement.web.lists import Listing, listing
from improvement.web.replies import Created


class Publication(msgspec.Struct, frozen=True):
    """A publication as anyone may see it."""

    id: UUID
    title: str
    address: str
    published_on: date
    basis: str
    period_from: date
    period_to: date
    by_lead_member: bool | None
    formats: list[str]
    without_web: str
    serves: list[str]


class Account(msgspec.Struct, frozen=True):
    """One council's account of a year: where it stands, and what was published."""

    council: str
    year: str
    deadline: date
    status: str | None
    position: str
    expected_on: date | None
    passed_on: date | None
    published_on: date | None
    not_confirmed: bool
    sureness: str | None
    on_time: bool | None
    days_late: int | None
    years_missing: int | None
    more_time_until: date | None
    """The day until which it was agreed that it has more time, for those who see the council in full."""
    publications: list[Publication]
    history: list[queries.Event]


def _which(asked: Asked) -> ProgrammeYear:
    return ProgrammeYear.parse(str(asked.sent.path["year"]))


@api_get("/local-accounts/{year:str}", may=May.READ, of="local accounts", gives=queries.Row)
def of_year(asked: Asked) -> Listing:
    """Where every council on a year's expected list stands: own councils in full, the rest as published."""
    rows = queries.rows(asked.session, _which(asked), asked.as_at, asked.by)
    return listing(sorted(rows, key=lambda row: row.council), asked.query, "council")


@api_get("/local-accounts/{year:str}/{council:str}", may=May.READ, of="local account", gives=Account)
def of_council(asked: Asked) -> Account:
    """One council's account of a year. Its history is there for those who see the council in full."""
    which, slug = _which(asked), str(asked.sent.path["council"])
    council, stand = queries.of_council(asked.session, which, slug, asked.as_at)
    row = next(row for row in queries.rows(asked.session, which, asked.as_at, asked.by) if row.council == slug)
    whole, more = queries.in_full(asked.by, council), extensions(asked.session, which, asked.as_at).get(slug)
    return Account(
        council=slug,
        year=str(which),
        deadline=queries.year(asked.session, which, asked.as_at.known_at).deadline,
        status=row.status,
        position=row.position,
        expected_on=row.expected_on,
        passed_on=row.passed_on,
        published_on=row.published_on,
        not_confirmed=stand.not_confirmed,
        sureness=row.sureness,
        on_time=row.on_time,
        days_late=row.days_late,
        years_missing=row.years_missing,
        more_time_until=more.until if whole and more else None,
        publications=[
            Publication(
                fact.id,
                fact.title,
                fact.address,
                fact.effective_on,
                fact.basis,
                fact.period_from,
                fact.period_to,
                fact.by_lead_member,
                fact.formats,
                fact.without_web,
                fact.serves,
            )
            for fact in queries.publications_of(asked.session, which, slug, asked.as_at)
        ],
        history=queries.history(asked.session, which, slug, asked.as_at) if whole else [],
    )


@api_post(
    "/local-accounts/{year:str}/{council:str}/statuses",
    may=May.RECORD_ACCOUNTS,
    of="local account",
    takes=commands.NewStatus,
)
def report_status(asked: Asked) -> Created:
    """Record what a council says of its account."""
    new, slug = forms.from_json(commands.NewStatus, asked.sent.body), str(asked.sent.path["council"])
    return Created(str(commands.report_status(asked.session, _which(asked), slug, new, by=asked.by, at=asked.at)))


@api_post(
    "/local-accounts/{year:str}/{council:str}/publications",
    may=May.RECORD_ACCOUNTS,
    of="local account",
    takes=commands.NewPublication,
)
def publish(asked: Asked) -> Created:
    """Record a publication, or a later edition."""
    new, slug = forms.from_json(commands.NewPublication, asked.sent.body), str(asked.sent.path["council"])
    return Created(str(commands.publish(asked.session, _which(asked), slug, new, by=asked.by, at=asked.at)))


@api_post(
    "/local-accounts/{year:str}/{council:str}/confirmations",
    may=May.CONFIRM_ACCOUNTS,
    of="local account",
    takes=commands.NewLook,
)
def confirm(asked: Asked) -> Created:
    """Record that a published account was opened, or that its address answered."""
    new, slug = forms.from_json(commands.NewLook, asked.sent.body), str(asked.sent.path["council"])
    return Created(str(commands.confirm(asked.session, _which(asked), slug, new, by=asked.by, at=asked.at)))


@api_post(
    "/local-accounts/{year:str}/{council:str}/corrections",
    may=May.RECORD_ACCOUNTS,
    of="local account",
    takes=commands.NewCorrection,
)
def correct(asked: Asked) -> Created:
    """Put a fact right, or take it back."""
    new, slug = forms.from_json(commands.NewCorrection, asked.sent.body), str(asked.sent.path["council"])
    return Created(str(commands.correct(asked.session, _which(asked), slug, new, by=asked.by, at=asked.at)))


routes = [of_year, of_council, report_status, publish, confirm, correct]
