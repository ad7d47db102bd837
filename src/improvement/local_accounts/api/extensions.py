"""More time that was agreed, as JSON."""

from improvement.access.asking import Asked
from improvement.access.routes import api_post
from improvement.access.rules import May
from improvement.dates import ProgrammeYear
from improvement.local_accounts.commands import extensions as commands
from improvement.web import forms
from improvement.web.replies import Created


@api_post(
    "/local-accounts/{year:str}/{council:str}/extensions",
    may=May.CONFIRM_ACCOUNTS,
    of="local account",
    takes=commands.NewExtension,
)
def agree(asked: Asked) -> Created:
    """Record that a council has more time: until when, why, and who agreed. Being on time rests on the deadline."""
    which, slug = ProgrammeYear.parse(str(asked.sent.path["year"])), str(asked.sent.path["council"])
    new = forms.from_json(commands.NewExtension, asked.sent.body)
    return Created(str(commands.agree(asked.session, which, slug, new, by=asked.by, at=asked.at)))


routes = [agree]
