"""The invented people of the demonstration."""

from datetime import date

from sqlalchemy.orm import Session

from improvement.access import commands as access
from improvement.access import queries as who
from improvement.access.rules import SERVICE, Held, Role
from improvement.demonstration.telling import CHAIR, DEPUTY, SECRETARIAT, coordinator_of, moment, officer_of
from improvement.sector import commands as sector
from improvement.sector.commands import NewContact

COORDINATORS = {
    "east-midlands": "Ruth Calloway",
    "eastern": "Colin Marchbank",
    "london": "Maya Osei",
    "north-east": "Gwen Thirlwell",
    "north-west": "Sam Whitworth",
    "south-east": "Priya Lindqvist",
    "south-west": "Jory Penhallow",
    "west-midlands": "Dele Ashcombe",
    "yorkshire-and-the-humber": "Nell Garforth",
}
OFFICERS = {
    "brent": "Jaya Patel-Rowntree",
    "wirral": "Tom Hesketh-Lloyd",
    "leeds": "Amina Braithwaite-Cole",
    "devon": "Kit Trevanion",
    "kent": "Lorna Fairbrass",
    "cumbria": "Ewan Postlethwaite",
    "norfolk": "Bea Thurlow-Nunn",
    "nottingham": "Idris Castellan",
    "sunderland": "Peg Hollowell",
    "dudley": "Ravinder Tonks",
}
INVITED = {"hounslow": "Marguerite Askew-Bell", "oldham": "Dafydd Rushworth", "torbay": "Ines Coverdale"}
"""Officers who were invited and have not signed in yet."""


def arrive(session: Session) -> None:
    """Everybody is there from the first day of the year, and an officer is whom to write to at the council."""
    at = moment(date(2011, 4, 1), 8)
    everyone = [
        (SECRETARIAT, "Anita Rowe", Held(Role.SECRETARIAT)),
        (DEPUTY, "Daniel Achterberg", Held(Role.SECRETARIAT)),
        (CHAIR, "Helen Stourton", Held(Role.CHAIR)),
        ("board@demo.example", "Ravi Sharma-Kessel", Held(Role.BOARD)),
        *((coordinator_of(r), name, Held(Role.COORDINATOR, region=r)) for r, name in COORDINATORS.items()),
        *((officer_of(c), name, Held(Role.OFFICER, council=c)) for c, name in (OFFICERS | INVITED).items()),
    ]
    for email, name, held in everyone:
        access.add_person(session, email, name, held, by=SERVICE, at=at)
    secretariat = who.by_email(session, SECRETARIAT)
    assert secretariat is not None
    for council, name in OFFICERS.items():
        contact = NewContact(council, "Local-account contact", name, officer_of(council))
        sector.set_contact(session, contact, by=secretariat)
