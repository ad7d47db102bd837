"""Sending an invitation again to those who have not signed in yet: one message to each, and seldom."""

from datetime import datetime

from sqlalchemy.orm import Session

from improvement import mail
from improvement.access.rules import May, Person
from improvement.errors import Refused
from improvement.notices import queries
from improvement.notices.queries import INVITATION, reach
from improvement.notices.rules import reach as rules
from improvement.notices.tables import NoticeRow
from improvement.settings import Settings


class NobodyToInvite(Refused):
    """Everybody has signed in, or was invited not long ago."""


def invite_again(session: Session, settings: Settings, region: str, *, by: Person, at: datetime) -> int:
    """Write to the officers of a region, or of all, who have not signed in yet; how many. Raises `NobodyToInvite`,
    `NotFound` or `NotAllowed`."""
    by.acting(May.INVITE_AGAIN, region=region or None)
    wanted = [one for one in reach.sight(session, by, at, region).invitees if one.waits is None]
    if not wanted:
        raise NobodyToInvite("Nobody is waiting for an invitation now. Nothing was sent.")
    written = []
    for one in wanted:
        stop = f"{settings.url}{queries.stop_path(settings.secret, one.address)}"
        text = rules.body(one, settings.url, stop)
        kind = mail.Kind.INVITATION
        written.append(mail.write(session, one.address, rules.SUBJECT, text, at, kind=kind, stop=stop))
    session.flush()
    for one, message in zip(wanted, written, strict=True):
        row = NoticeRow(
            key=f"invitation:{at.isoformat()}:{one.address}",
            kind=INVITATION,
            to_address=one.address,
            message=message.id,
            written_at=at,
            about=rules.about(one),
            regions=list(one.regions),
            became="",
        )
        session.add(row)
    return len(written)
