"""edge-emotion: a live camera and microphone in, emotion messages over MQTT out."""

__version__ = "0.1.0"
