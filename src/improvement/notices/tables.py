"""Working rows: which notice was written to whom, and who wants none."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Working


class NoticeRow(Working):
    """One notice, once for each key. `message` is the message it became in the outbox."""

    __tablename__ = "notice"
    shows = False

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    to_address: Mapped[str] = mapped_column(String(254), index=True)
    message: Mapped[int | None]
    written_at: Mapped[datetime]


class StopRow(Working):
    """Somebody followed the stop link: no notice is written to this address until they ask for them again."""

    __tablename__ = "notice_stop"
    shows = False

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    stopped_at: Mapped[datetime]
