"""Working rows: which notice was written to whom, and who wants none."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Working


class NoticeRow(Working):
    """One notice, once for each key. `message` is the message it became in the outbox, which forgets after a while:
    `became` is what is kept of that. A row without a message says that a day's notices were written."""

    __tablename__ = "notice"
    shows = False

    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    to_address: Mapped[str] = mapped_column(String(254), index=True)
    message: Mapped[int | None]
    written_at: Mapped[datetime]
    about: Mapped[str]
    regions: Mapped[list[str]]
    """The regions of the councils it is about, which decide who else may know of it."""
    became: Mapped[str]


class StopRow(Working):
    """Somebody followed the stop link: no notice is written to this address until they ask for them again."""

    __tablename__ = "notice_stop"
    shows = False

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    stopped_at: Mapped[datetime]
