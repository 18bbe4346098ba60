"""The three status topics of a run, video, audio and engine: logged with measure, told to the audience."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from edge.clock import Clock
from edge.health import OnChange, State, Status, StreamHealth
from edge.log_limit import LogLimit

_log = logging.getLogger("edge.daemon")


class Statuses:
    """`on_change` is told every change; the log has a line for each new state, and at most one a minute in between."""

    def __init__(
        self,
        clock: Clock,
        on_change: OnChange,
        *,
        frames_hz: float,
        chunks_hz: float,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        """`fields` of the journal come with every line, beside `EDGE_STATUS`, `EDGE_STATE` and `EDGE_REASON`."""
        self.video = StreamHealth("video", frames_hz, self._changed)
        self.audio = StreamHealth("audio", chunks_hz, self._changed)
        self.engine = Status("engine", self._changed)
        self.ever_online = False
        """Whether a stream has delivered in this run."""
        self.changes = 0
        """How often a stream or the engine got another state."""
        self._clock = clock
        self._on_change = on_change
        self._fields = dict(fields or {})
        self._states: dict[str, State] = {}
        self._limits = {name: LogLimit() for name in ("video", "audio", "engine")}

    @property
    def of_stages(self) -> dict[str, Status]:
        """Which status suffers with which stage."""
        return {
            "camera": self.video,
            "faces": self.video,
            "microphone": self.audio,
            "sound": self.audio,
            "judge": self.engine,
            "ticks": self.engine,
        }

    @property
    def reasons(self) -> list[str]:
        """Why the streams that are wanted are as they are."""
        wanted = [health for health in (self.video, self.audio) if health.detail and health.state != "disabled"]
        return [str(health.detail.get("reason")) for health in wanted]

    @property
    def in_words(self) -> str:
        """All of them in one line, like "video online, audio offline (it has been lost), engine online"."""
        parts = []
        for status in (self.video, self.audio, self.engine):
            reason = status.detail.get("reason")
            parts.append(f"{status.name} {status.state}{f' ({reason})' if reason else ''}")
        return ", ".join(parts)

    def _changed(self, name: str, state: State, detail: dict[str, Any]) -> None:
        """From any thread; of one status one at a time."""
        self.ever_online = self.ever_online or (state == "online" and name != "engine")
        works = detail.get("source") or detail.get("engine")
        words = f"{name} is online ({works})" if state == "online" else f"{name} is {state}: {detail.get('reason')}"
        now_ns, limit = self._clock.now_ns(), self._limits[name]
        if self._states.get(name) != state:
            self._states[name] = state
            self.changes += 1
            limit.said(words, now_ns)
            self._say(name, state, words, detail)
        elif limit.allows(words, now_ns):
            self._say(name, state, words, detail)
        self._on_change(name, state, detail)

    def _say(self, name: str, state: State, words: str, detail: Mapping[str, Any]) -> None:
        fields = {"EDGE_STATUS": name, "EDGE_STATE": state, "EDGE_REASON": str(detail.get("reason") or "")}
        level = logging.INFO if state in ("online", "disabled") else logging.WARNING
        _log.log(level, "%s", words, extra={"fields": {**fields, **self._fields}})
