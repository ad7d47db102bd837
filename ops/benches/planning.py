"""What the limits are to serve: each answer of the tracker, and the rows and template that make the like of it."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from benches import likeness
from benches.limits import Limit, connected, read
from benches.processes import CannotBench
from benches.scenarios import Recording, Scenario
from benches.visiting import Answer, Visitor

KEPT = ("etag", "cache-control", "content-security-policy", "vary")
"""Headers that the limits send too."""


def copied(place: Path) -> Path:
    """A copy of the records, as they are, for the limits alone."""
    copy = place / "limits.db"
    source, target = sqlite3.connect(place / "improvement.db"), sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()
    return copy


def limits_of(
    copy: Path, visitor: Visitor, reading: Iterable[Scenario], recording: Iterable[Recording]
) -> dict[str, Limit]:
    """The limit of every scenario that has one."""
    found: dict[str, Limit] = {}
    for scenario in reading:
        answer = visitor.get(scenario.path)
        if answer.status == 200 and not scenario.headers:
            statements = _rows(copy, visitor, scenario)
            connection = connected(str(copy))
            found[scenario.name] = _of_reading(scenario, answer, statements, connection)
            connection.close()
    connection = connected(str(copy))
    for one in recording:
        if not one.then and connection.execute(f"SELECT count(*) FROM {one.table}").fetchone()[0]:
            moves = [likeness.renewing(connection, one.table), "UPDATE last_fact SET seq = seq + 1"]
            body = json.dumps({"id": "0" * 36})
            found[one.name] = Limit("POST", 201, "application/json", {}, body, moves)
    connection.close()
    return found


def _rows(copy: Path, visitor: Visitor, scenario: Scenario) -> list[str]:
    """The statements that read the scenario's rows from tables made for them."""
    if scenario.unchanged:
        return ["SELECT seq, edits FROM last_fact", "SELECT id, name, rights_version FROM person LIMIT 1"]
    statements: list[str] = []
    for number, address in enumerate(scenario.told_by):
        told = visitor.json(address)
        if told is not None:
            statements += likeness.keep(copy, f"{scenario.name.replace('-', '_')}_{number}", told)
    return statements


def _of_reading(scenario: Scenario, answer: Answer, statements: list[str], connection: sqlite3.Connection) -> Limit:
    media_type = answer.headers["content-type"].partition(";")[0]
    headers = {name: value for name, value in answer.headers.items() if name in KEPT}
    if scenario.unchanged:
        return Limit("GET", 304, media_type, headers, "", statements, "")
    if media_type == "application/json":
        return Limit("GET", 200, media_type, headers, answer.text, statements)
    values = read(connection, statements)
    template = likeness.template_of(answer.text, values)
    made = likeness.environment().from_string(template).render(v=values)
    if made != answer.text:
        at = next((at for at, (one, other) in enumerate(zip(made, answer.text, strict=False)) if one != other), -1)
        raise CannotBench(f"{scenario.name}: the limit's page differs at {at}: {made[at - 60 : at + 60]!r}")
    return Limit("GET", 200, media_type, headers, answer.text, statements, template)
