"""Other ways to find the lag from the same mouth motion and loudness, called once on what was seen so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_MS, NS_PER_S
from edge.features.sound_features import joined
from engines.progress import progress
from tests.sync_bench.measures import Reading, readings, scored
from tests.sync_bench.stream import Stream
from tests.sync_bench.studio import CLEAN, Condition, Studio
from tests.sync_bench.table import Table, percent
from tests.sync_bench.walk import Walk

Signal = NDArray[np.float64]
STEP_MS = 10
MOST_LAG_MS = 600
SHIFTS_MS = (-500, -200, -80, 80, 200, 500)
SPEECH_S = 10
NOISY = Condition("noise 10 dB", snr_db=10)


@dataclass(frozen=True)
class Peer:
    """`lag_ms` takes two z-scored signals (n,) at 100 Hz, mouth and voice, and gives the sound's lag."""

    name: str
    lag_ms: Callable[[Signal, Signal], float]
    package: str = "numpy"

    @property
    def there(self) -> bool:
        """Whether its package is installed."""
        return find_spec(self.package) is not None


def _stamps(_mouth: Signal, _voice: Signal) -> float:
    return 0.0


def _correlation(mouth: Signal, voice: Signal) -> float:
    """The peak of one cross-correlation over everything that was heard."""
    most = MOST_LAG_MS // STEP_MS
    whole = np.correlate(voice, mouth, mode="full")
    middle = len(mouth) - 1
    lags = np.arange(-most, most + 1)
    overlap = len(mouth) - np.abs(lags)
    return float(lags[np.argmax(whole[middle + lags] / overlap)]) * STEP_MS


def _librosa(mouth: Signal, voice: Signal) -> float:
    from librosa.sequence import dtw

    _, path = dtw(mouth[None], voice[None])
    return _path_ms(np.asarray(path))


def _fastdtw(mouth: Signal, voice: Signal) -> float:
    _, path = import_module("fastdtw").fastdtw(mouth, voice)
    return _path_ms(np.asarray(path))


def _dtaidistance(mouth: Signal, voice: Signal) -> float:
    from dtaidistance import dtw

    return _path_ms(np.asarray(dtw.warping_path_fast(mouth, voice)))


def _path_ms(path: NDArray[np.int64]) -> float:
    """How much later the sound is along a path (k, 2) of mouth and voice indices: the median."""
    return float(np.median(path[:, 1] - path[:, 0])) * STEP_MS


PEERS = (
    Peer("time stamps", _stamps),
    Peer("one cross-correlation", _correlation),
    Peer("librosa DTW", _librosa, "librosa"),
    Peer("fastdtw, radius 1", _fastdtw, "fastdtw"),
    Peer("dtaidistance, no band", _dtaidistance, "dtaidistance"),
)


def peer_tables(studio: Studio, *, quick: bool) -> list[Table]:
    """The error of the change in lag after the same seconds of speech, and what a call costs."""
    names = list(studio.people)
    shifts = SHIFTS_MS[1::3] if quick else SHIFTS_MS
    missing = [peer.package for peer in PEERS if not peer.there]
    table = Table(
        "peers",
        f"Peers after {SPEECH_S} s of speech",
        (
            "method",
            "median ms",
            "p95 ms",
            "within ±45 ms %",
            "noise 10 dB: median ms",
            "p95 ms ",
            "within ±45 ms % ",
            "CPU ms a call",
        ),
        "|estimate − true shift − the method's own estimate of the same person unshifted and clean after 30 s|; "
        "no answer counts as a lag of 0" + (f"; not installed: {', '.join(missing)}" if missing else ""),
    )
    _add_ours(table, studio, names, shifts)
    for peer in PEERS:
        if peer.there:
            _add_peer(table, peer, studio, names, shifts)
    return [table]


def _add_ours(table: Table, studio: Studio, names: Sequence[str], shifts: Sequence[int]) -> None:
    cells: list[float | int | None] = []
    spent = calls = 0.0
    own = {name: _published(readings(Walk(studio.stream(name)).moments())[-1]) for name in names}
    for condition in (CLEAN, NOISY):
        pairs = []
        for name in progress(names, f"edge.sync, {condition.name}"):
            for shift_ms in shifts:
                walk = Walk(studio.stream(name, condition).shifted(shift_ms))
                found = readings(walk.moments(), (SPEECH_S,))
                pairs += [(Reading(SPEECH_S, _published(one, -shift_ms), None), own[name]) for one in found]
                spent, calls = spent + walk.spent.estimator, calls + walk.spent.live_s
        cells += _cells(pairs)
    table.add("edge.sync", *cells, 1000.0 * spent / calls)


def _published(reading: Reading, unknown_ms: float = 0.0) -> float:
    return unknown_ms if reading.error_ms is None else reading.error_ms


def _add_peer(table: Table, peer: Peer, studio: Studio, names: Sequence[str], shifts: Sequence[int]) -> None:
    cells: list[float | int | None] = []
    times: list[float] = []
    own = {name: peer.lag_ms(*signals(studio.stream(name), 30.0)) for name in names}
    for condition in (CLEAN, NOISY):
        pairs = []
        for name in progress(names, f"{peer.name}, {condition.name}"):
            for shift_ms in shifts:
                mouth, voice = signals(studio.stream(name, condition).shifted(shift_ms), SPEECH_S)
                begun = time.thread_time()
                error_ms = peer.lag_ms(mouth, voice) - shift_ms
                times.append(time.thread_time() - begun)
                pairs.append((Reading(SPEECH_S, error_ms, None), own[name]))
        cells += _cells(pairs)
    table.add(peer.name, *cells, 1000.0 * float(np.median(times)))


def _cells(pairs: Sequence[tuple[Reading, float]]) -> list[float | int | None]:
    score = scored(pairs)
    return [score.median_ms, score.p95_ms, percent(score.close)]


def signals(stream: Stream, speech_s: float) -> tuple[Signal, Signal]:
    """Mouth motion and loudness (n,) on one 10 ms grid, z-scored, until so much speech was heard."""
    end_ns = int(stream.speech_ns[min(round(speech_s * 100), len(stream.speech_ns) - 1)])
    run = joined(stream.sound, 0.0)
    seen = [(frame.t_ns, frame.faces[0].mouth) for frame in stream.faces if frame.faces]
    seen_ns, motion = np.array([t for t, _ in seen]), np.array([value for _, value in seen])
    known = np.isfinite(motion)
    grid_ns = np.arange(max(int(run.t_ns[0]), int(seen_ns[0])), end_ns, STEP_MS * NS_PER_MS)
    mouth = np.interp(grid_ns / NS_PER_S, seen_ns[known] / NS_PER_S, motion[known])
    voice = np.interp(grid_ns / NS_PER_S, run.t_ns / NS_PER_S, run.level_db)
    return _zscored(mouth), _zscored(voice)


def _zscored(signal: Signal) -> Signal:
    deviation = signal.std()
    return np.ascontiguousarray((signal - signal.mean()) / (deviation if deviation > 0 else 1.0))
