"""The made-up year 2011/12: real councils; invented people, statuses, dates, money and concerns, told as it went."""
