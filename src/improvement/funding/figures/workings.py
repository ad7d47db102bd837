"""Every figure of the pages about money by its name, and how it is made: of the whole MoU, of a line, of a month.

The named figures are among them. What a name means never changes: a change gets a new name.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import msgspec
from sqlalchemy.orm import Session

from improvement.dates import AsAt
from improvement.funding import ledger, queries
from improvement.funding.book import Kind, Of
from improvement.funding.figures import FIGURES, Figure, Part
from improvement.funding.figures import parts as of
from improvement.funding.figures.parts import Asking, Made

Make = Callable[[Session, Asking], list[Made]]


class Working(msgspec.Struct, frozen=True):
    """A figure that opens: its meaning, its parts, and of what it can be asked."""

    name: str
    title: str
    meaning: str
    made: Make
    releases: str = ""
    """Which releases it is counted from: of allocations or of commitments."""
    of_whole: bool = True
    of_lines: bool = True
    of_months: bool = False
    by_day: bool = False
    """Whether facts count by their own day, so that it can be asked of one day; a plan rests on all of them."""

    def parts(self, session: Session, asking: Asking) -> list[Part]:
        """Its parts, each with how many facts are in it; they add up to the figure."""
        return [
            Part(one.words, one.kinds, self._facts(session, asking, one), one.pence)
            for one in self.made(session, asking)
        ]

    def _facts(self, session: Session, asking: Asking, part: Made) -> int:
        scope = self.scope(asking, part)
        number = self._count(session, asking, part.kinds, scope.lines, scope.until)
        return number - (self._count(session, asking, part.kinds, scope.lines, scope.since) if scope.since else 0)

    def _count(
        self, session: Session, asking: Asking, kinds: Sequence[Kind], lines: tuple[str, ...] | None, on: date
    ) -> int:
        as_at = AsAt(on, asking.as_at.known_at)
        counted = ledger.count(session, as_at, asking.mou, kinds=kinds, of=self.releases, of_lines=lines)
        return sum(counted.values())

    def scope(self, asking: Asking, part: Made) -> "Scope":
        """Which lines' facts are in a part, after which day and until which."""
        lines = asking.lines if part.lines is None else part.lines
        since = part.since or (asking.since if self.by_day else None)
        return Scope(lines, since, part.until or (asking.until if self.by_day else asking.as_at.on))

    def entries(self, session: Session, asking: Asking, after: int | None, limit: int) -> list[ledger.Recorded]:
        """The facts in it, newest first, after a `seq`: those of every part, each once."""
        kinds = dict[Scope, set[Kind]]()
        for part in self.made(session, asking):
            kinds.setdefault(self.scope(asking, part), set()).update(part.kinds)
        found = {
            entry.id: entry
            for scope, wanted in kinds.items()
            for entry in ledger.entries(
                session,
                AsAt(scope.until, asking.as_at.known_at),
                asking.mou,
                kinds=[kind for kind in Kind if kind in wanted],
                of=self.releases,
                of_lines=scope.lines,
                after=after,
                since=scope.since,
                limit=limit,
            )
        }
        return sorted(found.values(), key=lambda entry: entry.seq, reverse=True)[:limit]


class Scope(msgspec.Struct, frozen=True):
    """Where the facts of a part are looked for."""

    lines: tuple[str, ...] | None
    since: date | None
    until: date


def _named(figure: Figure) -> Make:
    def make(session: Session, asking: Asking) -> list[Made]:
        mou = queries.mou(session, asking.as_at, asking.mou)
        return [Made(words, kinds, pence(mou)) for words, kinds, pence in figure.made_of]

    return make


_BY_LINE: dict[str, Make] = {
    "funding_allocated_pence": of.given,
    "funding_committed_pence": of.promised,
    "funding_paid_net_pence": of.paid,
}
"""Named figures that a line has too."""
_BY_DAY = ("funding_paid_net_pence", "funding_received_pence")


def _all() -> Iterator[Working]:
    for figure in FIGURES.values():
        made = _BY_LINE.get(figure.name)
        yield Working(
            figure.name,
            figure.title,
            figure.meaning,
            made or (of.received if figure.name == "funding_received_pence" else _named(figure)),
            figure.releases,
            of_lines=made is not None,
            of_months=made is of.paid,
            by_day=figure.name in _BY_DAY,
        )
    yield from _OF_LINES
    yield from _OF_THE_YEAR


_OF_LINES = (
    Working(
        "funding_unspent_pence",
        "Allocated and not paid",
        "What is allocated to funding lines, less what was paid, less refunds.",
        lambda session, asking: [*of.given(session, asking), *of.less(of.paid(session, asking))],
        Of.ALLOCATION,
    ),
    Working(
        "funding_outturn_pence",
        "Expected outturn",
        "What funding lines are expected to have paid in the end, less refunds: by the terms of posts less what their "
        "vacancy left; by what was paid and is forecast; by the allocation where no forecast was given.",
        of.outturn,
        Of.ALLOCATION,
    ),
    Working(
        "funding_variance_pence",
        "Variance",
        "What is allocated to funding lines less what they are expected to come to: above nil they will spend less.",
        lambda session, asking: [*of.allocated_of_lines(session, asking), *of.less(of.outturn(session, asking))],
        Of.ALLOCATION,
    ),
    Working(
        "funding_planned_pence",
        "Planned",
        "What is planned to be paid in the months of the MoU, as it was last said for each month by its end.",
        of.planned,
        Of.ALLOCATION,
        of_months=True,
    ),
    Working(
        "funding_vacancy_pence",
        "Left by vacancy",
        "What national posts did not cost because nobody was in post, by days, so far.",
        of.vacancy,
        of_months=True,
    ),
    Working(
        "funding_releasable_pence",
        "Can be released",
        "What vacancy has left that the post will not need: no more than its allocation is above its expected outturn.",
        of.releasable,
        Of.ALLOCATION,
    ),
    Working(
        "funding_carried_pence",
        "Carried forward",
        "What was granted to be kept for the year after.",
        of.carried,
    ),
    Working(
        "funding_left_pence",
        "Left unspent",
        "What is allocated to funding lines, less what was paid, less refunds, less what is carried forward.",
        lambda session, asking: [
            *of.given(session, asking),
            *of.less(of.paid(session, asking)),
            *of.less(of.carried(session, asking)),
        ],
        Of.ALLOCATION,
    ),
    Working(
        "funding_owed_pence",
        "Owed",
        "What was accrued on funding lines and has not been paid since: a part of what is not paid.",
        of.owed,
    ),
)
_OF_THE_YEAR = (
    Working("funding_payments_pence", "Payments", "What was paid, refunds apart.", of.payments, by_day=True),
    Working("funding_refunds_pence", "Refunds", "What came back of what was paid.", of.refunds, by_day=True),
    Working(
        "funding_returned_pence",
        "Returned",
        "Money given back to the funder.",
        of.returned,
        of_lines=False,
        by_day=True,
    ),
    Working(
        "funding_not_expected_pence",
        "Not expected to be spent",
        "The amount in force less what funding lines are expected to come to.",
        lambda session, asking: [*of.amount(session, asking), *of.less(of.outturn(session, asking))],
        Of.ALLOCATION,
        of_lines=False,
    ),
    Working(
        "funding_left_of_all_pence",
        "Left unspent of all",
        "The amount in force, less what was paid, less refunds, less what is carried forward.",
        lambda session, asking: [
            *of.amount(session, asking),
            *of.less(of.paid(session, asking)),
            *of.less(of.carried(session, asking)),
        ],
        of_lines=False,
    ),
    Working(
        "funding_never_drawn_pence",
        "Not drawn from the funder",
        "The amount in force, less what was received, less what was paid or carried forward and has yet to be drawn.",
        of.never_drawn,
        of_lines=False,
    ),
    Working(
        "funding_to_settle_pence",
        "Still to settle",
        "What is in hand, and neither carried forward nor returned to the funder.",
        of.to_settle,
        of_lines=False,
    ),
)

WORKINGS: dict[str, Working] = {working.name: working for working in _all()}
"""Every figure that opens, by its name."""
