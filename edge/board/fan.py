"""The fan."""

from __future__ import annotations

from dataclasses import dataclass

from edge.board.tree import Tree

_FULL = 255


@dataclass(frozen=True)
class Fan:
    """`share` of its full power, 0 to 1; `rpm` where it is measured."""

    share: float | None = None
    rpm: int | None = None


def fan(tree: Tree) -> Fan | None:
    """The first of the fans that the kernel knows as pwmfan, the tachometer as pwm_tach; None without."""
    share = rpm = None
    for path in tree.glob("sys/class/hwmon/hwmon*"):
        name = tree.text(f"{path}/name")
        if name == "pwmfan":
            pwm = tree.number(f"{path}/pwm1")
            share = round(pwm / _FULL, 2) if pwm is not None and 0 <= pwm <= _FULL else share
        if name in {"pwm_tach", "pwmfan"}:
            said = [tree.number(f"{path}/{file}") for file in ("rpm", "fan1_input")]
            rpm = next((number for number in said if number is not None), rpm)
    return None if share is None and rpm is None else Fan(share, rpm)
