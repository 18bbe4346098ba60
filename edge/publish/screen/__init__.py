"""Results for people in front of the machine: the terminal and the local window."""
