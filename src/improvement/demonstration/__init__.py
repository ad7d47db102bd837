"""The made-up year 2011/12: real councils, invented people, statuses, dates, money and concerns, recorded as it went."""
