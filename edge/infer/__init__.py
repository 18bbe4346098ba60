"""Runs the student: engines, the model card, and what its logits mean."""
