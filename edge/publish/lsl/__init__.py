"""Results and events as LabStreamingLayer streams, for laboratories."""
