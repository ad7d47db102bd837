"""What is recorded of concerns and actions, what is refused, and what a correction does to the past: both databases."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from improvement.concerns import commands, queries, rules
from improvement.concerns.commands import inputs
from improvement.concerns.rules import Level, Progress, Sensitivity, State
from improvement.database import Database
from improvement.dates import AsAt
from improvement.errors import Conflict, Mistakes, NotAllowed, TurnedDown
from tests.concerns.people import NOON, new_action, person, plan, raise_concern, update

TODAY = NOON.date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
NOW = AsAt(TODAY)


def days(number: int) -> datetime:
    return NOON + timedelta(days=number)


def concern_of(session: Session, ref: str, as_at: AsAt = NOW) -> Any:
    return queries.book(session, as_at).concerns[ref]


def action_of(session: Session, ref: str, as_at: AsAt = NOW) -> Any:
    return queries.book(session, as_at).actions[ref]


def addressed(session: Session) -> tuple[str, str]:
    """A concern of Brent's whose one action an officer has completed."""
    officer = person(session, "brent")
    concern = raise_concern(session, officer).ref
    action = plan(session, officer, concern).ref
    update(session, officer, action, Progress.COMPLETE)
    return concern, action


def test_from_raised_to_closed(seeded: Database) -> None:
    """An officer raises and addresses a concern; the coordinator, who owns no action, confirms it."""
    with seeded.writing() as session:
        concern, action = addressed(session)
        assert concern_of(session, concern).state is State.ADDRESSED
        closing = inputs.NewClosing(evidence="The waiting list was 12 in November")
        commands.close_concern(session, concern, closing, by=person(session, "london"), at=NOON)
    with seeded.reading() as session:
        assert concern_of(session, concern).state is State.CLOSED
        assert action_of(session, action).concerns == (concern,)
        assert concern[:2] == "C-"
        assert action[:2] == "A-"
        assert len(concern) == len(action) == 7


def test_whoever_did_the_work_does_not_confirm_it(seeded: Database) -> None:
    """Planning or updating an action, even if that was corrected since, rules a person out from closing."""
    with seeded.writing() as session:
        concern, _ = addressed(session)
        with pytest.raises(rules.OwnsAnAction):
            commands.close_concern(
                session, concern, inputs.NewClosing(evidence="Done"), by=person(session, "brent"), at=NOON
            )


def test_a_colleague_in_the_same_council_may_confirm(seeded: Database) -> None:
    with seeded.writing() as session:
        concern, _ = addressed(session)
        commands.close_concern(
            session, concern, inputs.NewClosing(evidence="Seen"), by=person(session, "brent 2"), at=NOON
        )
        assert concern_of(session, concern).state is State.CLOSED


def test_one_action_serves_two_concerns_and_leaves_one(seeded: Database) -> None:
    """Links are many to many; a link that ended is not counted from its day on."""
    with seeded.writing() as session:
        officer = person(session, "brent")
        first, second = (raise_concern(session, officer).ref for _ in range(2))
        action = plan(session, officer, first).ref
        commands.link_action(session, second, inputs.NewLink(action=action), by=officer, at=NOON)
        ending = inputs.NewUnlink(action=action, reason="It no longer helps here")
        commands.unlink_action(session, first, ending, by=officer, at=days(1))
    with seeded.reading() as session:
        tomorrow = AsAt(TODAY + timedelta(days=1))
        assert set(action_of(session, action).concerns) == {first, second}
        assert action_of(session, action, tomorrow).concerns == (second,)
        assert concern_of(session, first, tomorrow).state is State.OPEN


def test_accepted_and_reopened(seeded: Database) -> None:
    with seeded.writing() as session:
        officer = person(session, "brent")
        concern = raise_concern(session, officer).ref
        commands.accept_concern(session, concern, inputs.NewReason(reason="Small and known"), by=officer, at=NOON)
        assert concern_of(session, concern).state is State.ACCEPTED
        with pytest.raises(rules.SettledAlready):
            plan(session, officer, concern)


def test_escalated_and_answered(seeded: Database) -> None:
    """From the council to the region, on to the Board, and back by the same way."""
    with seeded.writing() as session:
        officer, coordinator, secretariat = (person(session, who) for who in ("brent", "london", "secretariat"))
        concern = raise_concern(session, officer).ref
        up = inputs.NewEscalation(level=Level.REGION, reason="It needs the hospitals")
        commands.escalate_concern(session, concern, up, by=officer, at=NOON)
        further = inputs.NewEscalation(level=Level.BOARD, reason="So does the region")
        commands.escalate_concern(session, concern, further, by=coordinator, at=NOON)
        assert concern_of(session, concern).waits_for is Level.BOARD
        answer = inputs.NewAnswer(level=Level.BOARD, answer="The Department will write")
        commands.answer_escalation(session, concern, answer, by=secretariat, at=NOON)
        assert concern_of(session, concern).waits_for is Level.REGION
        back = inputs.NewAnswer(level=Level.REGION, answer="The Board has answered")
        commands.answer_escalation(session, concern, back, by=coordinator, at=NOON)
        assert concern_of(session, concern).waits_for is None


Doing = Callable[[Session, str, str], object]


def _by(who: str, verb: str, ref: int, new: Any) -> Doing:
    """Somebody doing one thing to the concern (0) or the action (1)."""

    def do(session: Session, *refs: str) -> object:
        return getattr(commands, verb)(session, refs[ref], new, by=person(session, who), at=NOON)

    return do


def done(**changed: Any) -> inputs.NewUpdate:
    return inputs.NewUpdate(state=Progress.COMPLETE, **changed)


REFUSED: list[tuple[type[TurnedDown], Doing]] = [
    (
        rules.DayHasNotCome,
        _by("brent", "update_action", 1, inputs.NewUpdate(state=Progress.COMPLETE, effective_on=TOMORROW)),
    ),
    (
        rules.BeforeItBegan,
        _by("brent", "update_action", 1, inputs.NewUpdate(state=Progress.COMPLETE, effective_on=YESTERDAY)),
    ),
    (rules.ReasonWanted, _by("brent", "update_action", 1, inputs.NewUpdate(state=Progress.CANCELLED))),
    (rules.TargetNotMoved, _by("brent", "move_target", 1, inputs.NewTarget(target_on=date(2012, 3, 31), reason="x"))),
    (rules.NotASaneDate, _by("brent", "move_target", 1, inputs.NewTarget(target_on=date(2200, 1, 1), reason="x"))),
    (Mistakes, _by("brent", "move_target", 1, inputs.NewTarget(target_on=date(2012, 4, 1), reason="  "))),
    (rules.NotAddressed, _by("london", "close_concern", 0, inputs.NewClosing(evidence="x"))),
    (Mistakes, _by("london", "close_concern", 0, inputs.NewClosing(evidence=""))),
    (rules.SomethingIsPlanned, _by("brent", "accept_concern", 0, inputs.NewReason(reason="x"))),
    (rules.NotSettled, _by("brent", "reopen_concern", 0, inputs.NewReason(reason="x"))),
    (rules.SaidAlready, _by("brent", "change_sensitivity", 0, inputs.NewSensitivity(sensitivity=Sensitivity.PUBLIC))),
    (rules.NotThisWay, _by("brent", "escalate_concern", 0, inputs.NewEscalation(level=Level.BOARD, reason="x"))),
    (rules.NotThisWay, _by("london", "answer_escalation", 0, inputs.NewAnswer(level=Level.REGION, answer="x"))),
    (rules.NoSuchAction, _by("brent", "link_action", 0, inputs.NewLink(action="A-NONE1"))),
    (NotAllowed, _by("board", "update_action", 1, done())),
    (rules.NoSuchAction, _by("barnet", "update_action", 1, done())),
    (rules.NoSuchConcern, _by("north-west", "close_concern", 0, inputs.NewClosing(evidence="x"))),
]


@pytest.mark.parametrize(
    ("refusal", "do"), REFUSED, ids=[f"{number} {each[0].__name__}" for number, each in enumerate(REFUSED)]
)
def test_what_a_rule_refuses_leaves_nothing_behind(seeded: Database, refusal: type[TurnedDown], do: Doing) -> None:
    with seeded.writing() as session:
        officer = person(session, "brent")
        concern = raise_concern(session, officer).ref
        action = plan(session, officer, concern).ref
    with pytest.raises(refusal) as told, seeded.writing() as session:
        do(session, concern, action)
    assert told.value.message.endswith(".")
    with seeded.reading() as session:
        assert concern_of(session, concern).state is State.PLANNED
        assert action_of(session, action).target_on == date(2012, 3, 31)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("title", {"title": " "}),
        ("themes", {"themes": []}),
        ("council", {"council": "atlantis"}),
        ("source_address", {"source_address": "javascript:alert(1)"}),
        ("effective_on", {"effective_on": TOMORROW}),
        ("effective_on", {"council": "bournemouth-christchurch-and-poole"}),
    ],
)
def test_a_concern_is_refused_at_its_field(seeded: Database, field: str, changed: dict[str, Any]) -> None:
    """Blank words, no theme, no such council, no address, a day to come, a council that is not in being."""
    with seeded.writing() as session:
        secretariat = person(session, "secretariat")
        with pytest.raises(TurnedDown) as told:
            raise_concern(session, secretariat, **changed)
        assert list(told.value.fields) == [field]


def test_nobody_raises_a_concern_about_another_council(seeded: Database) -> None:
    for who in ("barnet", "north-west", "board", "chair"):
        with pytest.raises(NotAllowed), seeded.writing() as session:
            raise_concern(session, person(session, who))


def test_an_action_starts_before_its_target(seeded: Database) -> None:
    wrong = new_action(start_on=date(2012, 4, 1))
    with pytest.raises(rules.NotASaneDate), seeded.writing() as session:
        commands.plan_action(session, "brent", wrong, by=person(session, "brent"), at=NOON)


def test_the_past_is_kept_when_a_fact_is_corrected(seeded: Database) -> None:
    """Asked as known before the correction, the concern is as it was told then; asked now, as corrected."""
    with seeded.writing() as session:
        officer = person(session, "brent")
        made = raise_concern(session, officer, severity=rules.Severity.LOW)
    with seeded.writing() as session:
        right = inputs.NewCorrection(corrects=made.id, reason="Misheard", values={"severity": "critical"})
        corrected = commands.correct(session, right, by=officer, at=days(2))
    with seeded.reading() as session:
        assert concern_of(session, made.ref, AsAt(TODAY)).severity == "critical"
        assert concern_of(session, made.ref, AsAt(TODAY, days(1))).severity == "low"
        assert concern_of(session, made.ref).title == "Waiting times for a first assessment"
    with pytest.raises(Conflict), seeded.writing() as session:
        commands.correct(session, right, by=officer, at=days(3))
    with seeded.writing() as session:
        away = inputs.NewCorrection(corrects=corrected, reason="Raised twice", withdrawn=True)
        gone = commands.correct(session, away, by=officer, at=days(3))
    with seeded.reading() as session:
        assert made.ref not in queries.book(session, AsAt(TODAY)).concerns
        assert concern_of(session, made.ref, AsAt(TODAY, days(2) + timedelta(hours=1))).severity == "critical"
    with seeded.writing() as session:
        back = inputs.NewCorrection(corrects=gone, reason="It was not twice", withdrawn=True)
        commands.correct(session, back, by=officer, at=days(4))
        session.flush()
        assert concern_of(session, made.ref, AsAt(TODAY)).severity == "critical"


def test_an_update_is_corrected_by_what_differs(seeded: Database) -> None:
    with seeded.writing() as session:
        officer = person(session, "brent")
        action = plan(session, officer, raise_concern(session, officer).ref).ref
        new = inputs.NewUpdate(state=Progress.IN_PROGRESS, narrative="Two clinics ran")
        told = commands.update_action(session, action, new, by=officer, at=NOON)
        right = inputs.NewCorrection(corrects=told, reason="It had ended", values={"state": "complete"})
        commands.correct(session, right, by=officer, at=NOON)
        assert action_of(session, action).state is Progress.COMPLETE


@pytest.mark.parametrize(
    "values", [{"ref": "C-MINE1"}, {"recorded_by": 1}, {"severity": "huge"}, {"title": ""}, {"themes": "x"}]
)
def test_a_correction_takes_only_what_could_have_been_entered(seeded: Database, values: dict[str, Any]) -> None:
    with seeded.writing() as session:
        officer = person(session, "brent")
        made = raise_concern(session, officer)
        with pytest.raises(Mistakes):
            commands.correct(
                session, inputs.NewCorrection(corrects=made.id, reason="x", values=values), by=officer, at=NOON
            )


def test_a_concern_with_actions_is_not_withdrawn_from_under_them(seeded: Database) -> None:
    with seeded.writing() as session:
        officer = person(session, "brent")
        made = raise_concern(session, officer)
        plan(session, officer, made.ref)
        away = inputs.NewCorrection(corrects=made.id, reason="x", withdrawn=True)
        with pytest.raises(rules.BeforeItBegan):
            commands.correct(session, away, by=officer, at=NOON)


def test_a_correction_may_not_carry_a_concern_to_a_council_of_others(seeded: Database) -> None:
    with seeded.writing() as session:
        officer = person(session, "brent")
        made = raise_concern(session, officer)
        over = inputs.NewCorrection(corrects=made.id, reason="x", values={"council": "barnet"})
        with pytest.raises(NotAllowed):
            commands.correct(session, over, by=officer, at=NOON)


def test_facts_of_others_cannot_be_told_from_facts_that_are_not(seeded: Database) -> None:
    """Correcting a fact of another council is refused in the very words for a fact that is not there."""
    with seeded.writing() as session:
        made = raise_concern(session, person(session, "brent"))
        stranger, sentences = person(session, "barnet"), set()
        for fact in (made.id, uuid4()):
            away = inputs.NewCorrection(corrects=fact, reason="x", withdrawn=True)
            with pytest.raises(rules.NoSuchFact) as told:
                commands.correct(session, away, by=stranger, at=NOON)
            sentences.add(told.value.message)
        assert len(sentences) == 1


def test_restricted_today_hides_yesterday_too(seeded: Database) -> None:
    """Who may see is decided by today's sensitivity, whatever dates are asked; who may, sees what was true then."""
    with seeded.writing() as session:
        officer, board = person(session, "brent"), person(session, "board")
        made = raise_concern(session, officer)
        action = plan(session, officer, made.ref).ref
        assert [row.ref for row in queries.concerns(session, board, NOW)] == [made.ref]
        closed = inputs.NewSensitivity(sensitivity=Sensitivity.RESTRICTED)
        commands.change_sensitivity(session, made.ref, closed, by=officer, at=days(5))
    with seeded.reading() as session:
        for as_at in (NOW, AsAt(TODAY, NOON + timedelta(hours=1))):
            assert queries.concerns(session, board, as_at) == []
            assert queries.actions(session, board, as_at) == []
            with pytest.raises(rules.NoSuchConcern):
                queries.concern(session, board, made.ref, as_at)
            with pytest.raises(rules.NoSuchAction):
                queries.action(session, board, action, as_at)
            assert queries.concern(session, officer, made.ref, as_at).sensitivity is Sensitivity.PUBLIC
