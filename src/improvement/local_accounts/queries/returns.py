"""The workbook a region or a council fills in."""
