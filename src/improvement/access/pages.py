"""Signing in by a link that is mailed and a button that is pressed, and signing out."""

from urllib.parse import urlencode

from improvement import mail
from improvement.access import commands, framing, queries, rules
from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.database import is_demonstration
from improvement.errors import NotFound
from improvement.web.replies import Page, Redirect


@ask("/sign-in", may=May.LOOK, of="sign-in")
def sign_in(asked: Asked) -> Page:
    """Ask for the e-mail address."""
    demonstration = is_demonstration(asked.session)
    return Page(
        "access/sign_in.html", {"onward": rules.safe_next(asked.query.get("next", "/")), "demonstration": demonstration}
    )


@form("/sign-in", may=May.LOOK, of="sign-in", asks=sign_in)
def send_link(asked: Asked) -> Page:
    """Mail a link, and show this browser the code another one will need."""
    email, onward = (str(asked.typed.get(name, "")) for name in ("email", "onward"))
    known = (("asked", framing.note_of_asking(asked, rules.tidy_email(email))),)
    if not commands.takes_one_more(asked.session, email, browser=asked.browser, at=asked.at):
        return Page("access/link_sent.html", {"code": "", "email": rules.tidy_email(email)}, cookies=known)
    made = commands.ask_for_link(asked.session, email, browser=asked.browser, onward=onward, at=asked.at)
    commands.mail_link(asked.session, email, f"{asked.settings.url}/sign-in/link/{made.secret}", at=asked.at)
    return Page("access/link_sent.html", {"code": made.code, "email": rules.tidy_email(email)}, cookies=known)


@ask("/sign-in/link/{secret:str}", may=May.LOOK, of="sign-in")
def opened_link(asked: Asked) -> Page:
    """Opening the link uses nothing up, since mail scanners open links too: it shows a button."""
    secret = str(asked.sent.path["secret"])
    row = queries.link(asked.session, secret)
    if row is None:
        raise NotFound("This link does not work. Ask for a new one.")
    link = commands.as_rule(row, secret, browser=asked.browser, asked_for=framing.asked_for(asked))
    rules.check_usable(link, asked.at)
    return Page("access/press.html", {"needs_code": rules.needs_code(link)})


@form("/sign-in/link/{secret:str}", may=May.LOOK, of="sign-in", asks=opened_link)
def press_link(asked: Asked) -> Page | Redirect:
    """The press of the button uses the link up and signs the person in."""
    secret, code = str(asked.sent.path["secret"]), str(asked.typed.get("code", "")).replace(" ", "")
    here, before = asked.browser, framing.asked_for(asked)
    pressed = commands.press_link(asked.session, secret, browser=here, code=code, at=asked.at, asked_for=before)
    if asked.by.signed_in and not isinstance(pressed, rules.WrongCode):
        commands.sign_out(asked.session, asked.browser)
    if isinstance(pressed, rules.WrongCode):
        shown = {"needs_code": True, "typed": asked.typed, "mistakes": pressed.fields}
        return Page("access/press.html", shown, 422)
    return Redirect(pressed.next_address, cookies=(("session", pressed.secret), ("browser", None)))


@ask("/sign-out", may=May.OWN, of="session")
def signing_out(asked: Asked) -> Page:
    """Ask whether here or everywhere."""
    return Page("access/sign_out.html")


@form("/sign-out", may=May.OWN, of="session", asks=signing_out)
def sign_out(asked: Asked) -> Redirect:
    """End this session, or every session of this person, on the server's side."""
    if asked.typed.get("where") == "everywhere":
        commands.sign_out_everywhere(asked.session, asked.by.id)
    commands.sign_out(asked.session, asked.browser)
    return Redirect("/sign-in", cookies=(("session", None),))


@page("/dev/outbox", may=May.LOOK, of="outbox", closed=True)
def outbox(asked: Asked) -> Page:
    """The messages of a demonstration, which has no other way to mail anyone. Nowhere else."""
    if not is_demonstration(asked.session):
        raise NotFound("There is no page at this address.")
    return Page("access/outbox.html", {"messages": mail.newest(asked.session)})


@page("/look-back", may=May.LOOK, of="dates")
def look_back(asked: Asked) -> Page | Redirect:
    """Choose the day to look back to. A plain form: the answer is an address."""
    to = rules.safe_next(asked.query.get("to", "/"))
    kept = {name: value for name, value in asked.query.items() if name not in ("to", "day", "month", "year")}
    day = [asked.query.get(name, "") for name in ("year", "month", "day")]
    if any(day):
        padded = "-".join([day[0], day[1].zfill(2), day[2].zfill(2)])
        return Redirect(f"{to}?{urlencode({**kept, 'as-at': padded})}")
    return Page("access/look_back.html", {"to": to, "kept": kept})


routes = [sign_in, send_link, opened_link, press_link, signing_out, sign_out, outbox, look_back]
