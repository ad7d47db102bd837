"""That an entry is still correct: said by a coordinator, or by the council through a link."""

from uuid import UUID

from improvement.access.asking import Asked
from improvement.access.routes import api_post
from improvement.access.rules import May
from improvement.dates import ProgrammeYear
from improvement.local_accounts.commands import checks as commands
from improvement.web import forms
from improvement.web.replies import Created


@api_post(
    "/local-accounts/{year:str}/{council:str}/checks",
    may=May.RECORD_ACCOUNTS,
    of="local account",
    takes=commands.NewCheck,
)
def check_entry(asked: Asked) -> Created:
    """Record that an entry is still correct, or what is wrong with it."""
    which, slug = ProgrammeYear.parse(str(asked.sent.path["year"])), str(asked.sent.path["council"])
    new = forms.from_json(commands.NewCheck, asked.sent.body)
    return Created(str(commands.check_entry(asked.session, which, slug, new, by=asked.by, at=asked.at)))


@api_post(
    "/local-accounts/{year:str}/{council:str}/checks/{fact:uuid}/take-back",
    may=May.RECORD_ACCOUNTS,
    of="local account",
    takes=commands.NewTakingBack,
)
def take_back(asked: Asked) -> Created:
    """Take back what was said of an entry."""
    which, slug = ProgrammeYear.parse(str(asked.sent.path["year"])), str(asked.sent.path["council"])
    new, fact = forms.from_json(commands.NewTakingBack, asked.sent.body), UUID(str(asked.sent.path["fact"]))
    return Created(str(commands.take_back(asked.session, which, slug, fact, new, by=asked.by, at=asked.at)))


routes = [check_entry, take_back]
