"""The councils and the regions they are in: what existed when, and what came after."""

ADDRESSES = ()
