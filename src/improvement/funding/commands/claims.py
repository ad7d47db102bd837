"""What must hold of claims: made, queried, answered and decided."""
