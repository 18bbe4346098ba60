"""How well a part is: online, degraded, offline or disabled, and why; of a stream, Frigate's figures as well."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from edge.clock import NS_PER_S

State = Literal["online", "degraded", "offline", "disabled"]
OnChange = Callable[[str, State, dict[str, Any]], None]

_HOUR_NS = 3600 * NS_PER_S
_RATE_SPAN_NS = 5 * NS_PER_S
_STALL_NS = 2 * NS_PER_S
_PAUSE_INTERVALS = 2.5
_MOST_PAUSE_S = 1.7


class Status:
    """A state with its detail (`reason`, …), told at each change to `on_change`, from any thread, in order.

    Whoever else has something to complain of can have what works told as degraded, with his reason.
    """

    def __init__(self, name: str, on_change: OnChange) -> None:
        self.name = name
        self._on_change = on_change
        self._lock = threading.RLock()
        self._own: tuple[State, dict[str, Any]] | None = None
        self._complaints: dict[str, str] = {}
        self._told: tuple[State, dict[str, Any]] | None = None

    @property
    def state(self) -> State:
        """The last state told; `offline` before the first."""
        return self._told[0] if self._told else "offline"

    @property
    def detail(self) -> dict[str, Any]:
        """The last detail told."""
        return dict(self._told[1]) if self._told else {}

    def become(self, state: State, **detail: Any) -> None:
        """Tell a state and its detail when either is new."""
        with self._lock:
            if self._own != (state, detail):
                self._own = (state, detail)
                self._tell()

    def complain(self, who: str, reason: str | None) -> None:
        """`who` has found fault, and None when it has no more."""
        with self._lock:
            if self._complaints.get(who) == reason:
                return
            self._complaints.pop(who, None)
            if reason is not None:
                self._complaints[who] = reason
            self._tell()

    def _tell(self) -> None:
        """What was never told is offline; what is switched off needs no further reasons."""
        state, detail = self._own or ("offline", {})
        if self._complaints and state != "disabled":
            reasons = [detail.get("reason"), *self._complaints.values()]
            state = "degraded" if state == "online" else state
            detail = {**detail, "reason": "; ".join(reason for reason in reasons if reason)}
        if self._told != (state, detail):
            self._told = (state, detail)
            self._on_change(self.name, state, detail)


class StreamHealth(Status):
    """The status of one stream and what happened to it."""

    def __init__(self, name: str, expected_hz: float, on_change: OnChange) -> None:
        super().__init__(name, on_change)
        self._expected_hz = expected_hz
        self._arrivals: deque[int] = deque()
        self._reconnects: deque[int] = deque()
        self._stalls: deque[int] = deque()
        self._last_ns: int | None = None

    def delivered(self, now_ns: int) -> None:
        """A sample arrived."""
        if self._last_ns is not None and now_ns - self._last_ns > max(_STALL_NS, 2 * NS_PER_S / self._expected_hz):
            self._stalls.append(now_ns)
        self._last_ns = now_ns
        self._arrivals.append(now_ns)
        _forget(self._arrivals, now_ns - _RATE_SPAN_NS)

    def reconnected(self, now_ns: int) -> None:
        """The device was lost and will be opened again."""
        self._reconnects.append(now_ns)
        self._last_ns = None

    def excuse(self) -> None:
        """This process was stopped: that nothing came meanwhile is no stall of the device."""
        self._last_ns = None

    def rate_hz(self, now_ns: int) -> float:
        """Samples per second over the last five seconds."""
        arrivals = [t_ns for t_ns in list(self._arrivals) if t_ns > now_ns - _RATE_SPAN_NS]
        if len(arrivals) < 2:
            return 0.0
        return (len(arrivals) - 1) * NS_PER_S / max(1, arrivals[-1] - arrivals[0])

    def pause_ns(self, now_ns: int, least_s: float) -> int:
        """How long a pause must be before it is one: a slow camera takes its time."""
        rate_hz = self.rate_hz(now_ns)
        usual_s = _PAUSE_INTERVALS / rate_hz if rate_hz else 0.0
        return round(min(max(least_s, usual_s), _MOST_PAUSE_S) * NS_PER_S)

    def reconnects_last_hour(self, now_ns: int) -> int:
        """How often the device was opened again within the last hour."""
        _forget(self._reconnects, now_ns - _HOUR_NS)
        return len(self._reconnects)

    def stalls_last_hour(self, now_ns: int) -> int:
        """Gaps longer than max(two intervals, 2 s) within the last hour (Frigate's rule)."""
        _forget(self._stalls, now_ns - _HOUR_NS)
        return len(self._stalls)

    def figures(self, now_ns: int) -> dict[str, Any]:
        """Its last hour, under Frigate's names."""
        return {
            "reconnects_last_hour": self.reconnects_last_hour(now_ns),
            "stalls_last_hour": self.stalls_last_hour(now_ns),
            "connection_quality": self.connection_quality(now_ns),
        }

    def connection_quality(self, now_ns: int) -> str:
        """Frigate's verdict: `excellent`, `fair`, `poor` or `unusable`."""
        rate_hz, reconnects, stalls = (
            self.rate_hz(now_ns),
            self.reconnects_last_hour(now_ns),
            self.stalls_last_hour(now_ns),
        )
        if rate_hz < 0.1 or reconnects > 10 or rate_hz < 1.0 or stalls > 100:
            return "unusable"
        if reconnects == 0 and rate_hz >= 0.9 * self._expected_hz and stalls < 5:
            return "excellent"
        if reconnects <= 2 and rate_hz >= 0.6 * self._expected_hz:
            return "fair"
        return "poor"


def _forget(moments: deque[int], before_ns: int) -> None:
    while moments and moments[0] < before_ns:
        moments.popleft()
