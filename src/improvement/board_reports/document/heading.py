"""What stands at the head of a report besides its title: its two dates, its state, who prepared and approved it."""

from collections.abc import Mapping

from improvement.board_reports import queries, rules
from improvement.board_reports.document.sentences import and_list
from improvement.board_reports.queries import Version
from improvement.board_reports.rules import Audience, Step
from improvement.dates import in_words, london_day


def about(version: Version, names: Mapping[int, str], reader: Audience) -> list[tuple[str, str]]:
    """Each thing with its words. The public reads in which role somebody acted; the Board reads who it was."""
    told = [
        ("Figures on", queries.days_in_words(version)),
        ("State", _state(version)),
        ("Prepared by", _prepared(version, names, reader)),
    ]
    approved = version.last(Step.APPROVED)
    if approved is not None:
        who = names.get(approved.by, "somebody who has left") + ", " if reader is not Audience.PUBLIC else ""
        told.append(("Approved by", f"{who}{_role(approved.role)}, on {in_words(london_day(approved.at))}"))
    return told


def _state(version: Version) -> str:
    day = in_words(version.since) if version.since else ""
    return f"{rules.STATE_WORDS[version.state]}, version {version.version}, since {day}"


def _prepared(version: Version, names: Mapping[int, str], reader: Audience) -> str:
    people = rules.preparers(version.events, ())
    if not people:
        return "The tracker, by itself"
    if reader is Audience.PUBLIC:
        return "The secretariat"
    return f"{and_list(sorted(names.get(person, 'somebody who has left') for person in people))}, secretariat"


def _role(role: str) -> str:
    return {"chair": "the chair", "service": "the tracker"}.get(role, role)
