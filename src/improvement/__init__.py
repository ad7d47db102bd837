"""Sector-led improvement of councils' adult social care in England, tracked.

`web` is what every page shares and `access` who may do what. Above them stand the slices, each with the same rooms:
`sector` regions and councils; `people` who uses the tracker; `local_accounts` who has published; `funding` where the
money is; `concerns` what was highlighted and what is being done; `board_reports` what the Board is told each month;
`overview` what each person sees first. `app` puts it together for the web, `cli` for the command line.
"""
