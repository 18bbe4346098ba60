"""Figures as people read them: a table on the terminal, one page in a browser."""
