"""`GET /metrics`: the figures of device and server in Prometheus' names and units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from edge.publish.mqtt.topics import STATUS_NAMES, STATUS_STATES
from edge.web.feed import Feed
from edge.web.subscriber import Subscriber

_MB = 1_000_000
_STATS = (
    ("camera_fps", "camera_fps", 1.0, "Pictures a second from the camera."),
    ("process_fps", "process_fps", 1.0, "Pictures a second that were looked at."),
    ("skipped_fps", "skipped_fps", 1.0, "Pictures a second that were passed over."),
    ("inference_speed", "inference_seconds", 1e-3, "Time of the window head."),
    ("audio_dBFS", "audio_dbfs", 1.0, "Level of the sound."),
    ("audio_lag_ms", "audio_lag_seconds", 1e-3, "How much later the sound comes than the picture."),
    ("drift_ppm", "drift_ppm", 1.0, "How much faster the sound's clock goes than the picture's."),
    ("cpu_percent", "cpu_ratio", 1e-2, "Processor time of the daemon, 1 is one core."),
    ("rss_mb", "resident_memory_bytes", _MB, "Memory of the daemon."),
    ("temperature_c", "temperature_celsius", 1.0, "The hottest sensor of the board."),
    ("uptime_s", "uptime_seconds", 1.0, "How long the daemon has been running."),
    ("deadline_misses", "deadline_misses", 1.0, "Ticks that were answered without a result, of this run."),
    ("reconnects_last_hour", "reconnects_last_hour", 1.0, "How often a device was lost."),
    ("stalls_last_hour", "stalls_last_hour", 1.0, "How often a device delivered nothing."),
)
"""Key in …/stats, name of the metric, factor from the one's unit to the other's, help."""


class Figures(Collector):
    """Read when they are asked for; what the device has not said is left out."""

    def __init__(self, feed: Feed, subscriber: Subscriber, device_id: str) -> None:
        self._feed = feed
        self._subscriber = subscriber
        self._device_id = device_id

    def collect(self) -> Iterator[Metric]:
        """All families of metrics."""
        connected = self._subscriber.link.state == "connected"
        yield self._gauge("broker_connected", "Whether this server is connected to the broker.", float(connected))
        yield self._gauge("live_clients", "Who listens to /live.", float(self._feed.readers))
        yield self._messages()
        yield self._counter("messages_refused", "Messages that no device would send.", self._feed.refused)
        yield self._counter("broker_connects", "How often the broker took this server.", self._subscriber.connects)
        if connected:
            yield from self._device()

    def _device(self) -> Iterator[Metric]:
        available = self._feed.latest("available") == "online"
        yield self._gauge("device_available", "Whether the device is there.", float(available))
        enabled = self._feed.latest("enabled/state")
        if enabled is not None:
            yield self._gauge("enabled", "The privacy switch: 1 is ON.", float(enabled == "ON"))
        yield self._statuses()
        stats = self._feed.latest("stats")
        if available and isinstance(stats, dict):
            yield from self._stats(stats)

    def _stats(self, stats: dict[str, Any]) -> Iterator[Metric]:
        for key, name, factor, words in _STATS:
            value = _number(stats.get(key))
            if value is not None:
                yield self._gauge(name, words, value * factor)
        latencies = stats.get("latency_ms")
        if isinstance(latencies, dict):
            family = GaugeMetricFamily(
                "edge_emotion_latency_seconds",
                "From the newest sample to the message leaving.",
                labels=["device", "quantile"],
            )
            for key, quantile in (("p50", "0.5"), ("p95", "0.95"), ("p99", "0.99")):
                value = _number(latencies.get(key))
                if value is not None:
                    family.add_metric([self._device_id, quantile], value / 1000)
            yield family

    def _statuses(self) -> Metric:
        family = GaugeMetricFamily(
            "edge_emotion_status", "1 for the state that it is in.", labels=["device", "of", "state"]
        )
        for name in STATUS_NAMES:
            now = self._feed.latest(f"status/{name}")
            if now is not None:
                for state in STATUS_STATES:
                    family.add_metric([self._device_id, name, state], float(state == now))
        return family

    def _messages(self) -> Metric:
        family = CounterMetricFamily("edge_emotion_messages", "Messages read.", labels=["device", "topic"])
        for name, count in sorted(self._feed.counts.items()):
            family.add_metric([self._device_id, name], count)
        return family

    def _gauge(self, name: str, words: str, value: float) -> Metric:
        family = GaugeMetricFamily(f"edge_emotion_{name}", words, labels=["device"])
        family.add_metric([self._device_id], value)
        return family

    def _counter(self, name: str, words: str, value: float) -> Metric:
        family = CounterMetricFamily(f"edge_emotion_{name}", words, labels=["device"])
        family.add_metric([self._device_id], value)
        return family


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
