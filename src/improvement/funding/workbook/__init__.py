"""Money as sheets of Excel workbooks: what each page shows, with the formulas that make its sums."""
