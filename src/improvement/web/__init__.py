"""What every page shares: reading what was sent, the frame around a page, lists, errors, templates and static files."""

ADDRESSES = ("static", "health", "ready", "guide", "accessibility", "privacy", "api")
