"""The national picture, as JSON."""

from collections.abc import Sequence

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import api_get
from improvement.access.rules import May
from improvement.dates import ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.queries import picture as pictures
from improvement.local_accounts.queries.extensions import Extension


class Whole(msgspec.Struct, frozen=True):
    """Everything the picture shows.

    `found` is none of some councils, but for those who see them all in full; and of all of them, where one or two of
    the accounts that somebody does not see were read.
    """

    picture: pictures.Picture
    councils: Sequence[queries.Row]
    found: pictures.Found | None
    more_time: Sequence[Extension]


@api_get("/local-accounts/{year:str}/picture", may=May.READ, of="local accounts", gives=Whole)
def picture(asked: Asked) -> Whole:
    """The national picture, of all councils or of those of a `region` and a `type`."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    region, kind = asked.query.get("region", "").strip(), asked.query.get("type", "").strip()
    councils = pictures.chosen(asked.session, which, asked.as_at, region, kind)
    mine = {one.slug for one in councils}
    agreed = pictures.more_time(asked.session, which, asked.as_at, councils, asked.by)
    return Whole(
        picture=pictures.picture(asked.session, which, asked.as_at, region, kind),
        councils=[row for row in queries.rows(asked.session, which, asked.as_at, asked.by) if row.council in mine],
        found=pictures.found(asked.session, which, asked.as_at, councils, asked.by),
        more_time=[more for _, more in agreed],
    )


routes = [picture]
