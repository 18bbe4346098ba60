"""The LSL sink: a stream of results and one of markers, stamped with CLOCK_MONOTONIC, which is LSL's own clock."""

from __future__ import annotations

import logging
import time
from typing import Any

from edge.clock import NS_PER_S
from edge.publish.lsl.channels import CHANNELS, sample
from edge.publish.lsl.library import load_pylsl
from edge.publish.lsl.marker import marker
from edge.publish.message import RunIdentity
from edge.publish.mqtt.login import client_id
from edge.publish.sink import Message
from edge.samples import Image, Result

RESULT_TYPE = "Emotion"
MARKER_TYPE = "Markers"
BUFFER_S = 60
GOODBYE_S = 0.25
_log = logging.getLogger(__name__)


class LslOutlets:
    """Pushes while the privacy switch is on. liblsl sends in threads of its own: a push takes microseconds.

    Both streams are irregular: windows come every 200 ms, but some are missing, and readers of a regular stream
    would move all stamps around a gap.
    """

    def __init__(self, identity: RunIdentity) -> None:
        self.failure: Exception | None = None
        self.identity = identity
        self._on = True
        self._results: Any = None
        self._markers: Any = None

    def start(self) -> None:
        """Make both streams visible; raises EdgeError when there is no liblsl here."""
        pylsl = load_pylsl()
        self._results = pylsl.StreamOutlet(self._result_info(pylsl), max_buffered=BUFFER_S)
        self._markers = pylsl.StreamOutlet(self._marker_info(pylsl), max_buffered=BUFFER_S)
        _log.info("LSL streams: %s, %s", self._results.get_info().name(), self._markers.get_info().name())

    def result(self, message: Message, result: Result, frame: Image | None = None) -> None:  # noqa: ARG002
        """Push one window, stamped with its end."""
        if self._results is not None and self._on:
            self._push(self._results, sample(message, result), message["t_ns"])

    def event(self, message: Message) -> None:
        """Push one marker."""
        if self._markers is not None and self._on:
            self._push(self._markers, [marker(message)], message["t_ns"])

    def enabled(self, on: bool) -> None:
        """The privacy switch: OFF pushes nothing until it is ON again; the streams stay visible."""
        self._on = on

    def stop(self) -> None:
        """Take both streams away, after a moment in which liblsl can send what was pushed last."""
        outlets = self._results, self._markers
        self._results = self._markers = None
        if any(outlet is not None and outlet.have_consumers() for outlet in outlets):
            time.sleep(GOODBYE_S)

    def _push(self, outlet: Any, values: list[Any], t_ns: int) -> None:
        try:
            outlet.push_sample(values, t_ns / NS_PER_S)
        except Exception as error:
            if self.failure is None:
                self.failure = error
                _log.warning("LSL takes no sample (%s: %s); going on without it", type(error).__name__, error)

    def _result_info(self, pylsl: Any) -> Any:
        info = self._info(pylsl, "results", RESULT_TYPE, len(CHANNELS), pylsl.cf_float32)
        described = info.desc().append_child("channels")
        for channel in CHANNELS:
            entry = described.append_child("channel")
            entry.append_child_value("label", channel.label)
            entry.append_child_value("unit", channel.unit)
            entry.append_child_value("type", channel.kind)
        return info

    def _marker_info(self, pylsl: Any) -> Any:
        info = self._info(pylsl, "events", MARKER_TYPE, 1, pylsl.cf_string)
        entry = info.desc().append_child("channels").append_child("channel")
        entry.append_child_value("label", "event")
        entry.append_child_value("unit", "text")
        entry.append_child_value("type", "Marker")
        return info

    def _info(self, pylsl: Any, name: str, kind: str, channels: int, channel_format: int) -> Any:
        """`source_id` stays the same over restarts, so that an inlet finds its stream again."""
        device = self.identity.device
        source_id = f"{client_id(device)}-{name}"
        info = pylsl.StreamInfo(
            f"edge-emotion-{device}-{name}", kind, channels, pylsl.IRREGULAR_RATE, channel_format, source_id
        )
        about = info.desc()
        for key, value in (
            ("manufacturer", "edge-emotion"),
            ("device", device),
            ("session", self.identity.session),
            ("model", self.identity.model or ""),
            ("time_stamps", "CLOCK_MONOTONIC seconds; of a result, the end of its window of one second"),
        ):
            about.append_child_value(key, value)
        return info
