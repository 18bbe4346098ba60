"""edge-emotion: a live camera and microphone in, emotion messages over MQTT out."""

import os

__version__ = "0.1.0"

# Set before anything imports it: else ONNX Runtime keeps a device id and a queue of events in the user's cache folder.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
