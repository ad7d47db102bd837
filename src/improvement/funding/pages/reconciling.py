"""Bank statements, as pages: those that were read, what their lines show, and what none of them shows yet."""

from collections.abc import Mapping
from urllib.parse import urlencode

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.dates import in_words
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.book import Kind
from improvement.funding.carrying import about
from improvement.funding.pages import seeing
from improvement.funding.queries import reconciling
from improvement.funding.rules import WORDS
from improvement.funding.rules.reconciling import Moved
from improvement.web.replies import Page

LINES_SHOWN = 200
"""How many lines of a statement are on a page."""


def whole_mou(asked: Asked) -> queries.Mou | None:
    """The MoU asked about, for those who see all of its money; none when none is known. Raises `NotFound`."""
    check_sees_all(asked)
    return seeing.mou_asked(asked)


def check_sees_all(asked: Asked) -> None:
    """Raises `NotFound`: who sees one region’s money is not told what else was paid."""
    if not queries.sees_all(asked.by):
        raise NotFound("There is no such page about money.")


@page("/funding/statements", may=May.READ_MONEY, of="bank statements")
def statements(asked: Asked) -> Page:
    """The bank statements that were read, the newest first, and the payments none of them shows."""
    mou = whole_mou(asked)
    if mou is None:
        return Page("funding/nothing.html", {"changing": seeing.changing(asked)})
    after, paid_after = seeing.key(asked, "the statements"), seeing.key(asked, "the payments", "paid-after")
    found = reconciling.statements(asked.session, asked.as_at, mou.mou, after=after, limit=seeing.SHOWN + 1)
    unseen = reconciling.unseen(asked.session, asked.as_at, mou.mou, after=paid_after or 0, most=seeing.SHOWN)
    kept = {name: value for name, value in asked.query.items() if name != "paid-after"}
    shows = {
        "mou": mou,
        "statements": found[: seeing.SHOWN],
        "onward": seeing.onward(asked, found),
        "unseen": unseen,
        "unseen_onward": "?" + urlencode({**kept, "paid-after": unseen.some[-1].seq}) if unseen.more else "",
        "titles": titles_of(asked, mou.mou),
        "changing": seeing.changing(asked),
    }
    return about(asked, mou.mou, "funding/statements.html", shows)


def titles_of(asked: Asked, mou: str) -> Mapping[str, str]:
    return {row.line: row.title for row in queries.lines(asked.session, asked.as_at, mou)}


@page("/funding/statements/{ref:str}", may=May.READ_MONEY, of="bank statement")
def statement(asked: Asked) -> Page:
    """One bank statement: each line, what it shows, and where that differs from what is recorded now."""
    ref, after = str(asked.sent.path["ref"]), asked.query.get("after", "0")
    check_sees_all(asked)
    found = reconciling.statement(asked.session, asked.as_at, ref)
    if not (after.isascii() and after.isdigit() and len(after) < 10):
        raise NotFound("There is no such page of the statement. Start from the first one.")
    everything = reconciling.shown(asked.session, asked.as_at, found.mou, found.lines)
    rest = [each for each in everything if each.line.row > int(after)]
    onward = {**asked.query, "after": rest[LINES_SHOWN - 1].line.row} if len(rest) > LINES_SHOWN else None
    shows = {
        "statement": found,
        "by": reconciling.reader(asked.session, found),
        "lines": [(each, said(each.fact, titles_of(asked, found.mou))) for each in rest[:LINES_SHOWN]],
        "differences": sum(bool(each.off_pence or each.gone) for each in everything),
        "onward": f"?{urlencode(onward)}" if onward else "",
        "changing": seeing.changing(asked),
    }
    return about(asked, found.mou, "funding/statement.html", shows)


def said(fact: Moved | None, titles: Mapping[str, str]) -> str:
    """A fact in a few words, what tells it from others first: CL-7K4M2, London, 1 September 2011 (payment)."""
    if fact is None:
        return ""
    about = [titles.get(fact.line, fact.line)] if fact.line else []
    about += [f"its {fact.payments} payments"] if fact.kind is Kind.RUN else []
    return f"{', '.join([*fact.references[:1], *about, in_words(fact.on)])} ({WORDS[fact.kind].lower()})"


routes = [statements, statement]
