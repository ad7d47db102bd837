"""What must hold of national posts."""
