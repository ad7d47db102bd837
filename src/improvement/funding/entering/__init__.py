"""What is entered to record each kind of thing about money, in the words its mistakes are told in."""

import msgspec

from improvement.access.rules import May
from improvement.funding.book import Kind
from improvement.funding.entering import claims, closing, forecasts, forms, moves, paying, posts, splits
from improvement.funding.entering.words import NOTE, Form

TAKES: dict[Kind, tuple[type[msgspec.Struct], str]] = {
    **moves.TAKES,
    **posts.TAKES,
    **splits.TAKES,
    **claims.TAKES,
    **paying.TAKES,
    **forecasts.TAKES,
    **closing.TAKES,
}
"""What each kind of fact is recorded from, and what its day is called there."""

_ASKED = {**forms.FORMS, **posts.FORMS, **forecasts.FORMS, **closing.FORMS}
FORMS: dict[Kind, Form] = {
    kind: msgspec.structs.replace(form, fields=(*(field for field in form.fields if field.name != "note"), NOTE))
    for kind, form in _ASKED.items()
}
"""How each kind is asked for that one form asks for and one page checks; the others have pages of their own."""

MENDS: dict[Kind, Form] = {
    **FORMS,
    **claims.MENDS,
    **paying.MENDS,
    **splits.MENDS,
    **forecasts.MENDS,
    **closing.MENDS,
}
"""What a correction asks again of each kind. Where it asks nothing, the fact can be taken back and recorded anew."""
OF_POSTS = frozenset({Kind.POST_TERMS, Kind.POST_STATE})
"""What is about a national post, and no region."""
_CLAIMED = frozenset({Kind.CLAIM, Kind.ANSWER, Kind.FORECAST, Kind.EXPLAINED, Kind.CARRY_ASKED})
MAY: dict[Kind, May] = dict.fromkeys(Kind, May.MANAGE_MONEY) | dict.fromkeys(_CLAIMED, May.CLAIM_MONEY)
"""What somebody must be allowed to do to record each kind, where it is about."""
