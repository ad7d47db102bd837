"""What must hold of paying claims together, and what the bank says of it."""
