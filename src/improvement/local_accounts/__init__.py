"""Who has published a local account, by when, and how sure we are."""

ADDRESSES = ("local-accounts", "accounts")
