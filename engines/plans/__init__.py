"""What lies in the folder of the plans, and what of it can go."""
