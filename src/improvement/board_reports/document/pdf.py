"""The report as a tagged PDF (PDF/UA-1): the same bytes for the same content, on every machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from improvement.board_reports import rules
from improvement.board_reports.document import pictures
from improvement.board_reports.document.content import NO_FORECAST, Content, Table, in_words, together
from improvement.dates import ProgrammeYear
from improvement.local_accounts import rules as account_rules
from improvement.money import in_pounds
from improvement.web import drawing
from improvement.web.tiles import Layout

HERE = Path(__file__).parents[1]
WIDE = 5
"""How many columns of figures leave each of them room."""


def pdf(content: Content, layout: Layout, about: Sequence[tuple[str, str]]) -> bytes:
    """A report, reduced for its reader already, as a PDF of A4 pages."""
    import typst

    report = {
        "title": content.title,
        "caption": rules.FOR_WHOM[content.audience],
        "about": [[what, together(said)] for what, said in about],
        "demonstration": content.demonstration,
        "because": content.because,
        "sections": sections(content, layout),
    }
    made = typst.compile(
        str(HERE / "templates" / "report.typ"),
        root=str(HERE / "templates"),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"report": msgspec.json.encode(report).decode()},
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=int(content.known_at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


Block = dict[str, Any]


def sections(content: Content, layout: Layout) -> list[dict[str, Any]]:
    """What a report says in order: under each heading its blocks, each of a kind of its own."""
    kept = [(heading, blocks) for heading, blocks in _parts(content, layout).items() if blocks]
    return [{"heading": f"{at}. {heading}", "blocks": blocks} for at, (heading, blocks) in enumerate(kept, start=1)]


def _parts(content: Content, layout: Layout) -> dict[str, list[Block]]:
    """What stands under each heading; a heading with nothing under it is left out."""
    words = account_rules.words(content.deadline)
    drawn = {table.name: _table(table, at) for at, table in enumerate((one for one in content.tables if one.groups), 1)}
    heads = {"kind": "headlines", "items": [[one.strong, together(one.rest)] for one in content.headlines]}
    changes = [_say(content.change_words), *_shown(drawn, "changes", "money-changes"), *_restated(content)]
    accounts = [*_map(content, layout, words), *_bars(content), *_shown(drawn, "accounts"), *_trend(content)]
    return {
        "Headlines": [heads, *_written(content, "headlines")],
        "Decisions wanted": _listed("numbered", content.passage("decisions")),
        "Money": [*_money(content), *_shown(drawn, "money"), *_forecast(content, drawn), *_written(content, "money")],
        f"Local accounts {ProgrammeYear.parse(content.year).on_screen}": [*accounts, *_written(content, "accounts")],
        "Concerns and actions": [*_shown(drawn, "concerns"), *_written(content, "concerns")],
        "Changes since the last report": changes,
        "Notes on the data": [
            *_listed("items", [note.text for note in content.notes]),
            *_written(content, "notes"),
        ],
    }


def _listed(kind: str, texts: Sequence[str]) -> list[Block]:
    return [{"kind": kind, "items": [together(text) for text in texts]}] if texts else []


def _say(text: str) -> Block:
    return {"kind": "paragraph", "text": together(text)}


def _written(content: Content, section: str) -> list[Block]:
    return [_say(paragraph) for paragraph in content.passage(section)]


def _restated(content: Content) -> list[Block]:
    if not content.compared_with:
        return []
    if not content.restatements:
        return [_say("Nothing in that report is restated.")]
    return [_say("Restated:"), *_listed("items", [note.text for note in content.restatements])]


def _shown(tables: Mapping[str, Block], *names: str) -> list[Block]:
    return [tables[name] for name in names if name in tables]


def _forecast(content: Content, tables: Mapping[str, Block]) -> list[Block]:
    if content.forecast is None:
        return [_say(NO_FORECAST)] if content.money_parts else []
    return _shown(tables, "forecast")


def _table(table: Table, number: int) -> Block:
    def row(one: Any) -> dict[str, Any]:
        cells = [in_words(cell, column) for cell, column in zip(one.cells, table.columns, strict=True)]
        return {"label": one.label, "note": one.note, "cells": cells, "total": one.total, "mark": _mark(one.position)}

    groups = [{"heading": group.heading, "rows": [row(one) for one in group.rows]} for group in table.groups]
    return {
        "kind": "table",
        "title": together(f"Table {number}. {table.title}"),
        "first": table.first,
        "columns": [
            [_heading(column.text, len(table.columns)), column.unit, column.kind == "words"] for column in table.columns
        ],
        "groups": groups,
        "foot": [row(one) for one in table.foot],
    }


def _heading(text: str, columns: int) -> str:
    """A column's heading; only where there is room does a day stay on one line."""
    return together(text) if columns <= WIDE else text


def _mark(position: str) -> str:
    """A position's mark as a small SVG of its own."""
    if not position:
        return ""
    look = drawing.POSITION_LOOKS[position]
    square = (
        f'<rect x="-8.5" y="-8.5" width="17" height="17" rx="2" fill="{look.fill}" stroke="{look.edge or look.fill}"/>'
    )
    shape = drawing.shape(look.key, look.ink, 5.6, classed=False)
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="18" height="18" viewBox="-9 -9 18 18">{square}{shape}</svg>'


def _picture(svg: str, alt: str, width: str) -> Block:
    return {"kind": "picture", "svg": svg, "alt": alt, "width": width}


def _money(content: Content) -> list[Block]:
    if not content.money_parts:
        return [_say("There is no Memorandum of Understanding with a funder yet.")]
    parts = [(part.kind, part.words, part.pence) for part in content.money_parts]
    said = "; ".join(f"{words[:1].lower()}{words[1:]} {in_pounds(pence)}" for _, words, pence in parts)
    whole = in_pounds(content.figures["funding_in_force_pence"].value)
    key = [{"mark": _box(kind), "text": words, "number": in_pounds(pence)} for kind, words, pence in parts]
    bar = _picture(drawing.money_bar_svg(parts), f"Of {whole}: {said}.", "100%")
    return [bar, {"kind": "legend", "items": key, "columns": 2}]


def _box(kind: str) -> str:
    fill, edge, _ = drawing.MONEY_LOOKS[kind]
    box = f'<rect x="1" y="1" width="16" height="16" fill="{fill}" stroke="{edge}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="18" height="18" viewBox="0 0 18 18">{box}</svg>'


def _map(content: Content, layout: Layout, words: Mapping[str, str]) -> list[Block]:
    if not content.positions:
        return []
    counts = pictures.national(content)
    key = [
        {"mark": _mark(position), "text": words[position], "number": f"{count:,}"} for position, count in counts.items()
    ]
    picture = _picture(drawing.map_svg(layout, content.positions), pictures.map_in_words(counts, words), "74%")
    return [picture, {"kind": "legend", "items": key, "columns": 2}]


def _bars(content: Content) -> list[Block]:
    rows = pictures.bars(content.accounts)
    said = "; ".join(f"{row.name} {row.published} of {row.total}" for row in rows)
    bars = _picture(drawing.region_bars_svg(rows), f"Councils that have published, by region: {said}.", "100%")
    return [{"kind": "heading", "text": "By region"}, bars] if rows else []


def _trend(content: Content) -> list[Block]:
    if not content.trend:
        return []
    said = pictures.trend_in_words(content.trend)
    picture = _picture(drawing.trend_svg(pictures.columns(content.trend)), said, "100%")
    key = "Solid: published. Dashed: if expected dates are kept." if any(one.projected for one in content.trend) else ""
    return [{"kind": "heading", "text": "Published by the end of each week"}, picture, *([_say(key)] if key else [])]
