"""More time that was agreed."""

from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May
from improvement.local_accounts.commands import extensions as commands
from improvement.local_accounts.pages.accounts import about_council, today, which_council
from improvement.web import forms
from improvement.web.replies import Page, Redirect

ADDRESS = "/local-accounts/{year:str}/{council:str}/extensions/new"


@ask(ADDRESS, may=May.CONFIRM_ACCOUNTS, of="local account")
def new_extension(asked: Asked) -> Page:
    """Ask how much more time was agreed, why, and by whom."""
    shows = about_council(asked, May.CONFIRM_ACCOUNTS, typed=today(asked, "agreed_on"))
    return Page("local_accounts/new_extension.html", shows)


@form(ADDRESS, may=May.CONFIRM_ACCOUNTS, of="local account", asks=new_extension)
def agree(asked: Asked) -> Redirect:
    """Record that more time was agreed."""
    which, slug = which_council(asked)
    new = forms.read(commands.NewExtension, asked.typed)
    commands.agree(asked.session, which, slug, new, by=asked.by, at=asked.at)
    return Redirect(f"/local-accounts/{which}/{slug}", "More time is recorded.")


routes = [new_extension, agree]
