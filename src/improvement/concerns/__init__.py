"""What is wrong in a council, what is being done about it, and what has come of it."""

ADDRESSES = ("concerns", "actions", "plans")
