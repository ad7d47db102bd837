"""Who people are, how they sign in, what each may do, and the only way to declare a route."""

ADDRESSES = ("sign-in", "sign-out", "look-back", "dev")
