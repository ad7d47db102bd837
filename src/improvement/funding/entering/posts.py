"""What is entered about national posts: what they are and cost, and where their filling stands."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from improvement.funding.book import Kind
from improvement.funding.entering.words import LINE, WHY_NOT, Day, Field, Form, LineName, Name, Note, Why
from improvement.funding.rules.posts import PostState as PostState
from improvement.money import MOST


class PostTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a post is and costs, from a day on: a whole year’s cost, with on-costs, at this whole-time equivalent."""

    line: LineName
    wte_hundredths: Annotated[int, Meta(ge=1, le=10_00, title="the whole-time equivalent", extra={"is": "hundredths"})]
    starts_on: Annotated[date, Meta(title="the day the post starts")]
    ends_on: Annotated[date, Meta(title="the day the post ends")]
    annual_cost_pence: Annotated[int, Meta(gt=0, le=MOST, title="the annual cost", extra={"is": "money"})]
    applies_from: Annotated[date | None, Meta(title="the day from which this holds")] = None
    why: Why = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class PostStep(msgspec.Struct, frozen=True, kw_only=True):
    """A post was advertised, appointed to, filled or ended. Its day may be agreed ahead."""

    line: LineName
    state: Annotated[PostState, Meta(title="the state of the post")]
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


TAKES: dict[Kind, tuple[type[msgspec.Struct], str]] = {
    Kind.POST_TERMS: (PostTerms, "effective_on"),
    Kind.POST_STATE: (PostStep, "effective_on"),
}

FORMS: dict[Kind, Form] = {
    Kind.POST_TERMS: Form(
        "/funding/posts/terms",
        "Set the terms of a post",
        "What the post is and costs. Its forecast follows, month by month, and what was forecast before is kept.",
        "Record the terms",
        (
            LINE,
            Field("wte_hundredths", "number", "Whole-time equivalent", "1 for a full-time post, 0.6 for three days"),
            Field("starts_on", "day", "When does the post start?"),
            Field("ends_on", "day", "When does it end?", "The last day it is paid for. For example, 31 3 2012"),
            Field("annual_cost_pence", "money", "Annual cost", "A whole year’s, with on-costs"),
            Field(
                "applies_from",
                "day",
                "From which day do these terms hold?",
                "Leave it empty and the first terms hold from the start, later ones from the day they were decided",
                True,
            ),
            Field(
                "effective_on", "day", "Which day was this decided?", "Today or earlier. What was forecast before stays"
            ),
            WHY_NOT,
        ),
    ),
    Kind.POST_STATE: Form(
        "/funding/posts/state",
        "Record where filling a post stands",
        "A post is planned, advertised, appointed to, in post, then ended. Until somebody is in post it is vacant.",
        "Record the state",
        (
            LINE,
            Field("state", "state", "Where does it stand?"),
            Field("effective_on", "day", "From which day?", "It may be agreed ahead. For example, 1 9 2011"),
        ),
    ),
}
