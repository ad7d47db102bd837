"""Money, as pages to read and forms to fill in."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.dates import Month
from improvement.funding import ledger, queries
from improvement.funding.book import LIFE, UNALLOCATED, Kind, LineKind, Position, State
from improvement.funding.carrying import about, same_page
from improvement.funding.entering import FORMS
from improvement.funding.figures import FIGURES
from improvement.funding.pages import burn, seeing
from improvement.funding.queries import claims, conditions, forecasts, posts, statement, waiting
from improvement.funding.rules import WORDS
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page

CLAIMS_SHOWN = 10
OF_A_LINE = (Kind.PAYMENT, Kind.COMMITMENT, Kind.ALLOCATION, Kind.REFUND, Kind.RELEASE)
STEPS = {"in negotiation": (Kind.AGREED, Kind.VARIED, Kind.WITHDRAWN), "agreed": (Kind.VARIED, Kind.CLOSED)}
"""What may follow in an MoU's life."""


@page("/funding", may=May.READ_MONEY, of="money")
def funding(asked: Asked) -> Page:
    """Where the money is: what is allocated, committed, paid and in hand, and every line, adding up."""
    mou = seeing.mou_asked(asked)
    if mou is None:
        return Page("funding/nothing.html", {"changing": seeing.changing(asked)})
    rows = seeing.mine(asked, queries.lines(asked.session, asked.as_at, mou.mou))
    due = [
        one for one in queries.instalments(asked.session, asked.as_at, mou.mou) if one.received_pence < one.amount_pence
    ]
    shows = {
        "mou": mou,
        "others": _others(asked, mou.mou),
        "groups": [(WORDS[kind], [row for row in rows if row.kind == kind]) for kind in ("post", "region")],
        "unallocated": next((row for row in rows if row.line == UNALLOCATED), None),
        "sums": {name: sum(getattr(row, name) for row in rows) for name in _SUMS},
        "given": [sum(row.kind == kind and row.allocated_pence > 0 for row in rows) for kind in ("post", "region")],
        "due": due[0] if due else None,
        "all": queries.sees_all(asked.by),
        "changing": seeing.changing(asked),
        "actions": [FORMS[kind] for kind in _ACTIONS[mou.state]],
        "parts": _parts(rows) if mou.amount_pence else [],
        "cash_parts": FIGURES["funding_cash_in_hand_pence"].parts(asked.session, asked.as_at, mou.mou),
        "waits": [] if asked.looking_back else waiting.waiting(asked.session, asked.as_at, mou, asked.by),
        **_expected(asked, mou, [row.line for row in rows if row.line != UNALLOCATED]),
        "claims_on": [] if queries.sees_all(asked.by) else [row for row in rows if _claiming(asked, row, mou)],
        "ends_on": posts.period(asked.session, asked.as_at, mou.mou)[-1].last_day,
        "places": [place for place in PLACES if queries.sees_all(asked.by) or not place[3]],
    }
    return about(asked, mou.mou, "funding/funding.html", shows)


def _others(asked: Asked, mou: str) -> list[queries.Mou]:
    """The other MoUs known on the day, the newest first."""
    known = queries.mous(asked.session, asked.as_at)
    return [queries.mou(asked.session, asked.as_at, slug) for slug in reversed(list(known)) if slug != mou]


def _summed(outlooks: Iterable[forecasts.Outlook], kind: LineKind) -> tuple[int, int]:
    """What lines of a kind are expected to come to, and their variance, together."""
    own = [one for one in outlooks if one.kind == kind]
    return sum(one.outturn_pence for one in own), sum(one.variance_pence for one in own)


PLACES = (
    ("/funding/posts", "National posts", "What each post is, costs and leaves while it is vacant", True),
    ("/funding/splits", "Splits", "What-ifs, side by side, and the one that was adopted", True),
    ("/funding/claims", "Claims", "What regions ask for, with evidence", False),
    ("/funding/runs", "Payment runs", "Approved claims paid together, with a file for the bank", True),
    ("/funding/statements", "Bank statements", "What the bank says, matched to what was recorded", True),
    ("/funding/forecasts", "Forecasts and variance", "What is expected to be spent, month by month", False),
    ("/funding/cash", "Cash in hand", "Day by day", True),
    ("/funding/mou", "The MoU", "Its life, its instalments and their conditions", False),
    ("/funding/ledger", "Ledger", "Everything that was recorded, newest first", False),
    ("/funding/year-end", "The end of the year", "What is owed, carried forward and returned", False),
    ("/funding/360giving", "Open data", "Grants to regions in the 360Giving standard", False),
)
"""What else there is about the money: where, what it is called, what it tells, whether only for who sees all."""


def _expected(asked: Asked, mou: queries.Mou, mine: Collection[str]) -> dict[str, Any]:
    """What each line this person sees is expected to come to, and what was planned and paid by month."""
    outlooks = {one.line: one for one in forecasts.outlooks(asked.session, asked.as_at, mou.mou) if one.line in mine}
    rows = forecasts.burn(asked.session, asked.as_at, mou.mou, mine) if mine else []
    this = Month.of(asked.as_at.on)
    return {
        "expected_of": {
            **{one.line: (one.outturn_pence, one.variance_pence) for one in outlooks.values()},
            **{WORDS[kind]: _summed(outlooks.values(), kind) for kind in LineKind},
        },
        "outturn": sum(one.outturn_pence for one in outlooks.values()),
        "rows_of_burn": rows,
        "drawn": burn.drawn(rows),
        "burn_now": next(((planned, paid) for month, planned, paid in rows if month == this), None),
        "this_month": str(this),
        "burn_of": seeing.all_of(asked),
    }


_SUMS = ("allocated_pence", "committed_pence", "net_paid_pence", "remaining_pence")
_ACTIONS: dict[str, tuple[Kind, ...]] = {
    "in negotiation": (Kind.ALLOCATION, Kind.VIREMENT, Kind.RELEASE, Kind.LINE, Kind.EXPECTED),
    "agreed": (*OF_A_LINE, Kind.VIREMENT, Kind.RECEIVED, Kind.LINE),
    "closed": (Kind.REFUND, Kind.RETURN),
    "withdrawn": (Kind.RETURN,),
}
"""What the secretariat can do next."""


def _parts(rows: Sequence[Position]) -> list[tuple[str, str, int]]:
    """The parts of the money bar."""
    paid, committed, given = (sum(getattr(row, name) for row in rows if row.line != UNALLOCATED) for name in _BAR)
    left = sum(row.allocated_pence for row in rows if row.line == UNALLOCATED)
    return [
        ("paid", "Paid", paid),
        ("committed", "Committed, not yet paid", committed - paid),
        ("allocated", "Allocated, not yet committed", given - committed),
        *([("unallocated", "Unallocated", left)] if any(row.line == UNALLOCATED for row in rows) else []),
    ]


_BAR = ("net_paid_pence", "committed_pence", "allocated_pence")


def expected(asked: Asked, mou: str) -> list[forecasts.Expected]:
    """The lines this person sees, with what each is expected to come to."""
    rows = seeing.mine(asked, queries.lines(asked.session, asked.as_at, mou))
    return forecasts.expected(asked.session, asked.as_at, mou, rows)


@page("/funding/lines.csv", may=May.READ_MONEY, of="money")
def lines_csv(asked: Asked) -> File:
    """The lines for a spreadsheet."""
    rows = expected(asked, asked.query.get("mou", ""))
    written = as_csv(forecasts.Expected.__struct_fields__, (msgspec.structs.astuple(row) for row in rows))
    return File(written, "text/csv", f"funding-lines-{asked.as_at.on}.csv")


@page("/funding/lines.json", may=May.READ_MONEY, of="money")
def lines_json(asked: Asked) -> File:
    """The lines for a program."""
    rows = expected(asked, asked.query.get("mou", ""))
    return File(msgspec.json.encode(rows), "application/json", f"funding-lines-{asked.as_at.on}.json")


@page("/funding/lines/{line:str}", may=May.READ_MONEY, of="funding line")
def line(asked: Asked) -> Page:
    """One line's statement: where it stands, and everything that happened to it."""
    mou = seeing.some_mou(asked)
    row = queries.line(asked.session, asked.as_at, str(asked.sent.path["line"]), asked.by, mou.mou)
    entries, onward = seeing.page_of_ledger(asked, mou.mou, ledger.IN_LEDGER, [row.line])
    shows = {
        "mou": mou,
        "row": row,
        "entries": [(entry, ledger.effect(entry, row.line)) for entry in entries],
        "ahead": statement.ahead(asked.session, asked.as_at, mou.mou, row.line),
        "onward": onward,
        "words": WORDS,
        "parts": _parts([row]),
        "claims": claims.claims(asked.session, asked.as_at, mou.mou, [row.line])[:CLAIMS_SHOWN],
        "outlook": next(one for one in forecasts.outlooks(asked.session, asked.as_at, mou.mou) if one.line == row.line),
        "changing": seeing.changing(asked),
        "ends_on": posts.period(asked.session, asked.as_at, mou.mou)[-1].last_day,
        "claiming": _claiming(asked, row, mou),
        "actions": [FORMS[kind] for kind in OF_A_LINE if kind in _ACTIONS[mou.state]],
    }
    return about(asked, mou.mou, "funding/line.html", shows)


def _claiming(asked: Asked, row: Position, mou: queries.Mou) -> bool:
    """Whether this person may claim and forecast the money of a region’s line, now."""
    may = asked.by.role_for(May.CLAIM_MONEY, region=row.region) is not None
    return may and row.kind == LineKind.REGION and mou.state == State.AGREED and not asked.looking_back


@page("/funding/ledger", may=May.READ_MONEY, of="money")
def show_ledger(asked: Asked) -> Page:
    """Everything that was recorded about money, newest first, by kind and line."""
    mou = seeing.mou_asked(asked)
    if mou is None:
        return Page("funding/nothing.html", {"changing": seeing.changing(asked)})
    kinds, of_lines = seeing.filtered(asked, mou.mou)
    entries, onward = seeing.page_of_ledger(asked, mou.mou, kinds, of_lines, seeing.days(asked))
    rows = seeing.mine(asked, queries.lines(asked.session, asked.as_at, mou.mou))
    shows = {
        "mou": mou,
        "entries": entries,
        "onward": onward,
        "words": WORDS,
        "titles": {row.line: row.title for row in rows},
        "total": seeing.counted(asked, mou.mou, kinds, of_lines),
        "months": seeing.months(asked, mou.mou),
        "kinds": [(kind.value, WORDS[kind]) for kind in ledger.IN_LEDGER],
        "line_choices": [(row.line, row.title) for row in rows if row.line != UNALLOCATED],
        "wanted": {name: asked.query.get(name, "") for name in ("kind", "line", "month")},
        "kept_query": urlencode(same_page(asked, mou.mou, "after")),
        "changing": seeing.changing(asked),
    }
    return about(asked, mou.mou, "funding/ledger.html", shows)


@page("/funding/ledger.csv", may=May.READ_MONEY, of="money")
def ledger_csv(asked: Asked) -> File:
    """The ledger as it is filtered, for a spreadsheet."""
    rows = (seeing.flat(entry) for entry in seeing.all_entries(asked))
    return File(as_csv(ledger.Recorded.__struct_fields__, rows), "text/csv", f"funding-ledger-{asked.as_at.on}.csv")


@page("/funding/ledger.json", may=May.READ_MONEY, of="money")
def ledger_json(asked: Asked) -> File:
    """The ledger as it is filtered, for a program."""
    written = msgspec.json.encode(seeing.all_entries(asked))
    return File(written, "application/json", f"funding-ledger-{asked.as_at.on}.json")


@page("/funding/mou", may=May.READ_MONEY, of="money")
def memorandum(asked: Asked) -> Page:
    """The life of the MoU, and the instalments of its money."""
    mou = seeing.mou_asked(asked)
    if mou is None:
        return Page("funding/nothing.html", {"changing": seeing.changing(asked)})
    shows = {
        "mou": mou,
        "steps": ledger.entries(asked.session, asked.as_at, mou.mou, kinds=list(LIFE)),
        "instalments": queries.instalments(asked.session, asked.as_at, mou.mou),
        "met": conditions.conditions(asked.session, asked.as_at, mou.mou),
        "limits": conditions.limits(asked.session, asked.as_at, mou.mou),
        "limits_form": FORMS[Kind.LIMITS],
        "all": queries.sees_all(asked.by),
        "cash": ledger.entries(asked.session, asked.as_at, mou.mou, kinds=[Kind.RECEIVED, Kind.RETURN]),
        "words": WORDS,
        "changing": seeing.changing(asked),
        "next": [FORMS[kind] for kind in STEPS.get(mou.state, ())],
        "actions": [FORMS[kind] for kind in (Kind.EXPECTED, Kind.RECEIVED) if mou.state in STEPS]
        + [FORMS[Kind.RETURN] for _ in range(mou.cash_in_hand_pence > 0)],
    }
    return about(asked, mou.mou, "funding/mou.html", shows)


routes = [
    funding,
    lines_csv,
    lines_json,
    line,
    show_ledger,
    ledger_csv,
    ledger_json,
    memorandum,
]
