"""The bench: how fast the tracker is, beside two limits measured in the same run. `ops/bench --help`."""
