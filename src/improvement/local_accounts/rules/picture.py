"""The national picture."""
