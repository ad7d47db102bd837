"""The API's description: a valid OpenAPI 3.1 document that covers every route and says what each really does."""

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import schemathesis
from jsonschema_rs import Draft202012Validator

from improvement.access.asking import Declared
from improvement.access.routes import declared
from improvement.access.rules import PUBLIC, Role
from improvement.app import routes
from improvement.overview.description import address_of, describe, described, example_of, is_list, sample
from improvement.overview.description.words import ASKED
from improvement.web import forms
from tests.visiting import Tracker

URL = "https://tracker.example.org"
ROUTES = [route for route in map(declared, routes()) if described(route)]
DOCUMENT: dict[str, Any] = json.loads(msgspec.json.encode(describe(ROUTES, URL, "0")))
SCHEMAS = DOCUMENT["components"]["schemas"]


def named(route: Declared) -> str:
    return f"{route.method} {route.path}"


def operation(route: Declared) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][address_of(route)][route.method.lower()]
    return found


def within(thing: Any) -> Iterator[dict[str, Any]]:
    """Every object of the document, however deep."""
    if isinstance(thing, dict):
        yield thing
    for part in thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else ():
        yield from within(part)


def schema(reference: dict[str, Any]) -> dict[str, Any]:
    """A schema on its own, with what it refers to."""
    return {**reference, "components": DOCUMENT["components"]}


def test_it_has_the_parts_an_openapi_3_1_document_has() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert {"title", "version", "description"} <= DOCUMENT["info"].keys()
    assert DOCUMENT["servers"] == [{"url": URL}]
    assert DOCUMENT["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for path, operations in DOCUMENT["paths"].items():
        assert path.startswith("/api/v1/")
        for one in operations.values():
            assert {"operationId", "summary", "tags", "responses"} <= one.keys()


def test_everything_it_refers_to_is_there() -> None:
    for one in within(DOCUMENT):
        if reference := one.get("$ref"):
            place: Any = DOCUMENT
            for part in reference.removeprefix("#/").split("/"):
                place = place[part]


def test_no_two_operations_have_one_name() -> None:
    names = [operation(route)["operationId"] for route in ROUTES]
    assert sorted(names) == sorted(set(names))
    assert all(re.fullmatch(r"(get|post)_\w+", name) for name in names)


def test_every_schema_is_one() -> None:
    for one in SCHEMAS.values():
        Draft202012Validator(schema(one))


def test_a_program_that_reads_descriptions_reads_it() -> None:
    found = list(schemathesis.openapi.from_dict(DOCUMENT).get_all_operations())
    assert len(found) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_every_route_of_the_api_is_in_it(route: Declared) -> None:
    one = operation(route)
    assert one["summary"]
    said = {parameter["name"] for parameter in one["parameters"] if "name" in parameter and parameter["in"] == "path"}
    assert said == set(re.findall(r"{(\w+)}", address_of(route)))
    assert ({} in one.get("security", [])) == (route.may in PUBLIC)
    assert "#/components/responses/404" in json.dumps(one["responses"])


def test_nothing_else_is_in_it() -> None:
    operations = sum(len(one) for one in DOCUMENT["paths"].values())
    assert operations == len(ROUTES)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.takes is not None], ids=named)
def test_what_is_sent_is_described_as_it_is_read(route: Declared) -> None:
    takes = route.takes
    assert takes is not None
    body = operation(route)["requestBody"]["content"]["application/json"]
    wanted = SCHEMAS[body["schema"]["$ref"].rpartition("/")[2]]
    assert wanted["additionalProperties"] is False
    assert set(wanted["properties"]) == {field.name for field in forms.wanted_of(takes)}
    check = Draft202012Validator(schema(body["schema"]))
    check.validate(json.loads(json.dumps(example_of(takes))))
    forms.read_json(takes, json.loads(json.dumps(example_of(takes))))
    assert not check.is_valid({**example_of(takes), "nonsense": 1})
    assert URL in sample(route, URL)


def test_lists_have_one_shape() -> None:
    for route in ROUTES:
        if is_list(route):
            content = operation(route)["responses"]["200"]["content"]["application/json"]["schema"]
            assert content["required"] == ["items", "total", "after"]


LISTS = [route for route in ROUTES if is_list(route) and "{" not in route.path]


@pytest.mark.parametrize("path", [route.path for route in LISTS])
def test_what_a_list_answers_is_what_it_says_it_answers(tracker: Tracker, path: str) -> None:
    answer = tracker.signed_in(Role.SECRETARIAT).api(path.removeprefix("/api/v1"))
    assert answer.status_code == 200
    said = DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema(said)).validate(answer.json())


def test_whatever_an_address_may_be_asked_for_is_said() -> None:
    for route in ROUTES:
        asked = set(re.findall(r'asked\.query\.get\("(\w+)"', inspect.getsource(route.handler))) & ASKED.keys()
        said = {one["name"] for one in operation(route)["parameters"] if one.get("in") == "query"}
        assert asked <= said, named(route)


PICTURE = "/api/v1/local-accounts/{year}/picture"


def test_the_national_picture_can_be_asked_for_any_region_and_type_it_names(tracker: Tracker) -> None:
    (one,) = [op for op in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations() if op.ok().path == PICTURE]
    kinds = {each.name: each.definition["schema"] for each in one.ok().query if each.name in ("region", "type")}
    assert kinds["region"]["type"] == "string"
    said = Draft202012Validator(
        schema(
            operation(next(r for r in ROUTES if address_of(r) == PICTURE))["responses"]["200"]["content"][
                "application/json"
            ]["schema"]
        )
    )
    visitor, counted = tracker.signed_in(Role.BOARD), 0
    for kind in kinds["type"]["enum"]:
        answer = visitor.api(f"/local-accounts/2011-2012/picture?type={kind}")
        assert answer.status_code == 200
        said.validate(answer.json())
        counted += answer.json()["picture"]["councils"]
    assert counted == 152
    few = visitor.api("/local-accounts/2011-2012/picture?region=london&type=london borough").json()
    assert (few["picture"]["councils"], few["found"]) == (32, None)


@pytest.mark.parametrize(
    "address", ["/councils/atlantis/contacts", "/concerns/C-00000", "/nothing", "/councils?limit=x"]
)
def test_every_refusal_has_the_one_shape(tracker: Tracker, address: str) -> None:
    answer = tracker.signed_in(Role.SECRETARIAT).api(address)
    assert answer.status_code >= 400
    Draft202012Validator(SCHEMAS["Error"]).validate(answer.json())


def test_it_is_served_to_everybody_and_kept_until_something_changes(tracker: Tracker) -> None:
    nobody = tracker.anonymous()
    answer = nobody.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["paths"].keys() == DOCUMENT["paths"].keys()
    again = nobody.get("/api/v1/openapi.json", **{"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_the_page_shows_every_operation_with_an_example(tracker: Tracker) -> None:
    page = tracker.anonymous().get("/api").text
    for route in ROUTES:
        assert f"{route.method} {address_of(route)}" in page
    assert page.count("<pre") == len(ROUTES) + page.count(' with files">')
