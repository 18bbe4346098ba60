"""How fast, and how alike, the student is on this machine's GPU and beside it, in one script for the board's owner."""
