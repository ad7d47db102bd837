"""What must hold of national posts: their terms, and the story of their filling."""

from typing import Any

from sqlalchemy.orm import Session

from improvement.database import EVER
from improvement.funding.book import Kind, LineKind
from improvement.funding.commands.keeping import Trying, checks
from improvement.funding.queries import posts
from improvement.funding.rules import LineNotOpen
from improvement.funding.rules import posts as rules
from improvement.funding.rules.posts import Reached, Terms

NEWEST = 10**17
"""The place in order of what is not recorded yet."""


@checks(Kind.POST_TERMS)
def check_terms(session: Session, trying: Trying) -> None:
    """Terms are a post's, and of days that can be; those that do not say from when they hold are told.

    Raises `NotOfAPost`, `LineNotOpen`, `EndsBeforeStart`, `NotAWholeTime` or `NotItsDays`.
    """
    fact = trying.fact
    if fact.withdrawn:
        return
    _check_post(trying)
    known = posts.terms(session, EVER, fact.mou).get(fact.line, ())
    others = [terms for terms in known if terms.seq != getattr(trying.replaces, "seq", None)]
    if fact.applies_from is None:
        fact.applies_from = rules.first_day(fact.starts_on, fact.ends_on, fact.effective_on, others)
    rules.check_terms(as_terms(fact))


def as_terms(fact: Any) -> Terms:
    """Terms that are about to be recorded, as the rules see them."""
    given = {name: getattr(fact, name) for name in Terms.__struct_fields__ if name not in ("decided_on", "seq")}
    return Terms(decided_on=fact.effective_on, seq=fact.seq or NEWEST, **given)


@checks(Kind.POST_STATE)
def check_state(session: Session, trying: Trying) -> None:
    """The story of a post, later-dated steps included, as it would be. Raises `NotOfAPost` or `PostHasEnded`."""
    fact = trying.fact
    if not fact.withdrawn:
        _check_post(trying)
    known = posts.states(session, EVER, fact.mou).get(fact.line, ())
    story = [step for step in known if step.seq != getattr(trying.replaces, "seq", None)]
    fresh = [] if fact.withdrawn else [Reached(fact.effective_on, NEWEST, fact.state)]
    rules.check_story([*story, *fresh])


def _check_post(trying: Trying) -> None:
    line = trying.before.lines.get(trying.fact.line)
    if line is None:
        raise LineNotOpen(f"There is no funding line “{trying.fact.line}”. Open it first.", field="line")
    if line.kind is not LineKind.POST:
        raise rules.NotOfAPost(
            f"{line.title} is a region, and only national posts have terms and a state. Select a post.", field="line"
        )
