"""What each person sees first: what needs them now, one council, one region, and the pages about the tracker itself."""

ADDRESSES = (
    "",
    "councils",
    "regions",
    "static",
    "favicon.ico",
    "health",
    "ready",
    "robots.txt",
    "guide",
    "accessibility",
    "privacy",
    "api",
    "openapi.json",
)
