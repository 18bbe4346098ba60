"""Whether two engines say the same: real feeds through both, their errors, and a verdict in words."""
