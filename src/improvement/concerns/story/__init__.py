"""The story of concerns and actions: what was told, where it leaves them on a day, and whether the whole may stand."""
