"""The daemon on live devices for a while, everything it says counted and checked against the schemas.

    python -m tests.live_minute [--seconds 60] [--json]

An MJPEG camera and a virtual microphone replay the demo clip; mosquitto carries the messages to another process.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
from rich.console import Console
from rich.table import Table

from edge.capture.demo import demo_clip
from edge.capture.media import load_sound
from edge.publish.schema import load_schema
from tests.broker import Heard, Listener, Mosquitto
from tests.clips import write_wav
from tests.microphone import VirtualMicrophone
from tests.mjpeg import MjpegServer
from tests.process.command import Running

DEVICE = "desk"
SCHEMAS = {"emotion": "emotion", "state": "state", "event": "event", "stats": "stats"}


def watch(seconds: float, folder: Path) -> list[Heard]:
    """Everything that a subscriber hears from the start to `stopped`."""
    clip = demo_clip()
    speech = write_wav(folder / "speech.wav", load_sound(clip)[1], 16_000)
    with Mosquitto(folder) as broker, VirtualMicrophone() as mic, MjpegServer(clip, burn=False) as camera:
        listener = Listener(broker.port)
        words = ["--camera", camera.url, "--mic", "default", "--broker", broker.url, "--device-id", DEVICE, "--json"]
        state = {**mic.environment, "STATE_DIRECTORY": str(folder / "state")}
        with Running(*words, environ=state) as running:
            running.wait_for("audio is online")
            until_s = time.monotonic() + seconds
            while time.monotonic() < until_s:
                player = mic.play(speech, wait=False)
                while player.poll() is None and time.monotonic() < until_s:
                    time.sleep(0.1)
                player.terminate()
                player.wait()
            running.end()
        time.sleep(0.5)
        listener.close()
        return listener.heard


def schema_of(topic: str) -> jsonschema.Draft202012Validator | None:
    """The schema of a topic's payload; None for plain words."""
    if topic.endswith("/detail"):
        return jsonschema.Draft202012Validator(load_schema("status/detail"))
    name = SCHEMAS.get(topic)
    return jsonschema.Draft202012Validator(load_schema(name)) if name else None


def summary(heard: list[Heard]) -> dict[str, Any]:
    """Messages and violations per topic, ticks without a message, and the newest statistics."""
    counts: Counter[str] = Counter()
    invalid: Counter[str] = Counter()
    for one in heard:
        topic = one.topic.removeprefix(f"edge-emotion/{DEVICE}/")
        counts[topic] += 1
        schema = schema_of(topic)
        invalid[topic] += schema is not None and not schema.is_valid(one.json())
    results = [one.json() for one in heard if one.topic.endswith("/emotion")]
    seqs = [result["seq"] for result in results]
    return {
        "topics": {topic: {"messages": counts[topic], "invalid": invalid[topic]} for topic in sorted(counts)},
        "ticks_missing": max(seqs) - min(seqs) + 1 - len(seqs),
        "with_face": sum(bool(result["faces"]) for result in results),
        "with_voice": sum(result["voice"]["present"] for result in results),
        "fused": sum(face["basis"] == "fused" for result in results for face in result["faces"]),
        "stats": [one.json() for one in heard if one.topic.endswith("/stats")][-1],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="The daemon on live devices, its messages counted and checked.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = summary(watch(options.seconds, Path(folder)))
    if options.json:
        print(json.dumps(report))
        return
    table = Table("topic", "messages", "against the schema", title=f"{options.seconds:g} s on live devices")
    for topic, row in report["topics"].items():
        verdict = (
            "a word" if schema_of(topic) is None else f"{row['invalid']} invalid" if row["invalid"] else "all valid"
        )
        table.add_row(topic, str(row["messages"]), verdict)
    console = Console()
    console.print(table)
    kept = {key: report[key] for key in ("ticks_missing", "with_face", "with_voice", "fused")}
    console.print(
        {**kept, **{key: report["stats"][key] for key in ("camera_fps", "skips", "queue_drops", "arrival_ms")}}
    )
    console.print({key: report["stats"][key] for key in ("latency_ms", "rss_mb", "cpu_percent", "audio_lag_ms")})


if __name__ == "__main__":
    main()
