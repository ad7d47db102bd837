"""National posts, as JSON."""

from improvement.access.asking import Asked
from improvement.access.routes import api_get
from improvement.access.rules import May
from improvement.funding import queries
from improvement.funding.api.money import records
from improvement.funding.book import Kind
from improvement.funding.queries.posts import Post
from improvement.funding.queries.posts import posts as all_posts
from improvement.web.lists import Listing, listing


@api_get("/funding/posts", may=May.READ_MONEY, of="national posts", gives=Post)
def posts(asked: Asked) -> Listing:
    """Every national post this person sees: its terms and state on the day, its forecast, and what its vacancy left."""
    query = {name: value for name, value in asked.query.items() if name != "mou"}
    seen = queries.sees_all(asked.by) and bool(queries.mous(asked.session, asked.as_at))
    rows = all_posts(asked.session, asked.as_at, asked.query.get("mou", "")) if seen else []
    return listing(rows, query, "line")


routes = [
    posts,
    records("posts/terms", Kind.POST_TERMS, "Set what a national post is and costs, from a day on."),
    records(
        "posts/states", Kind.POST_STATE, "Record that a national post was advertised, appointed to, filled or ended."
    ),
]
