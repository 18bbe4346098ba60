"""Brings sound and picture together: arrival delay, interpolation, lag, speaker, DTW."""
