"""What the description of the API says in words: examples, places in addresses, what may be asked for, refusals."""

from typing import Any

from improvement.sector.rules import CouncilType
from improvement.web import lists

Document = dict[str, Any]

EXAMPLES: dict[str, Any] = {
    "wte_hundredths": 100,
    "council": "brent",
    "year": "2011-2012",
    "month": "2011-12",
    "line": "london",
    "ref": "C-7K4M2",
    "action": "A-3J8QW",
    "withdrawn": True,
    "region": "london",
    "address": "https://www.example.gov.uk/local-account.pdf",
    "legs": [{"line": "london", "amount_pence": -150_000}, {"line": "east-midlands", "amount_pence": 150_000}],
}
"""What stands for a value in an address or a body, by the name of its field."""

PLACES: dict[str, Document] = {
    "year": {"type": "string", "pattern": r"^\d{4}-\d{4}$", "description": "A programme year, such as 2011-2012."},
    "month": {"type": "string", "pattern": r"^\d{4}-\d{2}$", "description": "A month, such as 2011-12."},
    "council": {"type": "string", "description": "A council's slug, such as brent."},
    "ref": {"type": "string", "description": "A reference people quote, such as C-7K4M2."},
}

DATES: dict[str, Document] = {
    "on": {"type": "string", "format": "date", "description": "What was true on that day. Today if not given."},
    "known-at": {
        "type": "string",
        "description": "What had been recorded by then: a day (its end) or an instant such as 2012-01-02T09:00:00Z.",
    },
    "as-at": {"type": "string", "format": "date", "description": "Both on and known-at. Not with either of them."},
}
PAGES: dict[str, Document] = {
    "limit": {
        "type": "integer",
        "minimum": 1,
        "maximum": lists.MOST,
        "default": lists.USUAL,
        "description": "How many.",
    },
    "after": {"type": "string", "description": "The after of the page before, for the page that follows it."},
}
ASKED: dict[str, Document] = {
    "q": {"type": "string", "description": "Words to find."},
    "region": {"type": "string", "description": "Only councils of this region: its slug, such as london."},
    "type": {
        "type": "string",
        "enum": [kind.value for kind in CouncilType],
        "description": "Only councils of this type.",
    },
}
"""What an address may ask for besides dates and fields, where the first sentence of its handler names it in `…`."""
KEY = {
    "type": "string",
    "maxLength": 200,
    "description": "The same key and body again get the same answer and record nothing; another body is refused (409).",
}

REFUSALS: dict[int, str] = {
    400: "What was sent cannot be read.",
    401: "Nobody is signed in: send a personal token.",
    403: "You may see this and not do it.",
    404: "There is no such thing, or you may not know that there is.",
    409: "Somebody has done this already, or something that rules it out.",
    413: "More was sent than is taken.",
    422: "A rule says no; fields says what is wrong with each field.",
    429: "Too many tries in too short a time.",
    503: "The tracker is busy. Nothing was saved. Try again after the seconds in Retry-After.",
}
ALWAYS = (400, 404, 503)
WHEN_GUARDED = (401, 403)
WHEN_WRITING = (409, 413, 422)

ABOUT = """Every fact that can be recorded and every list that can be read.

Amounts are whole pence. Dates are London days, instants are UTC. Unknown fields are refused. Send a personal token as
a bearer token; the councils, the regions, the register of published accounts and released reports need none."""
