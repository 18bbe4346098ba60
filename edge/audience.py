"""Everybody who is told: MQTT, JSON lines, the terminal, the overlay, LSL. Makes each message once for all of them."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from edge.clock import NS_PER_S, MonotonicClock
from edge.config import Settings
from edge.errors import EdgeError
from edge.publish.json_lines import JsonLines
from edge.publish.lsl.outlets import LslOutlets
from edge.publish.message import RunIdentity, emotion_message
from edge.publish.mqtt.login import hide_password
from edge.publish.screen.overlay import Overlay
from edge.publish.screen.terminal import Terminal, is_journal
from edge.publish.sink import Sink
from edge.publish.state import StateFollower, Update
from edge.publish.writer import reader_left, reason
from edge.samples import Frame, Image, Result
from edge.uplink import Uplink

QUIET_NS = 2 * NS_PER_S
_Optional = TypeVar("_Optional", bound=Sink)

_log = logging.getLogger("edge.audience")


class Audience:
    """Sinks in the order in which they start; they stop in reverse. `on_switch` hears ON and OFF from MQTT.

    With `observers` nothing is shown on the terminal: standard output is theirs. Nor is a journal filled with results.
    """

    def __init__(
        self,
        settings: Settings,
        identity: RunIdentity,
        on_switch: Callable[[bool], None],
        observers: Sequence[Sink] = (),
    ) -> None:
        hide_password()
        self._identity = identity
        self._observers = observers
        self._clock = MonotonicClock()
        self._follower = StateFollower(identity)
        self._following = threading.Lock()
        self._picture: Image | None = None
        self._switched_on = True
        self._told_end: bool | None = None
        self._result_ns = 0
        self.uplink = Uplink(settings, identity, on_switch)
        self._link_shown: str | None = None
        self._lines = JsonLines() if settings.json_lines else None
        self._terminal = None if settings.json_lines or observers or is_journal(sys.stdout) else Terminal()
        self._overlay = Overlay() if settings.overlay else None
        self._lsl = LslOutlets(identity) if settings.lsl else None
        self._started: list[Sink] = []

    def start(self) -> None:
        """Start every sink. Raises EdgeError when one cannot be had; a missing display or liblsl is only told."""
        self._result_ns = self._clock.now_ns()
        for sink in (self.uplink, self._lines, self._terminal, *self._observers):
            if sink is not None:
                self._start(sink)
        self._overlay = self._start_if_possible(self._overlay)
        self._lsl = self._start_if_possible(self._lsl)

    def _start(self, sink: Sink) -> None:
        sink.start()
        self._started.append(sink)

    def _start_if_possible(self, sink: _Optional | None) -> _Optional | None:
        """The sink when it runs; what this machine lacks for it is told in one line."""
        if sink is not None:
            try:
                self._start(sink)
            except EdgeError as error:
                _log.warning("%s", error)
                return None
        return sink

    def stop(self) -> None:
        """Say goodbye in reverse order. Raises EdgeError when the results had nowhere to go: a full disk, say."""
        with self._following:
            self._tell(self._follower.clear(self._clock.now_ns()))
        for sink in reversed(self._started):
            sink.stop()
        self._started = []
        failure = self._output_failure()
        if failure is not None and not reader_left(failure) and not self._others_listen():
            raise EdgeError(f"standard output cannot be written ({reason(failure)}); send it somewhere else.")

    def left(self) -> bool:
        """Whether the only reader of the results has gone (a closed pipe). Says once what follows from that."""
        if self._output_failure() is None:
            return False
        ends = not self._others_listen()
        if ends != self._told_end:
            self._told_end = ends
            _log.info("nobody else takes the results: the run ends" if ends else "others take the results: it goes on")
        return ends

    def _output_failure(self) -> Exception | None:
        shown = self._lines or self._terminal
        return shown.failure if shown is not None else None

    def _others_listen(self) -> bool:
        told = self.uplink.publishes or self._lsl is not None or bool(self._observers)
        return told or (self._overlay is not None and self._overlay.open)

    def result(self, result: Result, now_ns: int) -> float | None:
        """Tell one window; gives the age of its newest sample in ms."""
        message = emotion_message(result, self._identity, seq=result.window.tick, now_ns=now_ns)
        for sink in self._started:
            sink.result(message, result, self._picture)
        with self._following:
            self._result_ns = now_ns
            if self._switched_on:
                self._tell(self._follower.step(result.window.end_ns, message, result))
        latency_ms: float | None = message["window"]["latency_ms"]["newest"]
        return latency_ms

    def idle(self, now_ns: int) -> None:
        """Time has passed: the state may have to be forgotten or repeated, or the broker of our own started again.

        While results come they carry the time themselves: their T is a little in the past. From the main thread.
        """
        self.uplink.tend()
        self._follow_link()
        with self._following:
            if now_ns - self._result_ns > QUIET_NS:
                self._tell(self._follower.step(now_ns))

    def _follow_link(self) -> None:
        """Who stands before the machine sees that the broker is away."""
        link = self.uplink.link
        if link is None or link.state == self._link_shown:
            return
        self._link_shown = link.state
        for shown in (self._terminal, self._overlay):
            if shown is not None:
                shown.broker(link.state)

    def on_seen(self, frame: Frame) -> None:
        """The newest picture, for who shows it."""
        if not self._switched_on:  # one that was being looked at when the switch was turned
            return
        self._picture = frame.image
        if self._overlay is not None:
            self._overlay.picture(frame.image)

    def status(self, name: str, state: str, detail: dict[str, Any]) -> None:
        """A stream's or the engine's state."""
        self.uplink.status(name, state, detail)
        if self._overlay is not None:
            self._overlay.status(name, state)

    def stats(self, message: dict[str, Any]) -> None:
        """The figures of the run."""
        for told in (self.uplink, self._terminal, self._overlay):
            if told is not None:
                told.stats(message)

    def enabled(self, on: bool) -> None:
        """The privacy switch as it stands."""
        self._switched_on = on
        for told in (self.uplink, self._terminal, self._overlay):
            if told is not None:
                told.enabled(on)
        if not on:
            self._picture = None
            with self._following:
                self._tell(self._follower.clear(self._clock.now_ns()))
        if self._lsl is not None:
            self._lsl.enabled(on)

    def forget(self) -> None:
        """Whoever was there is gone: the machine has slept."""
        with self._following:
            if self._switched_on:
                self._tell(self._follower.clear(self._clock.now_ns()))

    def _tell(self, update: Update) -> None:
        if update.state is not None:
            self.uplink.state(update.state)
        for event in update.events:
            for told in (self.uplink, self._lsl):
                if told is not None:
                    told.event(event)
