"""The daemon for a long time under random faults: what grows, what is lost. `python -m tests.soak --help`."""
