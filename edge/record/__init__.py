"""`edge-emotion record`: camera and microphone in step into a clip, with a time-aligned table beside it."""
