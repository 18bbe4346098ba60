"""What every row has: a folder of its own, a clip, brokers, daemons, and how much of everything."""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.broker import Heard, Listener, Mosquitto, listening
from tests.process.command import Running

DEVICE = "desk"
FRESH_S = 2.0
"""No result may be older when it is delivered."""
_LOG = "log_dest file {path}\nlog_type notice\nlog_type error\nconnection_messages true"


@dataclass
class Scene:
    """`tell` is told how far a long row has come."""

    folder: Path
    clip: Path
    quick: bool
    tell: Callable[[str], None]
    seed: int = 1
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def amount(self, full: int, quick: int) -> int:
        """How many times, or seconds."""
        return quick if self.quick else full

    def new_folder(self, name: str) -> Path:
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))

    def broker(self, extra: str = "", *, anonymous: bool = True) -> Mosquitto:
        """Not started; its log is beside its configuration."""
        folder = self.new_folder("broker")
        return Mosquitto(folder, f"{_LOG.format(path=folder / 'log')}\n{extra}", anonymous=anonymous)

    @contextlib.contextmanager
    def daemon(
        self, broker_url: str, *more: object, device: str = DEVICE, environ: dict[str, str] | None = None
    ) -> Iterator[Running]:
        """The real one on the clip, round and round; `more` wins over that."""
        folder = self.new_folder("daemon")
        words = ["--camera", self.clip, "--mic", self.clip, "--loop", "--json", "--device-id", device]
        own = {"STATE_DIRECTORY": str(folder), "XDG_CONFIG_HOME": str(folder), **(environ or {})}
        with Running(*words, "--broker", broker_url, *more, environ=own) as running:
            yield running


def results(port: int) -> contextlib.AbstractContextManager[Listener]:
    """A subscriber to this device's results alone."""
    return listening(port, topic=f"edge-emotion/{DEVICE}/emotion")


def age_s(heard: Heard) -> float:
    """How old a result was when it was received."""
    return heard.at - float(heard.json()["t_ns"]) / 1e9


def gaps(seqs: list[int]) -> list[int]:
    """The ticks between the first and the last that nobody told."""
    return sorted(set(range(seqs[0], seqs[-1])) - set(seqs)) if seqs else []
