"""What people read is sound before anybody asks: every template compiles, and calls nothing that is not there."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from jinja2 import Environment, nodes

from improvement.app import templates

GOVUK = "govuk_frontend_jinja/"


@cache
def environment() -> Environment:
    """The environment the service uses."""
    made: Environment = templates()
    return made


def ours() -> list[str]:
    """Every template of ours by its name."""
    return [name for name in environment().list_templates() if not name.startswith(GOVUK)]


def text(name: str) -> str:
    """A template as it is written."""
    loader = environment().loader
    assert loader is not None
    return loader.get_source(environment(), name)[0]


def imported(name: str) -> Iterator[tuple[str, str]]:
    """The macros a template calls in another: whose, and which."""
    tree = environment().parse(text(name))
    known = {
        found.target: found.template.value
        for found in tree.find_all(nodes.Import)
        if isinstance(found.template, nodes.Const)
    }
    for found in tree.find_all(nodes.Getattr):
        if isinstance(found.node, nodes.Name) and found.node.name in known:
            yield known[found.node.name], found.attr


@pytest.mark.parametrize("name", ours())
def test_every_template_compiles_and_calls_only_macros_that_are_there(name: str) -> None:
    environment().get_template(name)
    called = {(whose, macro): environment().get_template(whose).module for whose, macro in imported(name)}
    assert [name for name, whose in called.items() if not hasattr(whose, name[1])] == []


@pytest.mark.parametrize("name", ours())
def test_no_template_trusts_text_or_writes_what_the_content_policy_refuses(name: str) -> None:
    written = re.sub(r"\{#.*?#\}", "", text(name), flags=re.DOTALL)
    assert not re.search(r"\|\s*safe\b", written), "escaping is never turned off"
    assert not re.search(r"{%-?\s*autoescape\s+false", written)
    assert not re.search(r"<script(?![^>]*\bsrc=)", written), "scripts are files of ours"
    assert not re.search(r"\son(click|change|input|submit|load|error|focus|blur|key\w+|mouse\w+)=", written), (
        "nor in an attribute"
    )
    assert not re.search(r"<[^>]*\sstyle=", written), "looks are in the stylesheet"


@pytest.mark.parametrize("name", ours())
def test_no_template_asks_another_host_for_anything(name: str) -> None:
    fetched = re.findall(r"<(?:script|link|img|iframe|source|form)\b[^>]*>", text(name))
    assert [tag for tag in fetched if re.search(r"\b(src|href|action)=[\"']?(https?:)?//", tag)] == []
