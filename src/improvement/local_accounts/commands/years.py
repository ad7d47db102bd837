"""Setting up a programme year from the one before, and putting it right."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person
from improvement.database import EVER, Fact, correction, known, record
from improvement.dates import FROM_THE_BEGINNING, NotADate, ProgrammeYear, in_words, london_day
from improvement.errors import Conflict, Mistakes, Refused, TurnedDown
from improvement.local_accounts import queries
from improvement.local_accounts.queries import programme
from improvement.local_accounts.rules import years as rules
from improvement.local_accounts.rules.years import Contents
from improvement.local_accounts.tables import ProgrammeYearSet
from improvement.local_accounts.tables.years import YearContentsSet


class NewYear(msgspec.Struct, frozen=True):
    """A programme year to set up. Themes and questions left out are those of the year before."""

    year: Annotated[str, Meta(title="the year, like 2012-2013", max_length=20)]
    deadline: Annotated[date, Meta(title="the deadline the Board suggests")]
    period_from: Annotated[date, Meta(title="the first day of the period")]
    period_to: Annotated[date, Meta(title="the last day of the period")]
    themes: Annotated[list[str], Meta(title="the themes")] = []
    questions: Annotated[list[str], Meta(title="the questions")] = []


class YearCorrection(msgspec.Struct, frozen=True):
    """A programme year as it should have been set up, and why."""

    deadline: Annotated[date, Meta(title="the deadline the Board suggests")]
    period_from: Annotated[date, Meta(title="the first day of the period")]
    period_to: Annotated[date, Meta(title="the last day of the period")]
    reason: Annotated[str, Meta(title="the reason", max_length=1000)]
    themes: Annotated[list[str], Meta(title="the themes")] = []
    questions: Annotated[list[str], Meta(title="the questions")] = []
    made_from: Annotated[str, Meta(title="what this was made from", max_length=100)] = ""
    """The facts that stood when the form was shown: if others stand by now, somebody else has corrected the year."""


class CorrectedMeanwhile(Conflict):
    """Two people do not correct a year over one another."""


class NothingDiffers(Refused):
    """A correction changes something."""


def set_up(session: Session, new: NewYear, *, by: Person, at: datetime) -> ProgrammeYear:
    """Set up a programme year with what its accounts are asked about. Raises `NotAllowed`, or the rules it breaks."""
    role = by.acting(May.SET_YEARS)
    try:
        which = ProgrammeYear.parse(new.year)
    except NotADate as refusal:
        raise Mistakes({"year": refusal.message}) from None
    there = [one.year for one in queries.years(session).values()]
    last = rules.before(there, which)
    contents = _contents(new, programme.contents(session, last) if last else programme.THE_LETTERS)
    wrong = rules.wrong_with_year(which, there, london_day(at)) + rules.wrong_with_days(which, *_days(new).values())
    rules.refuse(wrong + rules.wrong_with_contents(contents))
    # True from the beginning: what a year is does not begin on a day, we only hear of it on one.
    beginning = london_day(FROM_THE_BEGINNING)
    facts: list[Fact] = [
        ProgrammeYearSet(year=str(which), effective_on=beginning, **_days(new)),
        YearContentsSet(year=str(which), effective_on=beginning, **_lists(contents)),
    ]
    for fact in facts:
        record(session, fact, by=by.id, as_role=role, at=at)
    return which


def correct(session: Session, which: ProgrammeYear, new: YearCorrection, *, by: Person, at: datetime) -> None:
    """Put a programme year right: its days, what its accounts are asked about, or both. Raises the rules it breaks."""
    role = by.acting(May.SET_YEARS)
    about, said = programme.facts_of(session, which)
    if new.made_from not in ("", made_from(session, which)):
        raise CorrectedMeanwhile(
            "Somebody has corrected this year since you opened the page. Nothing was saved. Open it again to see how "
            "it stands, and correct that."
        )
    before = programme.contents(session, which)
    contents = _contents(new, before)
    wrong = rules.wrong_with_days(which, *_days(new).values()) + rules.wrong_with_contents(contents)
    rules.refuse(wrong + _left_off(session, which, new.deadline))
    facts: list[Fact] = []
    if any(getattr(about, name) != day for name, day in _days(new).items()):
        facts.append(correction(about, reason=new.reason, values=_days(new)))
    if contents != before:
        beginning = london_day(FROM_THE_BEGINNING)
        first = YearContentsSet(year=str(which), effective_on=beginning, note=new.reason, **_lists(contents))
        facts.append(correction(said, reason=new.reason, values=_lists(contents)) if said else first)
    if not facts:
        raise NothingDiffers("Nothing differs from what is there. Change what is wrong.", field="deadline")
    for fact in facts:
        record(session, fact, by=by.id, as_role=role, at=at)


def made_from(session: Session, which: ProgrammeYear) -> str:
    """The facts a year stands on, as a form carries them."""
    about, said = programme.facts_of(session, which)
    return f"{about.id} {said.id if said else ''}".strip()


def _left_off(session: Session, which: ProgrammeYear, deadline: date) -> list[TurnedDown]:
    lost = programme.left_off(session, which, deadline)
    sentence = f"On {in_words(deadline)} this was not in being, and something is recorded of it: {', '.join(lost)}."
    return [rules.ToldOfCouncil(sentence, field="deadline")] if lost else []


def _contents(new: NewYear | YearCorrection, before: Contents) -> Contents:
    themes = rules.lines_of(new.themes) if new.themes else before.themes
    questions = rules.lines_of(new.questions) if new.questions else before.questions
    return Contents(themes, questions)


def _days(new: NewYear | YearCorrection) -> dict[str, Any]:
    return {name: getattr(new, name) for name in ("deadline", "period_from", "period_to")}


def _lists(contents: Contents) -> dict[str, Any]:
    return {"themes": list(contents.themes), "questions": list(contents.questions)}


def wrong(session: Session) -> list[str]:
    """The programme years that stand and break a rule they were held to when recorded, one sentence each."""
    found = []
    for about in session.scalars(known(ProgrammeYearSet, EVER)):
        which = ProgrammeYear.parse(about.year)
        broken = rules.wrong_with_days(which, about.deadline, about.period_from, about.period_to)
        broken += _left_off(session, which, about.deadline)
        broken += rules.wrong_with_contents(programme.contents(session, which))
        found += [f"{which.on_screen}: {one.message}" for one in broken]
    return found
