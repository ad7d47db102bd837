"""National posts, as pages: all of them, and one with its profile and its history."""

from urllib.parse import urlencode

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.carrying import about
from improvement.funding.queries import posts as asking
from improvement.funding.queries.posts import Post
from improvement.money import in_pounds
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page

OPEN = ("in negotiation", "agreed")
"""The states of an MoU in which posts are still set up and filled."""
SUMS = ("annual_cost_pence", "profile_total_pence", "vacancy_pence", "releasable_pence")


def _all(asked: Asked) -> list[Post]:
    """Every post, for those who see all the money. Raises `NotFound`."""
    if not queries.sees_all(asked.by):
        raise NotFound("There are no national posts here. Your region’s money is under Money.")
    known = queries.mous(asked.session, asked.as_at)
    return asking.posts(asked.session, asked.as_at, asked.query.get("mou", "")) if known else []


@page("/funding/posts", may=May.READ_MONEY, of="national posts")
def posts(asked: Asked) -> Page:
    """The national posts: what each costs, where its filling stands, and what its vacancy leaves."""
    rows = _all(asked)
    if not queries.mous(asked.session, asked.as_at):
        return Page("funding/nothing.html", {"changing": _changing(asked)})
    mou = queries.mou(asked.session, asked.as_at, asked.query.get("mou", ""))
    shows = {
        "mou": mou,
        "rows": rows,
        "months": asking.period(asked.session, asked.as_at, mou.mou),
        "sums": {name: sum(getattr(row, name) or 0 for row in rows) for name in SUMS},
        "wte": sum(row.wte_hundredths or 0 for row in rows),
        "changing": _changing(asked) and mou.state in OPEN,
    }
    return about(asked, mou.mou, "funding/posts.html", shows)


def _changing(asked: Asked) -> bool:
    return asked.by.may(May.MANAGE_MONEY) and not asked.looking_back


@page("/funding/posts.csv", may=May.READ_MONEY, of="national posts")
def posts_csv(asked: Asked) -> File:
    """The posts for a spreadsheet."""
    written = as_csv(Post.__struct_fields__, (msgspec.structs.astuple(row) for row in _all(asked)))
    return File(written, "text/csv", f"funding-posts-{asked.as_at.on}.csv")


@page("/funding/posts.json", may=May.READ_MONEY, of="national posts")
def posts_json(asked: Asked) -> File:
    """The posts for a program."""
    return File(msgspec.json.encode(_all(asked)), "application/json", f"funding-posts-{asked.as_at.on}.json")


@page("/funding/posts/{line:str}", may=May.READ_MONEY, of="national post")
def post(asked: Asked) -> Page:
    """One post: what it is and costs month by month, its vacancy, and everything that was said of it."""
    line, slug = str(asked.sent.path["line"]), asked.query.get("mou", "")
    mou = queries.mou(asked.session, asked.as_at, slug)
    row = queries.line(asked.session, asked.as_at, line, asked.by, mou.mou)
    story = asking.post(asked.session, asked.as_at, mou.mou, row.line)
    shows = {
        "mou": mou,
        "story": story,
        "post": story.post,
        "sums": {
            **{name: sum(getattr(month, name) or 0 for month in story.months) for name in _OF_MONTH},
            "difference_pence": sum(
                each.planned_pence - (each.vacancy_pence or 0) - each.actual_pence
                for each in story.months
                if each.actual_pence is not None
            ),
        },
        "releases": _releases(story.post, mou.mou),
        "changing": _changing(asked) and mou.state in OPEN,
    }
    return about(asked, mou.mou, "funding/post.html", shows)


_OF_MONTH = ("planned_pence", "vacancy_pence", "actual_pence")


def _releases(post: Post, mou: str) -> list[tuple[str, str]]:
    """What can be released because the post was vacant, as links to the form: first what stands in the way."""
    steps = [("commitment", post.release_first_pence), ("allocation", post.releasable_pence)]
    why = f"{post.title} was vacant for part of its term"
    return [
        (
            f"Release {in_pounds(pence)} of its {'commitments' if of == 'commitment' else 'allocation'}",
            "/funding/releases/new?"
            + urlencode(
                {"mou": mou, "line": post.line, "of": of, "amount_pence": in_pounds(pence).lstrip("£"), "why": why}
            ),
        )
        for of, pence in steps
        if pence > 0
    ]


routes = [posts, posts_csv, posts_json, post]
