"""Splits, as JSON."""

from improvement.access.asking import Asked
from improvement.access.routes import api_get, api_post
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.funding import commands, queries
from improvement.funding.book import Kind
from improvement.funding.entering.splits import Adoption, Split
from improvement.funding.queries import splits as asking
from improvement.web import forms
from improvement.web.lists import Listing, listing
from improvement.web.replies import Created


def _check_sees(asked: Asked) -> None:
    """What-ifs are about every region at once. Raises `NotFound` for those who see one."""
    if not queries.sees_all(asked.by):
        raise NotFound("There are no splits here for you to see.")


@api_get("/funding/splits", may=May.READ_MONEY, of="money", gives=asking.Split)
def splits(asked: Asked) -> Listing:
    """The what-if splits that stand, each with its division, the newest first."""
    _check_sees(asked)
    query = {name: value for name, value in asked.query.items() if name != "mou"}
    known = queries.mous(asked.session, asked.as_at)
    rows = asking.splits(asked.session, asked.as_at, asked.query.get("mou", "")) if known else []
    return listing(rows, query, "ref")


@api_get("/funding/splits/{ref:str}", may=May.READ_MONEY, of="money", gives=asking.Split)
def split(asked: Asked) -> asking.Split:
    """One split, with its division."""
    _check_sees(asked)
    return asking.split(asked.session, asked.as_at, str(asked.sent.path["ref"]))


@api_post("/funding/splits", may=May.MANAGE_MONEY, of="money", takes=Split)
def save_split(asked: Asked) -> Created:
    """Save a what-if split, or (with a `ref`) the next version of one. Nothing is allocated by it."""
    return _record(asked, Kind.SPLIT, forms.from_json(Split, asked.sent.body))


@api_post("/funding/splits/adoptions", may=May.MANAGE_MONEY, of="money", takes=Adoption)
def adopt_split(asked: Asked) -> Created:
    """Adopt a split: its allocations, or one virement that makes them so, are recorded with it."""
    return _record(asked, Kind.ADOPTED, forms.from_json(Adoption, asked.sent.body))


def _record(asked: Asked, kind: Kind, wanted: Split | Adoption) -> Created:
    id_ = commands.do(asked.session, kind, wanted, by=asked.by, at=asked.at)
    return Created(str(id_), commands.input_of(*queries.fact(asked.session, id_))["ref"])


routes = [splits, split, save_split, adopt_split]
