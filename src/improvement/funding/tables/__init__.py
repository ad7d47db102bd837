"""What is recorded about money, one table for each kind of fact."""

from improvement.database import Fact
from improvement.funding.book import Kind
from improvement.funding.tables import matters, moves

TABLES: dict[Kind, type[Fact]] = {
    Kind.NEGOTIATED: moves.MouNegotiated,
    Kind.AGREED: moves.MouAgreed,
    Kind.VARIED: moves.MouVaried,
    Kind.CLOSED: moves.MouClosed,
    Kind.WITHDRAWN: moves.MouWithdrawn,
    Kind.LINE: moves.LineOpened,
    Kind.EXPECTED: moves.InstalmentExpected,
    Kind.RECEIVED: moves.InstalmentReceived,
    Kind.ALLOCATION: moves.AllocationMade,
    Kind.COMMITMENT: moves.CommitmentMade,
    Kind.PAYMENT: moves.PaymentMade,
    Kind.REFUND: moves.RefundReceived,
    Kind.RELEASE: moves.Released,
    Kind.VIREMENT: moves.VirementMade,
    Kind.RETURN: moves.ReturnedToFunder,
    Kind.LIMITS: matters.LimitsSet,
    Kind.CONDITIONS: matters.ConditionsMet,
    Kind.POST_TERMS: matters.PostTermsSet,
    Kind.POST_STATE: matters.PostStateReached,
    Kind.SPLIT: matters.SplitProposed,
    Kind.ADOPTED: matters.SplitAdopted,
    Kind.CLAIM: matters.ClaimMade,
    Kind.QUERY: matters.ClaimQueried,
    Kind.ANSWER: matters.ClaimAnswered,
    Kind.DECISION: matters.ClaimDecided,
    Kind.RUN: matters.PaymentRunMade,
    Kind.STATEMENT: matters.StatementRead,
    Kind.FORECAST: matters.ForecastGiven,
    Kind.EXPLAINED: matters.VarianceExplained,
    Kind.ACCRUAL: matters.AccrualMade,
    Kind.CARRY_ASKED: matters.CarryForwardAsked,
    Kind.CARRIED: matters.CarryForwardDecided,
}
"""Where each kind of fact is kept."""
