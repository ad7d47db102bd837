"""Programme years: what their accounts are asked about, set up one from another."""
