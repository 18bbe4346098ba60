"""The figures of `…/stats`: what this run does per second, what it lost, and what it costs."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
import psutil

from edge import __version__
from edge.clock import NS_PER_S, Clock
from edge.health import StreamHealth
from edge.pace import Pace
from edge.pipeline import Pipeline
from edge.samples import Result

_KEPT_RESULTS = 300


class Stats:
    """Remembers the newest results and makes one `stats` message at a time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_ns = clock.now_ns()
        self._latencies_ms: deque[float] = deque(maxlen=_KEPT_RESULTS)
        self._infer_ms: deque[float] = deque(maxlen=_KEPT_RESULTS)
        self._level_db: float | None = None
        self._lag_ms: float | None = None
        self._drift_ppm: float | None = None
        self._process = psutil.Process()
        self._process.cpu_percent()
        self._before = (self._began_ns, 0, 0)

    def saw(self, result: Result, newest_latency_ms: float | None) -> None:
        """One result left, this long after its newest sample was captured."""
        if newest_latency_ms is not None:
            self._latencies_ms.append(newest_latency_ms)
        self._infer_ms.append(result.infer_ms)
        self._level_db = result.window.level_db
        self._lag_ms = _tenth(result.window.sync.audio_lag_ms)
        self._drift_ppm = _tenth(result.window.sync.drift_ppm)

    def message(
        self,
        pipeline: Pipeline,
        video: StreamHealth,
        audio: StreamHealth,
        pace: Pace,
        mqtt: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The payload; rates are since the last call. `mqtt` is what `MqttPublisher.counts` gives, None without it."""
        now_ns = self._clock.now_ns()
        latencies = list(self._latencies_ms)
        stream = video if pipeline.feeds.video is not None else audio
        return {
            **self._rates(now_ns, pipeline),
            "inference_speed": percentile(list(self._infer_ms), 50),
            **stream.figures(now_ns),
            "streams": {
                "video": video.figures(now_ns) if pipeline.feeds.video else None,
                "audio": audio.figures(now_ns) if pipeline.feeds.audio else None,
            },
            "audio_rms": None if self._level_db is None else round(10 ** (self._level_db / 20), 5),
            "audio_dBFS": None if self._level_db is None else round(self._level_db, 1),
            "audio_lag_ms": self._lag_ms,
            "drift_ppm": self._drift_ppm,
            "arrival_ms": {
                "video": round(pipeline.aligner.video_arrival.closing_ms, 1) if pipeline.feeds.video else None,
                "audio": round(pipeline.aligner.sound_arrival.closing_ms, 1) if pipeline.feeds.audio else None,
            },
            "deadline_misses": pipeline.answers.deadline_misses + pipeline.ticker.missed,
            "interpolated_windows": pipeline.answers.interpolated,
            "latency_ms": {f"p{share}": percentile(latencies, share) for share in (50, 95, 99)},
            **_losses(pipeline, mqtt),
            "commands": mqtt["commands"] if mqtt else None,
            "mqtt": mqtt["mqtt"] if mqtt else None,
            "rss_mb": round(self._process.memory_info().rss / 2**20, 1),
            "cpu_percent": self._process.cpu_percent(),
            "temperature_c": _tenth(pace.thermal.hottest_c()),
            "pace": pace.message(),
            "uptime_s": round((now_ns - self._began_ns) / NS_PER_S, 1),
            "version": __version__,
        }

    def _rates(self, now_ns: int, pipeline: Pipeline) -> dict[str, float]:
        """Frames a second since the last call."""
        before_ns, received_before, skipped_before = self._before
        received, skipped = pipeline.frames.received, pipeline.frames_skipped
        self._before = (now_ns, received, skipped)
        seconds = max(1e-3, (now_ns - before_ns) / NS_PER_S)
        camera_fps, skipped_fps = (received - received_before) / seconds, (skipped - skipped_before) / seconds
        return {
            "camera_fps": round(camera_fps, 1),
            "process_fps": round(max(0.0, camera_fps - skipped_fps), 1),
            "skipped_fps": round(skipped_fps, 1),
        }


def _losses(pipeline: Pipeline, mqtt: Mapping[str, Any] | None) -> dict[str, dict[str, int]]:
    """What was left out on purpose, and what a full queue lost."""
    return {
        "skips": {
            "frames": pipeline.frames_skipped,
            "windows": pipeline.flight.withdrawn,
            "overtaken": pipeline.flight.overtaken,
            "stamps": pipeline.feeds.unbelieved,
        },
        "queue_drops": {
            "video": pipeline.frames.dropped,
            "audio": pipeline.chunks.dropped,
            **pipeline.feeds.overflows,
            **(mqtt["queue_drops"] if mqtt else {}),
        },
    }


def _tenth(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def percentile(values: list[float], share: float) -> float | None:
    """The percentile to a tenth, None without values."""
    return round(float(np.percentile(values, share)), 1) if values else None
