"""The tables of the national picture, one a sheet: the same for a workbook and for CSV."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from improvement.local_accounts import rules
from improvement.local_accounts.queries import Row
from improvement.local_accounts.queries.extensions import Extension
from improvement.local_accounts.queries.picture import Found, Group, Picture
from improvement.local_accounts.rules import Position
from improvement.sector.rules import TYPE_WORDS, Council
from improvement.web.cells import Holds
from improvement.web.workbook import Band, Column, Sheet

COUNCILS = (
    Column("name", "Council"),
    Column("region_name", "Region"),
    Column("council_type", "Type of council"),
    Column("position", "Position"),
    Column("published_on", "Published on", Holds.DAY),
    Column("days_late", "Days after the deadline", Holds.COUNT),
    Column("expected_on", "Expected on", Holds.DAY),
    Column("passed_on", "Date given that has passed", Holds.DAY),
    Column("sureness", "How sure we are"),
    Column("not_confirmed", "Date not confirmed"),
    Column("because", "Reason, where it is yours to see", Holds.LONG),
    Column("years_missing", "Years since its first without an account", Holds.COUNT),
    Column("title", "Title", Holds.LONG),
    Column("address", "Address", Holds.LONG),
)
LISTS = {
    "after-the-deadline": (Position.LATE, "Published after the deadline"),
    "expected-by": (Position.EXPECTED_BY, "Expected by the deadline"),
    "expected-after": (Position.EXPECTED_AFTER, "Expected after the deadline"),
    "no-date": (Position.NO_DATE, "No date given"),
    "decided-not-to": (Position.WILL_NOT, "Decided not to publish"),
}
"""The lists of the picture: the position each is of, and its title."""
COVERAGE = {
    "covered": "Covered",
    "partly": "Partly",
    "not_covered": "Not covered",
    "not_known": "Not known",
    "unread": "Not read",
}


def councils_sheet(rows: Sequence[Row], deadline: date, name: str = "Councils", title: str = "") -> Sheet:
    """Councils as a list shows them."""
    words = rules.words(deadline)
    return Sheet(
        name=name,
        title=title or "Councils and their positions",
        columns=COUNCILS,
        bands=[Band([[_cell(column.name, row, words) for column in COUNCILS] for row in rows], empty="No council.")],
    )


def _cell(name: str, row: Row, words: Mapping[str, str]) -> Any:
    value = getattr(row, name)
    if name == "position":
        return words[value]
    if name == "council_type":
        return next((said for kind, said in TYPE_WORDS.items() if kind.value == value), value)
    if isinstance(value, bool):
        return "Yes" if value else ""
    return "Not published yet" if name == "sureness" and value is None else value


def sheets(
    picture: Picture, rows: Sequence[Row], found: Found | None, agreed: Sequence[tuple[Council, Extension]]
) -> dict[str, Sheet]:
    """Every table of the picture by its name in addresses."""
    lists = {
        name: councils_sheet([row for row in rows if row.position == of], picture.deadline, title, title)
        for name, (of, title) in LISTS.items()
    }
    return {
        "councils": councils_sheet(rows, picture.deadline),
        "regions": _groups("By region", "Region", picture.regions, picture.deadline),
        "types": _groups("By type", "Type of council", picture.types, picture.deadline),
        "weeks": _weeks(picture),
        **lists,
        "more-time": _more_time(agreed),
        "sureness": _counted("How sure", "How sure we are that accounts are published", picture.sureness, total=True),
        "formats": _counted("Formats", "Accounts by format; one account may come in several", picture.formats),
        **(_found(found) if found else {}),
    }


def _groups(name: str, heading: str, groups: Sequence[Group], deadline: date) -> Sheet:
    words = rules.words(deadline)
    columns = [
        Column("name", heading),
        *(Column(f"at{place}", words[one.value], Holds.COUNT, totalled=True) for place, one in enumerate(Position)),
        Column("councils", "Councils", Holds.COUNT, formula="+".join(f"{{at{at}}}" for at in range(6)), totalled=True),
        Column("published", "Of them published", Holds.COUNT, formula="{at0}+{at1}", totalled=True),
    ]
    rows = [[one.name, *(one.positions[each] for each in Position), one.councils, one.published] for one in groups]
    title = f"Councils by position, {name.lower()}"
    return Sheet(name=name, title=title, columns=columns, bands=[Band(rows, empty="No council.")], total="All")


def _weeks(picture: Picture) -> Sheet:
    columns = [
        Column("day", "By the end of", Holds.DAY),
        Column("councils", "Councils", Holds.COUNT),
        Column("of", "Of", Holds.COUNT),
        Column("is_projected", "Whether it has happened"),
    ]
    said = {False: "Published", True: "If expected dates are kept"}
    rows = [[one.day, one.councils, picture.councils, said[one.projected]] for one in picture.weeks]
    return Sheet(name="By week", title="Published by week, to the deadline", columns=columns, bands=[Band(rows)])


def _more_time(agreed: Sequence[tuple[Council, Extension]]) -> Sheet:
    columns = [
        Column("name", "Council"),
        Column("until", "Until", Holds.DAY),
        Column("agreed_on", "Agreed on", Holds.DAY),
        Column("agreed_by", "Agreed by"),
        Column("because", "Because", Holds.LONG),
    ]
    rows = [[one.name, more.until, more.agreed_on, more.agreed_by, more.because] for one, more in agreed]
    title = "More time agreed, with councils you see in full"
    return Sheet(name="More time", title=title, columns=columns, bands=[Band(rows, empty="None that you may see.")])


def _counted(name: str, title: str, counts: Mapping[str, int], *, total: bool = False) -> Sheet:
    columns = [Column("what", name), Column("councils", "Councils", Holds.COUNT, totalled=total)]
    rows = [[what[:1].upper() + what[1:], count] for what, count in counts.items()]
    return Sheet(name=name, title=title, columns=columns, bands=[Band(rows)], total="Councils" if total else "")


def _found(found: Found) -> dict[str, Sheet]:
    of = f"{found.read} of {found.councils} accounts read"
    themes = [
        Column("theme", "Theme"),
        *(Column(name, said, Holds.COUNT) for name, said in COVERAGE.items()),
        Column("councils", "Councils", Holds.COUNT, formula="+".join(f"{{{name}}}" for name in COVERAGE)),
    ]
    balance = [
        Column("words", "What it does"),
        Column("yes", "Yes", Holds.COUNT),
        Column("no", "No", Holds.COUNT),
        Column("not_known", "Not known", Holds.COUNT),
        Column("unread", "Not read", Holds.COUNT),
    ]
    by_theme = [[one.theme, *(getattr(one, name) for name in COVERAGE), found.councils] for one in found.themes]
    does = [[one.words, one.yes, one.no, one.not_known, one.unread] for one in found.balance]
    said = {_read(name): count for name, count in found.engagement.items()}
    challenged = {_read(name): count for name, count in found.challenge.items()}
    several = f"Challenge used: {of}; one account may have used several"
    return {
        "themes": Sheet(name="Themes", title=f"Themes covered: {of}", columns=themes, bands=[Band(by_theme)]),
        "engagement": _counted("Engagement", f"How far citizens had a part: {of}", said, total=True),
        "challenge": _counted("Challenge", several, challenged),
        "balance": Sheet(name="Balance", title=f"Balance: {of}", columns=balance, bands=[Band(does)]),
    }


def _read(name: str) -> str:
    return "not read" if name == "unread" else name
