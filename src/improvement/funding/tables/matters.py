"""What is recorded around the moves of money: posts, splits, claims, runs, statements, forecasts, the year's end."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Fact
from improvement.funding.tables.columns import OfLine, by_line


class LimitsSet(Fact):
    """Above what a virement needs the Board's decision, and above what a variance needs to be explained."""

    __tablename__ = "limits_set"

    mou: Mapped[str] = mapped_column(String(60))
    virement_above_pence: Mapped[int]
    variance_above_pence: Mapped[int]
    why: Mapped[str]


class ConditionsMet(Fact):
    """What an instalment depended on has been done, and how that is known."""

    __tablename__ = "conditions_met"

    mou: Mapped[str] = mapped_column(String(60))
    ref: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str]
    files: Mapped[list[dict[str, Any]]]


class PostTermsSet(Fact):
    """What a national post is and costs, from a day on; `effective_on` is the day that was decided."""

    __tablename__ = "post_terms_set"
    __table_args__ = (Index("ix_post_terms_set_line_seq", "line", "seq"),)

    mou: Mapped[str] = mapped_column(String(60))
    line: Mapped[str] = mapped_column(String(60))
    wte_hundredths: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    annual_cost_pence: Mapped[int]
    applies_from: Mapped[date]
    why: Mapped[str]


class PostStateReached(Fact):
    """A post was advertised, appointed to, filled or ended."""

    __tablename__ = "post_state_reached"
    __table_args__ = (Index("ix_post_state_reached_line_seq", "line", "seq"),)

    mou: Mapped[str] = mapped_column(String(60))
    line: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(20))


class SplitProposed(Fact):
    """A what-if: amounts for posts ({line, amount_pence}), what is kept, and how regions share the rest.

    Another of the same `ref` is its next version. `shares` are what regions get by hand, in pence, or by percentage, in
    hundredths of a per cent.
    """

    __tablename__ = "split_proposed"
    __table_args__ = (Index("ix_split_proposed_ref", "ref"),)

    mou: Mapped[str] = mapped_column(String(60))
    ref: Mapped[str] = mapped_column(String(20))
    title: Mapped[str]
    total_pence: Mapped[int]
    kept_pence: Mapped[int]
    posts: Mapped[list[dict[str, Any]]]
    way: Mapped[str] = mapped_column(String(20))
    base_pence: Mapped[int]
    shares: Mapped[list[dict[str, Any]]]
    why: Mapped[str]


class SplitAdopted(Fact):
    """A split became the division of the MoU; its allocations or its virement were recorded with it."""

    __tablename__ = "split_adopted"

    mou: Mapped[str] = mapped_column(String(60))
    ref: Mapped[str] = mapped_column(String(20))
    version: Mapped[UUID]
    decision_reference: Mapped[str]
    why: Mapped[str]


class _OfClaim:
    """A step in the story of one claim, which is about one line."""

    mou: Mapped[str] = mapped_column(String(60))
    line: Mapped[str] = mapped_column(String(60))
    ref: Mapped[str] = mapped_column(String(20), index=True)


class ClaimMade(_OfClaim, Fact):
    """A region asks for money it has spent between two days, with its evidence."""

    __tablename__ = "claim_made"
    __table_args__ = by_line("claim_made")

    amount_pence: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date]
    paid_for: Mapped[str]
    files: Mapped[list[dict[str, Any]]]


class ClaimQueried(_OfClaim, Fact):
    __tablename__ = "claim_queried"

    question: Mapped[str]


class ClaimAnswered(_OfClaim, Fact):
    __tablename__ = "claim_answered"

    answer: Mapped[str]
    files: Mapped[list[dict[str, Any]]]


class ClaimDecided(_OfClaim, Fact):
    """A claim was approved or rejected, by somebody else than who made it."""

    __tablename__ = "claim_decided"

    decision: Mapped[str] = mapped_column(String(20))
    why: Mapped[str]


class PaymentRunMade(Fact):
    """Approved claims were paid together; each payment is a fact of its own that names this run."""

    __tablename__ = "payment_run_made"

    mou: Mapped[str] = mapped_column(String(60))
    ref: Mapped[str] = mapped_column(String(20), index=True)
    claims: Mapped[list[str]]


class StatementRead(Fact):
    """A bank statement by its lines: {row, on, amount_pence (below zero: out), text, fact}, each with what it shows."""

    __tablename__ = "statement_read"

    mou: Mapped[str] = mapped_column(String(60))
    ref: Mapped[str] = mapped_column(String(20), index=True)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    lines: Mapped[list[dict[str, Any]]]


class ForecastGiven(Fact):
    """What a line will pay in each of some months ({month, amount_pence}), as it was then expected."""

    __tablename__ = "forecast_given"
    __table_args__ = (Index("ix_forecast_given_line_seq", "line", "seq"),)

    mou: Mapped[str] = mapped_column(String(60))
    line: Mapped[str] = mapped_column(String(60))
    months: Mapped[list[dict[str, Any]]]
    why: Mapped[str]


class VarianceExplained(Fact):
    """Why a line will spend less (above zero) or more than it was allocated."""

    __tablename__ = "variance_explained"
    __table_args__ = (Index("ix_variance_explained_line_seq", "line", "seq"),)

    mou: Mapped[str] = mapped_column(String(60))
    line: Mapped[str] = mapped_column(String(60))
    variance_pence: Mapped[int]
    why: Mapped[str]


class AccrualMade(OfLine, Fact):
    """Money owed on a line on a day and not paid yet."""

    __tablename__ = "accrual_made"
    __table_args__ = by_line("accrual_made")

    recipient: Mapped[str]
    why: Mapped[str]


class CarryForwardAsked(OfLine, Fact):
    """A line asks to keep money it was allocated for the year after."""

    __tablename__ = "carry_forward_asked"
    __table_args__ = by_line("carry_forward_asked")

    ref: Mapped[str] = mapped_column(String(20), index=True)
    why: Mapped[str]


class CarryForwardDecided(OfLine, Fact):
    """What of a request was granted; nothing when it was refused."""

    __tablename__ = "carry_forward_decided"
    __table_args__ = (
        Index("ix_carry_forward_decided_line_seq", "line", "seq"),
        CheckConstraint("amount_pence >= 0", name="not_below_zero"),
    )

    ref: Mapped[str] = mapped_column(String(20), index=True)
    decision: Mapped[str] = mapped_column(String(20))
    decision_reference: Mapped[str]
    why: Mapped[str]
