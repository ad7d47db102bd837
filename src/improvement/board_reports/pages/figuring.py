"""Every figure there is: what it means, what it comes to, and what it was counted or summed from."""

from urllib.parse import urlencode

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.board_reports import figures, queries, rules
from improvement.board_reports.figures import Figure
from improvement.board_reports.rules import Audience
from improvement.dates import Month
from improvement.errors import NotFound
from improvement.money import in_pounds
from improvement.web.filters import signed_pounds
from improvement.web.replies import Page


@page("/figures", may=May.READ, of="figures", closed=True)
def all_figures(asked: Asked) -> Page:
    """Every figure somebody may read, by subject, with its meaning and what it comes to."""
    year = queries.year_for(asked.session, Month.of(asked.as_at.on))
    values = figures.compute(asked.session, year, asked.as_at)
    subjects: dict[str, list[tuple[Figure, str]]] = {}
    for figure in figures.registry(asked.session, year, asked.as_at).values():
        if _may_read(asked, figure):
            subjects.setdefault(figure.about, []).append((figure, _shown(asked, figure, values[figure.name])))
    return Page("board_reports/all_figures.html", {"subjects": subjects, "year": year, "kept": _kept(asked)})


@page("/figures/{name:str}", may=May.READ, of="figures", closed=True)
def one_figure(asked: Asked) -> Page:
    """One figure, and the things it was counted or summed from."""
    year = queries.year_for(asked.session, Month.of(asked.as_at.on))
    figure = figures.registry(asked.session, year, asked.as_at).get(str(asked.sent.path["name"]))
    if figure is None or not _may_read(asked, figure):
        raise NotFound("There is no such figure on this day. Find it in the list of figures.")
    value = figure.value(asked.session, asked.as_at)
    shown = _shown(asked, figure, value)
    few = rules.shown_count(value, queries.audience_of(asked.by)) is not None and _restricted(figure)
    counted = [] if few else figure.facts(asked.session, asked.as_at, asked.by)
    total = sum(one.amount for one in counted)
    shows = {
        "figure": figure,
        "shown": shown,
        "counted": counted,
        "missing": value - total if figure.unit != "pence" and not few else 0,
        "adds_up": total == value,
        "in_pounds": in_pounds,
        "kept": _kept(asked),
    }
    return Page("board_reports/one_figure.html", shows)


def _may_read(asked: Asked, figure: Figure) -> bool:
    reader = queries.audience_of(asked.by)
    money = figure.unit == "pence" and asked.by.role_for(May.READ_MONEY) is None
    return rules.may_read(reader, figure.audience) and not (money and reader is not Audience.SECRETARIAT)


def _restricted(figure: Figure) -> bool:
    return figure.name.startswith("concerns_restricted")


def _shown(asked: Asked, figure: Figure, value: int) -> str:
    few = rules.shown_count(value, queries.audience_of(asked.by)) if _restricted(figure) else None
    in_words = signed_pounds if figure.signed else in_pounds
    return few or (in_words(value) if figure.unit == "pence" else f"{value:,}")


def _kept(asked: Asked) -> str:
    """The dates of this page, for the links on it."""
    dates: dict[str, str] = {name: asked.query[name] for name in ("as-at", "on", "known-at") if name in asked.query}
    return "?" + urlencode(dates, safe=":") if dates else ""


routes = [all_figures, one_figure]
