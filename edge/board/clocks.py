"""How fast GPU, processors and memory run, and within which limits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge.board.tree import Tree

_DEVFREQ = "sys/class/devfreq"
_CPUFREQ = "sys/devices/system/cpu/cpu*/cpufreq"
# 17000000.ga10b on JetPack 5, 17000000.gpu on an Orin since; on a Thor gpu-gpc-0, beside gpu-nvd-0 for video.
_GPU_NAMES = (
    re.compile(r"(?:^|\.)(?:gpu|g[a-z]\d{2}b)$"),
    re.compile(r"^gpu-gpc-\d+$"),
    re.compile(r"gpu(?!-nvd)"),
)
_LOADS = ("gpu.0", "platform/gpu.0", "platform/*gpu*", "platform/*/*.gpu")


@dataclass(frozen=True)
class Clock:
    """In MHz, now and the limits of the power mode; None for what cannot be read."""

    now_mhz: int | None
    least_mhz: int | None
    most_mhz: int | None

    @property
    def is_pinned(self) -> bool | None:
        """Whether it cannot move: both limits are the same."""
        if self.least_mhz is None or self.most_mhz is None:
            return None
        return self.least_mhz >= self.most_mhz


@dataclass(frozen=True)
class Clocks:
    """`cpu` is the fastest of the cores that run; `emc` is the memory's; `gpu_load` is a share of 1."""

    gpu: Clock | None = None
    cpu: Clock | None = None
    emc: Clock | None = None
    gpu_load: float | None = None

    @property
    def are_pinned(self) -> bool | None:
        """Whether `jetson_clocks` holds GPU and processors at their limit; None where it cannot be told."""
        if self.gpu is None or self.cpu is None or None in (self.gpu.is_pinned, self.cpu.is_pinned):
            return None
        return bool(self.gpu.is_pinned and self.cpu.is_pinned)


def clocks(tree: Tree) -> Clocks:
    """What the kernel tells of them now."""
    name = _gpu_name(tree)
    gpu = _clock(tree, f"{_DEVFREQ}/{name}/{{}}_freq", 1_000_000) if name else None
    return Clocks(gpu, _cpu(tree), _emc(tree), _gpu_load(tree, name) if name else None)


def _gpu_name(tree: Tree) -> str | None:
    names = [path.rsplit("/", 1)[-1] for path in tree.glob(f"{_DEVFREQ}/*")]
    for pattern in _GPU_NAMES:
        for name in names:
            if pattern.search(name):
                return name
    return None


def _cpu(tree: Tree) -> Clock | None:
    found = [_clock(tree, f"{folder}/scaling_{{}}_freq", 1000) for folder in tree.glob(_CPUFREQ)]
    return max((clock for clock in found if clock), key=lambda clock: clock.most_mhz or 0, default=None)


def _emc(tree: Tree) -> Clock | None:
    """For everybody on a Thor; elsewhere the limit for everybody, the clock itself for root alone (debugfs)."""
    clock = _clock(tree, f"{_DEVFREQ}/bwmgr/{{}}_freq", 1_000_000)
    if clock:
        return clock
    now_mhz = _mhz(tree.number("sys/kernel/debug/bpmp/debug/clk/emc/rate"), 1_000_000)
    most_mhz = _mhz(tree.number("sys/kernel/nvpmodel_clk_cap/emc"), 1_000_000)
    return Clock(now_mhz, None, most_mhz) if now_mhz or most_mhz else None


def _gpu_load(tree: Tree, name: str) -> float | None:
    """nvgpu tells it in thousandths; a Thor's driver does not tell it in a file."""
    elsewhere = (place for pattern in _LOADS for place in tree.glob(f"sys/devices/{pattern}"))
    for place in (f"{_DEVFREQ}/{name}/device", *elsewhere):
        thousandths = tree.number(f"{place}/load")
        if thousandths is not None and 0 <= thousandths <= 1000:
            return thousandths / 1000
    return None


def _clock(tree: Tree, path: str, per_mhz: int) -> Clock | None:
    now, least, most = (_mhz(tree.number(path.format(which)), per_mhz) for which in ("cur", "min", "max"))
    return None if now is least is most is None else Clock(now, least, most)


def _mhz(value: int | None, per_mhz: int) -> int | None:
    return round(value / per_mhz) if value is not None and value > 0 else None
