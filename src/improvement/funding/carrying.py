"""Which MoU a page is about, and what its links carry so that they stay with it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from improvement.access.asking import Asked
from improvement.access.framing import DATES
from improvement.funding import queries, rules
from improvement.web.replies import Page


def about(asked: Asked, mou: str, template: str, shows: Mapping[str, Any]) -> Page:
    """A page about one MoU. What its links carry is `looking` as values, `dated` as all of an address's query and
    `also` as more of one; `crumb` leads back to where the MoU's money is."""
    kept = carried(asked, mou)
    query = urlencode(kept)
    dated = f"?{query}" if query else ""
    crumb = (f"Money {rules.on_screen(mou)}" if "mou" in kept else "Money", f"/funding{dated}")
    also = f"&{query}" if query else ""
    return Page(template, {**shows, "looking": kept, "dated": dated, "also": also, "crumb": crumb})


def carried(asked: Asked, mou: str) -> dict[str, str]:
    """The dates looked back to and, where there are several MoUs, the one it is about."""
    dates = {name: value for name, value in asked.query.items() if name in DATES}
    return {**dates, "mou": mou} if queries.are_several(asked.session, asked.as_at) else dates


def same_page(asked: Asked, mou: str, *without: str) -> dict[str, str]:
    """What the address of this page says, without some of it: for other pages and files of the same."""
    return {name: value for name, value in asked.query.items() if name not in without} | carried(asked, mou)
