"""What each column of the public register is, in the order a file has them."""

import msgspec

from improvement.web.cells import Holds


class Column(msgspec.Struct, frozen=True):
    """One column of the register, by the name it has in CSV and JSON and the heading it has in Excel."""

    name: str
    heading: str
    meaning: str
    holds: Holds = Holds.TEXT


COLUMNS = (
    Column("name", "Council", "The council’s name."),
    Column("council", "Council’s short name", "The name it has in addresses here, such as brent. It never changes."),
    Column("year", "Programme year", "The year the account is of, from 1 April: 2011-2012."),
    Column("region", "Region’s short name", "The region’s name in addresses here, such as london."),
    Column("region_name", "Region", "The region the council is in."),
    Column("title", "Title", "The title of the account; of its newest edition, where there are several.", Holds.LONG),
    Column("address", "Address", "Where it can be read: the page or the document, on the web.", Holds.LONG),
    Column(
        "published_on",
        "First published",
        "The day it was first published. Later editions do not change it.",
        Holds.DAY,
    ),
    Column(
        "basis",
        "How the day is known",
        "“exact”, or “no later than” when the account was first seen on that day and may be older.",
    ),
    Column("on_time", "On time", "Whether it was first published by the deadline the Board suggested for the year."),
    Column("days_late", "Days after the deadline", "How many days after it, or 0 when it was on time.", Holds.COUNT),
    Column(
        "edition_on",
        "Newest edition",
        "The day its newest edition was published; the day first published when there is one edition.",
        Holds.DAY,
    ),
    Column("period_from", "Covers from", "The first day of the period it covers.", Holds.DAY),
    Column("period_to", "Covers to", "The last day of the period it covers.", Holds.DAY),
    Column(
        "formats",
        "Formats",
        "The forms people can get it in: web page, PDF, easy read, large print, audio, BSL, other languages, paper, on "
        "request. None when nobody has said.",
        Holds.LONG,
    ),
    Column("without_web", "Without the web", "Where people without the web can get it.", Holds.LONG),
    Column(
        "serves",
        "For",
        "Every council the account is for, by short name. Each of them has a row of its own.",
        Holds.LONG,
    ),
    Column(
        "confirmed_on",
        "Confirmed by the council",
        "The day the council last said that its entry is correct; empty when it has not said so.",
        Holds.DAY,
    ),
    Column(
        "still_confirmed",
        "Still confirmed",
        "Whether that still stands: the entry has not changed since, and the council has not said that it is wrong.",
    ),
    Column("entry", "Entry", "The council and the year, such as brent/2011-2012: what an entry is known by."),
)
