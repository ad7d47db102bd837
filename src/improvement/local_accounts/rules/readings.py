"""Reading an account, and the council’s right of reply."""
