"""The figures of local accounts: the councils on a programme year's list, by position, in England and by region."""

from collections import Counter
from collections.abc import Callable
from functools import partial

from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.board_reports.figures.figure import Counted, Figure, named
from improvement.dates import AsAt, ProgrammeYear, in_words
from improvement.local_accounts import queries as accounts
from improvement.local_accounts.rules import PUBLISHED, Position, Standing, Sureness
from improvement.sector import queries as sector

NAMES: dict[Position, str] = {
    Position.ON_TIME: "accounts_published_on_time",
    Position.LATE: "accounts_published_late",
    Position.EXPECTED_BY: "accounts_expected_by_deadline",
    Position.EXPECTED_AFTER: "accounts_expected_after_deadline",
    Position.NO_DATE: "accounts_no_date_given",
    Position.WILL_NOT: "accounts_will_not_publish",
}
"""What the count of each position is called."""

MEANINGS: dict[Position, str] = {
    Position.ON_TIME: "Councils whose first publication, as now corrected, is dated by the deadline.",
    Position.LATE: "Councils whose first publication is dated after the deadline.",
    Position.EXPECTED_BY: "Councils that have not published and expect to by the deadline.",
    Position.EXPECTED_AFTER: "Councils that have not published and expect to after the deadline.",
    Position.NO_DATE: "Councils that have not published and have given no date, or one that has passed.",
    Position.WILL_NOT: "Councils that decided not to publish a local account this year.",
}

LIST = "accounts_on_the_list"
PUBLISHED_NAME = "accounts_published"

Belongs = Callable[[Standing], bool]

WHOLE: dict[str, tuple[str, Belongs]] = {
    LIST: ("Councils on the expected list: those in being on the deadline.", lambda stand: True),
    PUBLISHED_NAME: ("Councils that have published, on time or later.", lambda stand: stand.position in PUBLISHED),
    "accounts_confirmed": (
        "Published accounts that a coordinator has opened.",
        lambda stand: stand.sureness is Sureness.CONFIRMED,
    ),
    "accounts_reached": (
        "Published accounts whose address answered with a document and that no coordinator has opened yet.",
        lambda stand: stand.sureness is Sureness.REACHED,
    ),
    "accounts_date_passed": (
        "Councils that gave a date that has passed without a publication. They count as no date given.",
        lambda stand: stand.passed_on is not None,
    ),
    "accounts_date_not_confirmed": (
        "Councils whose account was first seen after the deadline, so that the day it was published is not confirmed.",
        lambda stand: stand.not_confirmed,
    ),
}
"""Figures of all councils on the list besides the six positions: name, meaning, and who is counted."""


def in_region(name: str, region: str) -> str:
    """What a figure of one region is called."""
    return f"{name}_in_{named(region)}"


def account_figures(session: Session, year: ProgrammeYear) -> list[Figure]:
    """The figures of one programme year's local accounts."""
    source = partial(values, year)
    whole = {name: (meaning, belongs, "") for name, (meaning, belongs) in WHOLE.items()}
    whole |= {NAMES[position]: (MEANINGS[position], _at(position), "") for position in Position}
    for region in sector.regions(session).values():
        for position in Position:
            meaning = MEANINGS[position].replace("Councils", f"Councils of {region.name}", 1)
            whole[in_region(NAMES[position], region.slug)] = (meaning, _at(position), region.slug)
        whole[in_region(LIST, region.slug)] = (
            f"Councils of {region.name} on the expected list.",
            WHOLE[LIST][1],
            region.slug,
        )
    return [
        Figure(name, meaning, "councils", "Local accounts", source, partial(_counted, year, belongs, region))
        for name, (meaning, belongs, region) in whole.items()
    ]


def _at(position: Position) -> Belongs:
    return lambda stand: stand.position is position


def values(year: ProgrammeYear, session: Session, as_at: AsAt) -> dict[str, int]:
    """Every figure of local accounts at two dates."""
    stand = accounts.standings(session, year, as_at)
    councils = sector.all_councils(session, as_at.known_at)
    counted: Counter[str] = Counter()
    for slug, each in stand.items():
        name, region = NAMES[each.position], councils[slug].region
        counted.update((name, in_region(name, region), in_region(LIST, region)))
    counted.update({name: sum(map(belongs, stand.values())) for name, (_, belongs) in WHOLE.items()})
    return counted


def _counted(
    year: ProgrammeYear, belongs: Belongs, region: str, session: Session, as_at: AsAt, _: Person
) -> list[Counted]:
    """The councils a figure counts, by name, each with the page its facts are on."""
    councils = sector.all_councils(session, as_at.known_at)
    stand = accounts.standings(session, year, as_at)
    return [
        Counted(
            councils[slug].name,
            on=each.published_on or each.expected_on,
            more=_why(each),
            href=f"/local-accounts/{year}/{slug}",
        )
        for slug, each in stand.items()
        if belongs(each) and region in ("", councils[slug].region)
    ]


def _why(stand: Standing) -> str:
    if stand.published_on:
        return f"Published, {stand.sureness.value if stand.sureness else 'reported'}"
    if stand.passed_on:
        return f"The date given, {in_words(stand.passed_on)}, has passed"
    return stand.position.value.capitalize()
