"""More time that was agreed, and how late an account was."""
