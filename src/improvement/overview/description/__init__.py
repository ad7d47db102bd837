"""The API described: an OpenAPI 3.1 document made from the routes as they were declared, so that it cannot be wrong."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from improvement.access.asking import MOST_UPLOADED, Declared
from improvement.access.rules import PUBLIC
from improvement.money import MOST
from improvement.overview.description.words import (
    ABOUT,
    ALWAYS,
    ASKED,
    DATES,
    EXAMPLES,
    KEY,
    PAGES,
    PLACES,
    REFUSALS,
    WHEN_GUARDED,
    WHEN_WRITING,
    Document,
)
from improvement.web import forms
from improvement.web.lists import Listing

BELOW = "/api/v1"
SCHEMA = "#/components/schemas/{name}"


def described(route: Declared) -> bool:
    """Whether a route is one of the API's."""
    return route.path.startswith("/api/")


def describe(routes: Iterable[Declared], url: str, release: str) -> Document:
    """The whole document."""
    mine = sorted((route for route in routes if described(route)), key=lambda one: (one.path, one.method))
    given, components = _answers(mine)
    names = _names([route.takes for route in mine if route.takes is not None], components)
    for takes, name in names.items():
        components[name] = body_of(takes, components)
    paths: dict[str, Document] = {}
    for route in mine:
        shown = _operation(route, given.get(id(route), {}), names)
        paths.setdefault(address_of(route), {})[route.method.lower()] = shown
    return {
        "openapi": "3.1.0",
        "info": {"title": "Improvement tracker", "version": f"1 ({release})", "description": ABOUT},
        "servers": [{"url": url}],
        "security": [{"token": []}],
        "tags": [{"name": name} for name in sorted({tag_of(route) for route in mine})],
        "paths": paths,
        "components": {
            "schemas": dict(sorted((components | {"Error": ERROR, "Created": CREATED}).items())),
            "parameters": {
                **{name: _parameter(name, "query", schema) for name, schema in (DATES | PAGES).items()},
                "Idempotency-Key": _parameter("Idempotency-Key", "header", KEY),
            },
            "responses": {str(status): _refusal(words) for status, words in REFUSALS.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "Made under /me."}},
        },
    }


ERROR: Document = {
    "type": "object",
    "required": ["status", "error", "fields"],
    "additionalProperties": False,
    "properties": {
        "status": {"type": "integer"},
        "error": {"type": "string", "description": "One sentence: what happened and what to do."},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "examples": [{"status": 404, "error": "There is no council “atlantis”.", "fields": {}}],
}
CREATED: Document = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "description": "The fact's own id, to correct it by."},
        "ref": {"type": "string", "description": "The reference people quote, where there is one."},
    },
}


def _parameter(name: str, place: str, schema: Document) -> Document:
    words = {key: value for key, value in schema.items() if key == "description"}
    plain = {key: value for key, value in schema.items() if key != "description"}
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, **required, **words, "schema": plain}


def _refusal(words: str) -> Document:
    return {"description": words, "content": {"application/json": {"schema": _ref("Error")}}}


def _ref(name: str, kind: str = "schemas") -> Document:
    return {"$ref": f"#/components/{kind}/{name}"}


def address_of(route: Declared) -> str:
    """The path as OpenAPI writes it, without the kinds of its parameters."""
    return "/".join(f"{{{_name(part)}}}" if part.startswith("{") else part for part in route.path.split("/"))


def _name(part: str) -> str:
    return part.strip("{}").partition(":")[0]


def tag_of(route: Declared) -> str:
    """What it is about: the first word after the version."""
    first = route.path.removeprefix(BELOW).split("/")[1]
    return "this description" if first.startswith("openapi") else first.replace("-", " ")


def is_list(route: Declared) -> bool:
    """Whether it answers one page of a list."""
    return get_type_hints(route.handler).get("return") is Listing


def _answers(routes: list[Declared]) -> tuple[dict[int, Document], Document]:
    """The schema of what each route gives, by the route's identity, and the schemas they share."""
    reading = [route for route in routes if route.gives is not None]
    made = msgspec.json.schema_components([route.gives for route in reading], ref_template=SCHEMA)
    told = msgspec.json.encode(made).decode()
    # Two slices may have a thing of one name. The long name that tells them apart is shortened to slice and thing.
    for long in (name for name in made[1] if "." in name):
        told = told.replace(f'/{long}"', f'/{_short(long)}"').replace(f'"{long}":', f'"{_short(long)}":')
    schemas, components = msgspec.json.decode(told)
    return {id(route): schema for route, schema in zip(reading, schemas, strict=True)}, components


def _short(name: str) -> str:
    """The slice and the thing: LocalAccountsRow for improvement.local_accounts.queries.Row."""
    parts = name.split(".")
    return "".join(word.title() for word in parts[1].split("_")) + parts[-1]


def _names(inputs: list[type[msgspec.Struct]], taken: Document) -> dict[type[msgspec.Struct], str]:
    """What each input is called, with its slice before it where the name alone would not tell."""
    every = dict.fromkeys(inputs)
    used = Counter([*(one.__name__ for one in every), *taken])
    return {
        one: one.__name__ if used[one.__name__] == 1 else _short(f"{one.__module__}.{one.__name__}") for one in every
    }


def _operation(route: Declared, gives: Document, names: dict[type[msgspec.Struct], str]) -> Document:
    needs = () if route.may in PUBLIC else WHEN_GUARDED
    statuses = sorted({*ALWAYS, *needs, *(WHEN_WRITING if route.writes else (422,))})
    done = _recorded() if route.writes else {"200": _given(route, gives), "304": {"description": "Not changed."}}
    words = [_name(part) for part in address_of(route).removeprefix(BELOW).split("/") if part]
    return {
        "operationId": "_".join([route.method.lower(), *words]).replace("-", "_").replace(".", "_"),
        "summary": route.says.replace("`", "").rstrip("."),
        "tags": [tag_of(route)],
        "description": who_may(route),
        "parameters": _parameters(route),
        **({"security": [{}, {"token": []}]} if route.may in PUBLIC else {}),
        **(_body(route.takes, names[route.takes], route.takes_files) if route.takes is not None else {}),
        "responses": done | {str(status): _ref(str(status), "responses") for status in statuses},
    }


def _recorded() -> Document:
    return {"201": {"description": "Recorded.", "content": {"application/json": {"schema": _ref("Created")}}}}


def who_may(route: Declared) -> str:
    """Who may use it, in a sentence."""
    return "Open to everybody." if route.may in PUBLIC else f"You need to be allowed to {route.may}."


def _body(takes: type[msgspec.Struct], name: str, with_files: bool) -> Document:
    shown: Document = {"application/json": {"schema": _ref(name), "example": example_of(takes)}}
    if with_files:
        file = {"type": "string", "contentMediaType": BYTES}
        parts = {"json": _ref(name), "files": {"type": "array", "items": file}}
        told = {"description": WITH_FILES, "additionalProperties": False}
        shown["multipart/form-data"] = {
            "schema": {"type": "object", **told, "required": ["json"], "properties": parts},
            "encoding": {"json": {"contentType": "application/json"}, "files": {"contentType": BYTES}},
        }
    return {"requestBody": {"required": True, "content": shown}}


BYTES = "application/octet-stream"
WITH_FILES = (
    "The same as JSON in a part named json, and each file as it is, with its name, in a part named files: "
    f"{MOST_UPLOADED // 1_000_000} MB in all. In JSON alone files are in base64, within the 1 MB of a body."
)


def _given(route: Declared, schema: Document) -> Document:
    if is_list(route):
        schema = {
            "type": "object",
            "required": ["items", "total", "after"],
            "properties": {
                "items": {"type": "array", "items": schema},
                "total": {"type": "integer", "description": "How many there are in all."},
                "after": {"type": ["string", "null"], "description": "What to ask for next; null on the last page."},
            },
        }
    tag = {"ETag": {"schema": {"type": "string"}, "description": "Send it back as If-None-Match."}}
    return {"description": "As asked.", "headers": tag, "content": {"application/json": {"schema": schema}}}


def _parameters(route: Declared) -> list[Document]:
    parts = [part for part in route.path.split("/") if part.startswith("{")]
    found = [_parameter(_name(part), "path", _place(part)) for part in parts]
    if route.writes:
        return [*found, _ref("Idempotency-Key", "parameters")]
    found += [_ref(name, "parameters") for name in DATES]
    named = [name for name in ASKED if f"`{name}`" in route.says]
    found += [_parameter(name, "query", ASKED[name]) for name in named]
    if is_list(route):
        found += [_ref(name, "parameters") for name in PAGES]
        found += [_filter(name) for name in route.gives.__struct_fields__ if name not in named]
    return found


def _place(part: str) -> Document:
    name, _, kind = part.strip("{}").partition(":")
    return PLACES.get(name) or {"type": "string", **({"format": "uuid"} if kind == "uuid" else {})}


def _filter(name: str) -> Document:
    return _parameter(name, "query", {"type": "string", "description": f"Only those whose {name} is this."})


class Shown(msgspec.Struct, frozen=True):
    """One operation as people read it."""

    tag: str
    method: str
    address: str
    says: str
    who: str
    fields: list[tuple[str, str, bool]]
    sample: str
    with_files: str = ""
    """How files are sent beside it as they are, where it takes some."""


def shown(routes: Iterable[Declared], url: str) -> list[Shown]:
    """Every operation, by subject, what is read before what is recorded."""
    mine = [route for route in routes if described(route)]
    return [
        Shown(
            tag=tag_of(route),
            method=route.method,
            address=address_of(route),
            says=route.says,
            who=who_may(route),
            fields=[(one.name, one.words, one.required) for one in forms.wanted_of(route.takes)] if route.takes else [],
            sample=sample(route, url),
            with_files=sample(route, url, with_files=True) if route.takes_files else "",
        )
        for route in sorted(mine, key=lambda one: (tag_of(one), one.method, one.path))
    ]


def sample(route: Declared, url: str, *, with_files: bool = False) -> str:
    """A command line that uses it, as somebody would type it."""
    known = EXAMPLES | ({"ref": EXAMPLES["action"]} if tag_of(route) == "actions" else {})
    parts = [known.get(_name(part), _name(part)) if part.startswith("{") else part for part in route.path.split("/")]
    address = f'"{url}{"/".join(parts)}"'
    token = '-H "Authorization: Bearer $TOKEN"'
    if route.takes is None:
        return f"curl {'' if route.may in PUBLIC else token + ' '}{address}"
    body = msgspec.json.encode(example_of(route.takes)).decode().replace("'", "’")
    if with_files:
        return f"curl {token} \\\n  -F 'json={body};type=application/json' \\\n  -F files=@invoice.pdf \\\n  {address}"
    return f"curl {token} \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}' \\\n  {address}"


def body_of(takes: type[msgspec.Struct], components: Document) -> Document:
    """The schema of a body, from the very description its reader goes by. Unknown fields are refused."""
    fields = forms.wanted_of(takes)
    return {
        "type": "object",
        "description": (takes.__doc__ or "").partition("\n")[0],
        "additionalProperties": False,
        "required": [field.name for field in fields if field.required],
        "properties": {field.name: _field(field, components) for field in fields},
    }


def _field(field: forms.Wanted, components: Document) -> Document:
    schema = {"description": f"{field.words[:1].upper()}{field.words[1:]}.", **_schema(field, components)}
    if not field.required and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema


def _schema(field: forms.Wanted, components: Document) -> Document:
    kind = field.kind
    if field.money:
        return {"type": "integer", "minimum": 1, "maximum": MOST}
    if kind is str:
        return {"type": "string", "maxLength": field.most, **({"minLength": 1} if field.required else {})}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [choice.value for choice in kind]}
    if kind in (int, bool):
        bounds = {"minimum": field.span.ge, "maximum": field.span.le} if field.span else {}
        return {"type": "integer" if kind is int else "boolean", **bounds}
    if kind in (date, datetime, UUID):
        return {"type": "string", "format": {date: "date", datetime: "date-time", UUID: "uuid"}[kind]}
    (schema,), more = msgspec.json.schema_components([kind], ref_template=SCHEMA)
    components |= more
    return dict(schema)


def example_of(takes: type[msgspec.Struct]) -> Document:
    """A body with the fields that have to be there, as somebody might send it. A correction withdraws."""
    fields = forms.wanted_of(takes)
    shown = [field for field in fields if field.required or field.name == "withdrawn"]
    return {field.name: _example(field.name, field.kind, field.words) for field in shown}


def _example(name: str, kind: Any, words: str) -> Any:
    if name in EXAMPLES:
        return EXAMPLES[name]
    if get_origin(kind) is list:
        return [_example("", get_args(kind)[0], words)]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return example_of(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    plain: dict[Any, Any] = {
        int: 150_000,
        bool: True,
        date: "2011-12-15",
        UUID: "0b6f3c1e-5d0a-4f51-9d0e-1f6f6f3b2a10",
    }
    return plain.get(kind, words[:1].upper() + words[1:])
