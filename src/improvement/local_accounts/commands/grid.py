"""The coordinator’s grid: every council of a region on one page."""
