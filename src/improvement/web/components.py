"""The pieces pages are put together from: the frame round every page, and the Design System's macros."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup, escape

from improvement.web.drawing import POSITION_LOOKS
from improvement.web.filters import sentence_case


class NavItem(msgspec.Struct, frozen=True):
    """A link of the main navigation; `current` marks where we are."""

    href: str
    text: str
    current: bool = False


class LookingBack(msgspec.Struct, frozen=True):
    """The bar that says a page looks back: “As known at the end of 31 December 2011.”"""

    sentence: str
    back_href: str
    change_href: str


class SentBefore(msgspec.Struct, frozen=True):
    """That somebody sent just what a page asks them to check: when, and the page that showed what was done."""

    at: datetime
    href: str


class Frame(msgspec.Struct, frozen=True):
    """What the frame of every page needs. A person's name is none when nobody is signed in."""

    person_name: str | None = None
    person_roles: str = ""
    demonstration: bool = False
    nav: tuple[NavItem, ...] = ()
    as_at: LookingBack | None = None
    csrf: str | None = None
    idempotency_key: str = ""
    saved: str | None = None
    before: SentBefore | None = None
    """What is recorded already of what is to be checked."""
    look_back: str = ""
    """Where to choose the day to see this page as at; nothing where a page cannot be looked back at."""


class Head(msgspec.Struct, frozen=True):
    """A column's heading. `sorted` is ascending, descending or nothing; `href` sorts by the column."""

    text: str
    numeric: bool = False
    unit: str = ""
    href: str = ""
    sorted: str = ""


def marked(words: Mapping[str, str]) -> dict[str, Markup]:
    """Each position as its mark and words, made once for a long list of rows."""
    return {
        position: Markup(f'<span class="app-pos">{look.swatch}{escape(sentence_case(words[position]))}</span>')
        for position, look in POSITION_LOOKS.items()
        if position in words
    }


def items(choices: Iterable[Sequence[str]], chosen: Sequence[str], chosen_is: str) -> list[dict[str, Any]]:
    """Choices (value, text and perhaps a hint) as the Design System's macros take them; `chosen_is` is their word
    for it: checked or selected."""
    return [
        {
            "value": choice[0],
            "text": choice[1],
            "hint": {"text": choice[2]} if len(choice) > 2 and choice[2] else None,
            chosen_is: choice[0] in chosen,
        }
        for choice in choices
    ]


GOVUK_MACROS = {
    "govukBackLink": "back-link",
    "govukButton": "button",
    "govukCharacterCount": "character-count",
    "govukCheckboxes": "checkboxes",
    "govukDateInput": "date-input",
    "govukDetails": "details",
    "govukErrorMessage": "error-message",
    "govukErrorSummary": "error-summary",
    "govukFieldset": "fieldset",
    "govukFileUpload": "file-upload",
    "govukInput": "input",
    "govukInsetText": "inset-text",
    "govukNotificationBanner": "notification-banner",
    "govukPanel": "panel",
    "govukRadios": "radios",
    "govukSelect": "select",
    "govukSummaryList": "summary-list",
    "govukTabs": "tabs",
    "govukTag": "tag",
    "govukTaskList": "task-list",
    "govukTextarea": "textarea",
    "govukWarningText": "warning-text",
}


def govuk_macros() -> dict[str, Any]:
    """The Design System's macros, from an environment of their own: they rely on names that may be missing."""
    lenient = Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return {
        macro: getattr(lenient.get_template(f"govuk_frontend_jinja/components/{folder}/macro.html").module, macro)
        for macro, folder in GOVUK_MACROS.items()
    }
