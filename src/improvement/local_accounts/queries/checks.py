"""That an entry is still correct: said by a coordinator, or by the council through a link."""
