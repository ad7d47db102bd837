"""What must hold of conditions, limits and the end of the year."""
