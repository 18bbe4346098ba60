"""All settings with their defaults and what is allowed. The fields are the keys of the TOML file."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from edge.config.forms import broker_fault, camera_fault, microphone_fault, username_fault

_NOT_IN_A_TOPIC = re.compile(r"[^A-Za-z0-9_.-]+")
_TOPIC = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


def default_device_id() -> str:
    """The host name without its domain, made fit for one level of an MQTT topic."""
    host = socket.gethostname().split(".")[0]
    return _NOT_IN_A_TOPIC.sub("-", host).strip("-") or "edge"


def _number_as_text(value: object) -> object:
    """`camera = 0` in TOML means the index as well as `camera = "0"` does."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


def _without(fault: Callable[[str], str | None]) -> AfterValidator:
    def check(value: str) -> str:
        found = fault(value)
        if found:
            raise ValueError(f"it {found}")
        return value

    return AfterValidator(check)


_NAME_OR_NUMBER = WithJsonSchema({"type": ["string", "integer"]})
CameraName = Annotated[str, BeforeValidator(_number_as_text), _without(camera_fault), _NAME_OR_NUMBER]
MicrophoneName = Annotated[str, BeforeValidator(_number_as_text), _without(microphone_fault), _NAME_OR_NUMBER]
BrokerName = Annotated[str, _without(broker_fault)]
Username = Annotated[str, _without(username_fault)]
OptionalPath = Annotated[Path, Field(strict=False)] | None
"""A path is written as text."""


class _Section(BaseModel):
    """Strict, like the JSON Schema: a number in quotes is text, and 1 is not true."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, populate_by_name=True, use_attribute_docstrings=True
    )


class VideoSettings(_Section):
    """What is asked of the camera, and who finds the faces."""

    width: int = Field(640, ge=64, le=7680)
    """Width of the picture in pixels; a camera without this size gives its nearest."""
    height: int = Field(480, ge=64, le=4320)
    """Height of the picture in pixels, in the same way."""
    fps: int = Field(30, ge=1, le=120)
    """Frames per second that are asked of the camera."""
    detector: Literal["auto", "yunet", "yuface", "centerface", "haar"] = "auto"
    """The face detector; `auto` takes the best that this machine has."""
    yunet_model: OptionalPath = Field(None, examples=["/etc/edge-emotion/yunet.onnx"])
    """An ONNX file of YuNet, which no package carries."""


class AudioSettings(_Section):
    """What is asked of the microphone, and what happens to its sound first."""

    chunk_ms: int = Field(20, ge=10, le=200)
    """Length of one chunk in milliseconds."""
    denoise: bool = True
    """Take stationary noise out of the sound before its features are computed."""


class SyncSettings(_Section):
    """How sound and picture are brought together."""

    audio_offset_ms: float | None = Field(None, ge=-2000, le=2000, allow_inf_nan=False, examples=[40.0])
    """The constant lag of this pair of devices in ms (> 0: the sound comes later), where it is known.

    `edge-emotion calibrate` finds it from three claps.
    """


class MqttSettings(_Section):
    """How to prove oneself to the broker, and how it proves itself."""

    username: Username | None = Field(None, examples=["desk"])
    """Name for the broker; wins over the one in the broker's address."""
    password_file: OptionalPath = Field(None, examples=["/etc/edge-emotion/mqtt-password"])
    """A file whose first line is the password.

    Without it the variable `EDGE_EMOTION_MQTT_PASSWORD`, else the systemd credential `mqtt-password`.
    """
    ca_file: OptionalPath = Field(None, examples=["/etc/edge-emotion/ca.pem"])
    """Certificates (PEM) that the broker's must be signed by (`mqtts://`, `wss://`); the system's when not set."""
    cert_file: OptionalPath = Field(None, examples=["/etc/edge-emotion/desk.pem"])
    """This device's own certificate (PEM); `key_file` belongs to it."""
    key_file: OptionalPath = Field(None, examples=["/etc/edge-emotion/desk.key"])
    """The key of `cert_file` (PEM)."""

    @model_validator(mode="after")
    def _certificate_with_key(self) -> MqttSettings:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file belong together: give both or neither")
        return self


class LoadSettings(_Section):
    """What happens on a hot board and on a machine that has too much to do."""

    adapt: bool = True
    """Do less then: look at every other picture, and at worst give a result every 400 ms."""
    hot_c: float | None = Field(None, ge=30, le=120, allow_inf_nan=False, examples=[75.0])
    """From how many °C on the board is hot.

    When not set, 5 below the trip point from which the kernel slows the board down, else 85.
    """
    thermal_path: Annotated[Path, Field(strict=False)] = Path("/sys/class/thermal")
    """The folder of the kernel's thermal zones."""


class TensorRTSettings(_Section):
    """How the student runs on an NVIDIA GPU."""

    precision: Literal["fp32", "fp16", "int8"] = "fp16"
    """The numbers that the GPU computes with; each is held to its own tolerance before it is used."""
    workspace_mb: int = Field(2048, ge=16, le=65536)
    """Memory in MB that the compiler may use for scratch."""
    build: bool = True
    """Build the engine in the background when there is none for this device.

    `false` leaves it to `edge-engines build`.
    """


class HomeAssistantSettings(_Section):
    """How this device introduces itself to Home Assistant."""

    discovery: bool = True
    """Announce this device, so that Home Assistant makes its entities by itself."""
    prefix: str = Field("homeassistant", max_length=128)
    """Home Assistant's discovery prefix."""

    @field_validator("prefix")
    @classmethod
    def _a_topic(cls, value: str) -> str:
        if not _TOPIC.fullmatch(value):
            raise ValueError("it must be a topic: letters, digits, _ . - and / between them")
        return value


class Settings(_Section):
    """Everything that a run can be told."""

    camera: CameraName = "0"
    """An index, a `/dev/…` path or by-id name, `csi:0`, `rtsp://…`, `http://…` (MJPEG), a video file, or `none`.

    A number means the camera that had it at the first opening.
    """
    mic: MicrophoneName = "default"
    """`default`, a name or part of one, an index, a sound or video file, or `none`.

    An index or a part of a name means the microphone that had it at the first opening.
    """
    loop: bool = False
    """Begin a file again when it ends."""
    require_devices: bool = False
    """Stop with exit code 69 when camera or microphone is missing at the start, instead of waiting for it."""
    broker: BrokerName = "mqtt://localhost:1883"
    """`mqtt://user@host[:1883]`, `mqtts://host[:8883]`, `ws://host[:80][/mqtt]`, `wss://host[:443][/mqtt]`
    (in brackets: what is taken when it is left out), `unix:///run/mosquitto/mosquitto.sock`, `embedded`, or `none`;
    no password here.
    """
    device_id: str = Field(default_factory=default_device_id, max_length=64, examples=["desk"])
    """Topic name of this device: letters (a to z), digits, `_`, `.` and `-` only; the host name when it is not set."""
    engine: Literal["auto", "tensorrt", "onnx"] = "auto"
    """What the student runs on; `auto` takes TensorRT where it works, else ONNX Runtime."""
    overlay: bool = False
    """Show a local window with the results; a machine without a display gets one line in the log instead."""
    lsl: bool = False
    """Results and events as LabStreamingLayer streams too."""
    json_lines: bool = Field(False, alias="json")
    """Results as JSON lines on standard output."""
    duration: float | None = Field(None, gt=0, le=1e9, allow_inf_nan=False, examples=[3600.0])
    """Stop cleanly after so many seconds."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is said on standard error, or in the journal."""
    video: VideoSettings = VideoSettings()
    audio: AudioSettings = AudioSettings()
    sync: SyncSettings = SyncSettings()
    load: LoadSettings = LoadSettings()
    tensorrt: TensorRTSettings = TensorRTSettings()
    mqtt: MqttSettings = MqttSettings()
    homeassistant: HomeAssistantSettings = HomeAssistantSettings()

    @field_validator("device_id")
    @classmethod
    def _one_topic_level(cls, value: str) -> str:
        if not value or _NOT_IN_A_TOPIC.search(value):
            raise ValueError("it must be one level of a topic: letters, digits, _ . and - only")
        return value

    @property
    def files(self) -> dict[str, Path]:
        """The files that the settings name, by dotted key."""
        named = {
            "video.yunet_model": self.video.yunet_model,
            "mqtt.password_file": self.mqtt.password_file,
            "mqtt.ca_file": self.mqtt.ca_file,
            "mqtt.cert_file": self.mqtt.cert_file,
            "mqtt.key_file": self.mqtt.key_file,
        }
        return {key: path for key, path in named.items() if path is not None}
