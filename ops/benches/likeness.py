"""What the limits serve: the bytes the tracker gave, and a bare template that makes the same bytes of the same rows.

A page's rows are what the API says of the same matter, kept in plain tables. Its template is the page itself with every
place where a value of those rows stands turned back into an expression, so that rendering it must give the page again.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import escape

FEWEST = 4
"""The shortest text that is taken for a row's value: shorter ones stand everywhere."""


def day(text: str) -> str:
    """2011-12-31 as pages write it."""
    on = date.fromisoformat(text)
    return f"{on.day} {on:%B %Y}"


def pounds(pence: int) -> str:
    """Pence as pages write them."""
    return f"{'−' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def environment() -> jinja2.Environment:
    """As bare as it gets: escaping, and two filters."""
    made = jinja2.Environment(autoescape=True)
    made.filters |= {"day": day, "pounds": pounds}
    return made


def keep(database: Path, name: str, told: Any) -> list[str]:
    """Keep what the API told as plain tables; the statements that read all of it."""
    statements = []
    with sqlite3.connect(database) as connection:
        for number, rows in enumerate(_tables(told)):
            table, columns = f"bench_{name}_{number}", [f'"{column}"' for column in rows[0]]
            connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            marks = ", ".join("?" * len(columns))
            values = [[_plain(row.get(column)) for column in rows[0]] for row in rows]
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
            statements.append(f"SELECT * FROM {table}")
    connection.close()
    return statements


def _tables(told: Any) -> Iterator[list[dict[str, Any]]]:
    """Every list of objects is a table; the values outside lists are one row of another."""
    alone: dict[str, Any] = {}
    nested: list[list[dict[str, Any]]] = []

    def walk(at: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(f"{at}_{name}", inner)
        elif isinstance(value, list) and value and all(isinstance(one, dict) and one for one in value):
            nested.append(value)
        else:
            alone[at] = value

    walk("", told)
    yield from [[alone]] if alone else []
    yield from nested


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def template_of(page: str, values: list[Any]) -> str:
    """The template that gives this page of these values."""
    places: dict[str, str] = {}
    for at, value in enumerate(values):
        for shown, expression in _forms(value):
            places.setdefault(shown, f"{{{{ v[{at}]{expression} }}}}")
    if not places:
        return _literal(page)
    longest_first = sorted(places, key=len, reverse=True)
    found = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w-])")
    parts, end = [], 0
    for match in found.finditer(page):
        parts += [_literal(page[end : match.start()]), places[match.group()]]
        end = match.end()
    return "".join([*parts, _literal(page[end:])])


def _forms(value: Any) -> Iterator[tuple[str, str]]:
    """How a value may stand on a page, and the filter that makes it so."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        yield day(value), "|day"
    elif isinstance(value, str) and len(value) >= FEWEST:
        yield str(escape(value)), ""
    elif isinstance(value, int) and not isinstance(value, bool):
        yield pounds(value), "|pounds"


def _literal(text: str) -> str:
    """Text as it is, whatever a template would make of it."""
    text = re.sub(r"\{[{%#]", lambda found: "{{ '" + found.group() + "' }}", text)
    # A template drops its very last line end.
    return text if not text.endswith("\n") else text[:-1] + "{{ '\\n' }}"


def renewing(connection: sqlite3.Connection, table: str) -> str:
    """The statement that records the newest fact of a table once more, as the next one."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    given = {
        "id": "lower(hex(randomblob(16)))",
        "seq": "(SELECT seq + 1 FROM last_fact)",
        "corrects": "NULL",
        "withdrawn": "0",
    }
    values = ", ".join(given.get(column, f'"{column}"') for column in columns)
    newest = f"(SELECT max(seq) FROM {table})"
    names = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE seq = {newest}"
