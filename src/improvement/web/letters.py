"""A message's text as a page of HTML: headings, one column, links with words. No picture, and nothing fetched."""

import re
from functools import cache
from itertools import takewhile

import msgspec
from jinja2 import Template

from improvement.web.environment import environment

_ADDRESS = re.compile(r"https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)]")
_ITEM = "- "


class Piece(msgspec.Struct, frozen=True):
    """A few words, which lead somewhere if they have an address."""

    text: str
    href: str = ""


class Block(msgspec.Struct, frozen=True):
    """A paragraph, a heading, or a list whose items are each some paragraphs."""

    kind: str
    pieces: list[Piece] = []
    items: list[list[Piece]] = []


def as_page(subject: str, text: str) -> str:
    """The page that says what a text says, under its subject."""
    return _template().render(subject=subject, blocks=blocks(text))


@cache
def _template() -> Template:
    return environment({}).get_template("letter.html")


def blocks(text: str) -> list[Block]:
    """A text as blocks: what stands above a list is its heading, and an address becomes a link with its words."""
    found: list[Block] = []
    for paragraph in text.strip().split("\n\n"):
        rows = [row for row in paragraph.split("\n") if row.strip()]
        above = list(takewhile(lambda row: not row.startswith(_ITEM), rows))
        listed = rows[len(above) :]
        if listed and above:
            found.append(Block("heading", [Piece(" ".join(row.strip() for row in above).removesuffix(":"))]))
        elif above:
            found.append(Block("paragraph", _pieces(above)))
        if listed:
            found.append(Block("list", items=[_pieces(item, led=True) for item in _items(listed)]))
    return found


def _items(rows: list[str]) -> list[list[str]]:
    items: list[list[str]] = []
    for row in rows:
        if row.startswith(_ITEM):
            items.append([row.removeprefix(_ITEM)])
        else:
            items[-1].append(row)
    return items


def _pieces(rows: list[str], *, led: bool = False) -> list[Piece]:
    """Rows as pieces. The last sentence of a row that ends in a colon, or all of the first row of an item, is the words
    of the address below it."""
    pieces, rows, at = list[Piece](), [row.strip() for row in rows], 0
    while at < len(rows):
        row, below = rows[at], rows[at + 1] if at + 1 < len(rows) else ""
        pieces += [Piece(" ")] if pieces else []
        if _ADDRESS.fullmatch(below) and (row.endswith(":") or (led and at == 0)) and not _ADDRESS.search(row):
            whole = row.removesuffix(":")
            begins = 0 if led and at == 0 else whole.rfind(". ") + 2 if ". " in whole else 0
            pieces += [Piece(whole[:begins])] if begins else []
            pieces.append(Piece(whole[begins:], below))
            at += 1
        else:
            pieces += _linked(row)
        at += 1
    return pieces


def _linked(row: str) -> list[Piece]:
    """A row with the addresses in it as links."""
    pieces, done = list[Piece](), 0
    for match in _ADDRESS.finditer(row):
        pieces += [Piece(row[done : match.start()]), Piece(match[0], match[0])]
        done = match.end()
    return [piece for piece in (*pieces, Piece(row[done:])) if piece.text]
