"""What each command about concerns and actions is given, by whichever door it comes."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from improvement.concerns.rules import Level, OwnRag, Progress, Sensitivity, Severity, Source, Theme

Reason = Annotated[str, Meta(title="the reason", max_length=2000)]


class Dated(msgspec.Struct, frozen=True, kw_only=True):
    """What anything recorded may say besides: the day it is true from (today when left out) and a note."""

    effective_on: Annotated[date | None, Meta(title="the day this is true from")] = None
    note: Annotated[str, Meta(title="the note", max_length=2000)] = ""


class NewConcern(Dated, frozen=True, kw_only=True):
    """A concern to raise."""

    council: Annotated[str, Meta(title="the council", max_length=60)]
    title: Annotated[str, Meta(title="what is wrong, in a few words", max_length=200)]
    description: Annotated[str, Meta(title="what is known about it", max_length=4000)]
    themes: Annotated[list[Theme], Meta(title="what it is about")]
    severity: Annotated[Severity, Meta(title="how serious it is")]
    sensitivity: Annotated[Sensitivity, Meta(title="who may see it")]
    source: Annotated[Source, Meta(title="where it came from")]
    source_page: Annotated[str, Meta(title="the page", max_length=60)] = ""
    source_quote: Annotated[str, Meta(title="the words on the page", max_length=2000)] = ""
    source_address: Annotated[str, Meta(title="the web address", max_length=2000)] = ""
    owner: Annotated[str, Meta(title="the post that owns it", max_length=200)] = ""


class NewSensitivity(Dated, frozen=True, kw_only=True):
    """Who may see a concern from now on."""

    sensitivity: Annotated[Sensitivity, Meta(title="who may see it")]
    reason: Annotated[str, Meta(title="the reason", max_length=2000)] = ""


class NewAction(Dated, frozen=True, kw_only=True):
    """An action to put in the council's improvement plan."""

    title: Annotated[str, Meta(title="what will be done", max_length=200)]
    outcome: Annotated[str, Meta(title="what will be better for people", max_length=2000)]
    measure: Annotated[str, Meta(title="how you will know it worked", max_length=2000)]
    owner: Annotated[str, Meta(title="the post that will see it done", max_length=200)]
    target_on: Annotated[date, Meta(title="the target date")]
    start_on: Annotated[date | None, Meta(title="the day it starts")] = None
    year: Annotated[str | None, Meta(title="the programme year of the plan", max_length=9)] = None


class NewLink(Dated, frozen=True, kw_only=True):
    """An action that will serve a concern."""

    action: Annotated[str, Meta(title="the action", max_length=60)]


class NewUnlink(NewLink, frozen=True, kw_only=True):
    """An action that ceases to serve a concern."""

    reason: Reason


class NewUpdate(Dated, frozen=True, kw_only=True):
    """How far an action has come."""

    state: Annotated[Progress, Meta(title="how far it has come")]
    rag: Annotated[OwnRag | None, Meta(title="how its owner sees it")] = None
    narrative: Annotated[str, Meta(title="what has happened", max_length=4000)] = ""
    evidence: Annotated[str, Meta(title="the evidence", max_length=4000)] = ""
    reason: Annotated[str, Meta(title="the reason it is cancelled", max_length=2000)] = ""


class NewTarget(Dated, frozen=True, kw_only=True):
    """Another day to aim at."""

    target_on: Annotated[date, Meta(title="the new target date")]
    reason: Reason


class NewClosing(Dated, frozen=True, kw_only=True):
    """That a concern is dealt with."""

    evidence: Annotated[str, Meta(title="the evidence that it is dealt with", max_length=4000)]


class NewReason(Dated, frozen=True, kw_only=True):
    """Why a concern is reopened, or accepted without action."""

    reason: Reason


class NewEscalation(Dated, frozen=True, kw_only=True):
    """Where a concern is taken that cannot be solved locally."""

    level: Annotated[Level, Meta(title="where it is taken")]
    reason: Reason


class NewAnswer(Dated, frozen=True, kw_only=True):
    """What came back."""

    level: Annotated[Level, Meta(title="who answered")]
    answer: Annotated[str, Meta(title="the answer", max_length=4000)]


class NewCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a fact, and what takes its place: the values that differ, or nothing."""

    corrects: Annotated[UUID, Meta(title="the fact to correct")]
    reason: Annotated[str, Meta(title="the reason for the correction", max_length=1000)]
    withdrawn: bool = False
    values: Annotated[dict[str, Any] | None, Meta(title="the right values")] = None
