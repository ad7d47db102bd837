"""The Board's monthly report: rounds, figures, sign-off, issue and restatement."""

ADDRESSES = ("board-reports", "rounds", "figures")
