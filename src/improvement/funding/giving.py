"""Regional grants as open data, in the words of the 360Giving Data Standard 1.4 (standard.threesixtygiving.org).

One grant for each region's line. What was paid on one day is one transaction, without purposes, references or names.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from improvement.dates import NotADate, ProgrammeYear, in_words
from improvement.errors import NotFound
from improvement.funding.days import Series
from improvement.funding.queries.giving import Award

PUBLISHER = "Promoting Excellence in Councils’ Adult Social Care Programme Board"
DEPARTMENT = ("Department of Health", "GB-GOR-D12")
"""The funder by its name, and by its code in the register of government organisations (GB-GOR, closed in 2021), where
it stands under its later name, the Department of Health and Social Care."""
REGIONS = {
    "east-midlands": ("E12000004", "East Midlands"),
    "eastern": ("E12000006", "East of England"),
    "london": ("E12000007", "London"),
    "north-east": ("E12000001", "North East"),
    "north-west": ("E12000002", "North West"),
    "south-east": ("E12000008", "South East"),
    "south-west": ("E12000009", "South West"),
    "west-midlands": ("E12000005", "West Midlands"),
    "yorkshire-and-the-humber": ("E12000003", "Yorkshire and The Humber"),
}
"""The region of England each ADASS region is the same as: the Office for National Statistics’ code and name."""
MADE_UP = "A demonstration: this grant is made up. "


class Organisation(msgspec.Struct, frozen=True):
    """Who gives or gets a grant."""

    id: str
    name: str


class Place(msgspec.Struct, frozen=True, rename="camel"):
    """Where those live who gain from a grant."""

    name: str
    country_code: str
    geo_code: str
    geo_code_type: str


class Planned(msgspec.Struct, frozen=True, rename="camel"):
    """When what is paid for is meant to happen; the duration is in months."""

    start_date: date
    end_date: date
    duration: int


class Programme(msgspec.Struct, frozen=True):
    """What a grant is part of."""

    code: str
    title: str


class Transaction(msgspec.Struct, frozen=True, rename="camel"):
    """What was paid, or (below zero) came back, on one day, in pounds."""

    id: str
    transaction_date: date
    currency: str
    value: Decimal
    description: str
    provider: str
    recipient: str


class Grant(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One grant, with the names the standard gives its fields. Amounts are in pounds."""

    id: str
    title: str
    description: str
    currency: str
    amount_awarded: Decimal
    amount_disbursed: Decimal
    award_date: date
    planned_dates: tuple[Planned, ...] = ()
    recipient_organization: tuple[Organisation, ...]
    beneficiary_location: tuple[Place, ...] = ()
    funding_organization: tuple[Organisation, ...]
    grant_programme: tuple[Programme, ...]
    from_open_call: str
    location_scope: str
    disbursement_transaction: tuple[Transaction, ...] = ()
    date_modified: datetime
    data_source: str


class Publisher(msgspec.Struct, frozen=True):
    name: str


class Package(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The grants, and what a reader should know of the file."""

    version: str
    title: str
    description: str
    identifier: str
    publisher: Publisher
    modified: datetime
    download_url: str = msgspec.field(name="downloadURL")
    access_url: str = msgspec.field(name="accessURL")
    grants: list[Grant]


class NothingAwarded(NotFound):
    """A file of the standard has a grant or more: before there is one there is no file."""


def package(awards: Sequence[Award], site: str, on: date, made_up: bool, prefix: str) -> Package:
    """Everything that is published, as one file, with identifiers that begin with the publisher’s prefix. Raises
    `NothingAwarded`."""
    if not awards:
        raise NothingAwarded(
            f"Nothing has been awarded by {in_words(on)}: until the MoU is agreed, allocations are indicative. The "
            "360Giving standard asks for one grant or more, so there is no file yet."
        )
    said = "Grants of the programme to the ADASS regions, with what was paid to each by " + on.isoformat() + "."
    return Package(
        version="1.4",
        title="Sector-led improvement in adult social care: grants to regions",
        description=("A demonstration: everything in this file is made up. " if made_up else "") + said,
        identifier=f"{prefix}-grants",
        publisher=Publisher(PUBLISHER),
        modified=max(award.told_at for award in awards),
        download_url=f"{site}/funding/360giving.json",
        access_url=f"{site}/funding/360giving",
        grants=[grant(award, site, made_up, prefix) for award in awards],
    )


def as_json(whole: Package) -> bytes:
    """The file. Amounts are numbers with their pence, never rounded."""
    return msgspec.json.format(msgspec.json.Encoder(decimal_format="number").encode(whole), indent=1)


def grant(award: Award, site: str, made_up: bool, prefix: str) -> Grant:
    """One region's grant."""
    mou, line = award.mou, award.line
    funder, region = _funder(mou.funder, prefix), Organisation(f"{prefix}-{line.line}", f"{line.title} ADASS region")
    id_ = f"{prefix}-{mou.mou}-{line.line}"
    return Grant(
        id=id_,
        title=f"{line.title}: {mou.title}"[:140],
        description=(MADE_UP if made_up else "")
        + f"The share of the {line.title} ADASS region in the money of the {mou.funder} for “{mou.title}”.",
        currency="GBP",
        amount_awarded=_pounds(line.allocated_pence),
        amount_disbursed=_pounds(line.net_paid_pence),
        award_date=award.awarded_on,
        planned_dates=_planned(mou.mou),
        recipient_organization=(region,),
        beneficiary_location=_place(line.line),
        funding_organization=(funder,),
        grant_programme=(Programme(mou.mou, mou.title),),
        from_open_call="No",
        location_scope="GLS040",
        disbursement_transaction=tuple(_paid(award, id_, funder, region)),
        date_modified=award.told_at,
        data_source=f"{site}/funding/360giving",
    )


def _paid(award: Award, grant: str, funder: Organisation, region: Organisation) -> Iterator[Transaction]:
    """What was paid and what came back, day by day: it adds up to what is disbursed."""
    series: tuple[tuple[str, int, Series], ...] = (("Payment", 1, award.paid), ("Refund", -1, award.refunded))
    for day in sorted({*award.paid, *award.refunded}):
        for words, sign, sums in series:
            if day in sums:
                yield Transaction(
                    f"{grant}-{words.lower()}-{day}",
                    day,
                    "GBP",
                    _pounds(sums[day] * sign),
                    words,
                    funder.id,
                    region.id,
                )


def _funder(name: str, prefix: str) -> Organisation:
    """The funder, by its code in a public register where we know it."""
    known, code = DEPARTMENT
    own = f"{prefix}-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-') or 'funder'}"
    return Organisation(code if name == known else own, name)


def _place(line: str) -> tuple[Place, ...]:
    if line not in REGIONS:
        return ()
    code, name = REGIONS[line]
    return (Place(name, "GB", code, "RGN/GOR"),)


def _planned(mou: str) -> tuple[Planned, ...]:
    """The programme year an MoU is named after, if it is named after one."""
    try:
        year = ProgrammeYear.parse(mou)
    except NotADate:
        return ()
    return (Planned(year.first_day, year.last_day, 12),)


def _pounds(pence: int) -> Decimal:
    return Decimal(pence).scaleb(-2)


def _first(items: Sequence[Any], name: str) -> Any:
    return getattr(items[0], name) if items else None


COLUMNS: dict[str, Callable[[Grant], Any]] = {
    "Identifier": lambda one: one.id,
    "Title": lambda one: one.title,
    "Description": lambda one: one.description,
    "Currency": lambda one: one.currency,
    "Amount Awarded": lambda one: one.amount_awarded,
    "Amount Disbursed": lambda one: one.amount_disbursed,
    "Award Date": lambda one: one.award_date,
    "Planned Dates:Start Date": lambda one: _first(one.planned_dates, "start_date"),
    "Planned Dates:End Date": lambda one: _first(one.planned_dates, "end_date"),
    "Planned Dates:Duration (months)": lambda one: _first(one.planned_dates, "duration"),
    "Recipient Org:Identifier": lambda one: one.recipient_organization[0].id,
    "Recipient Org:Name": lambda one: one.recipient_organization[0].name,
    "Beneficiary Location:Name": lambda one: _first(one.beneficiary_location, "name"),
    "Beneficiary Location:Country Code": lambda one: _first(one.beneficiary_location, "country_code"),
    "Beneficiary Location:Geographic Code": lambda one: _first(one.beneficiary_location, "geo_code"),
    "Beneficiary Location:Geographic Code Type": lambda one: _first(one.beneficiary_location, "geo_code_type"),
    "Funding Org:Identifier": lambda one: one.funding_organization[0].id,
    "Funding Org:Name": lambda one: one.funding_organization[0].name,
    "Grant Programme:Code": lambda one: one.grant_programme[0].code,
    "Grant Programme:Title": lambda one: one.grant_programme[0].title,
    "From An Open Call?": lambda one: one.from_open_call,
    "Location Scope": lambda one: one.location_scope,
    "Last Modified": lambda one: one.date_modified.isoformat().replace("+00:00", "Z"),
    "Data Source": lambda one: one.data_source,
}
"""The titles the standard gives the columns of a spreadsheet, and what stands in each."""


def grant_rows(grants: Sequence[Grant]) -> list[list[Any]]:
    """The same grants, a row each."""
    return [[show(one) for show in COLUMNS.values()] for one in grants]


PAYMENT_COLUMNS = (
    "Identifier",
    *(f"disbursementTransaction/0/{name}" for name in Transaction.__struct_encode_fields__),
)
"""Transactions have no other titles in the standard than where they stand in the JSON."""


def payment_rows(grants: Sequence[Grant]) -> list[list[Any]]:
    """What was paid on each day, a row each, under the grant it was paid of."""
    return [[one.id, *msgspec.structs.astuple(paid)] for one in grants for paid in one.disbursement_transaction]
