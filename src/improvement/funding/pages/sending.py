"""A workbook as a file that somebody downloads."""

from collections.abc import Sequence
from urllib.parse import urlencode

from improvement.access.asking import Asked
from improvement.database import is_demonstration
from improvement.dates import london_day
from improvement.web.replies import File
from improvement.web.workbook import MEDIA_TYPE, About, Sheet, written


def sent(asked: Asked, name: str, title: str, what: str, sheets: Sequence[Sheet], *, big: bool = False) -> File:
    """A workbook named for the day it looks at, that says where it came from."""
    query = f"?{urlencode(asked.query)}" if asked.query else ""
    about = About(
        what=what,
        as_at=asked.as_at,
        made_on=london_day(asked.at),
        address=f"{asked.settings.url}{asked.sent.address}{query}",
        demonstration=is_demonstration(asked.session),
    )
    return File(written(title, about, sheets, big=big), MEDIA_TYPE, f"{name}-{asked.as_at.on}.xlsx")
