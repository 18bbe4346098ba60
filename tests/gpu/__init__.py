"""What stands in for a GPU in the tests, and what is checked against NVIDIA's real bindings."""
