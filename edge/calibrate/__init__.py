"""The constant lag of a camera and a microphone, from claps that are seen by the one and heard by the other."""
