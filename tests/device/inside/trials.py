"""All trials by the name of their row, in the order in which they are made."""

from __future__ import annotations

from tests.device.inside import (
    camera_errors,
    cards,
    clocks,
    crashes,
    doctor,
    plain,
    privacy,
    sandbox,
    stamps,
    unplugging,
)
from tests.device.inside.trial import Trial

TRIALS: dict[str, Trial] = {
    "plain": Trial(plain.plain),
    "sandbox": Trial(sandbox.sandbox),
    "doctor": Trial(doctor.doctor),
    "camera-unplugged": Trial(unplugging.unplugged),
    "camera-renumbered": Trial(unplugging.renumbered),
    "camera-disconnected": Trial(unplugging.disconnected),
    "camera-eio": Trial(camera_errors.streaming_error),
    "camera-no-start": Trial(camera_errors.start_error),
    "camera-half": Trial(camera_errors.dropped),
    "camera-stamps": Trial(stamps.stamped),
    "camera-frozen": Trial(camera_errors.frozen),
    "card-unplugged": Trial(cards.unplugged),
    "card-renumbered": Trial(cards.renumbered),
    "card-fast": Trial(cards.fast_clock),
    "clock-forward": Trial(clocks.forward),
    "clock-back": Trial(clocks.back),
    "killed": Trial(crashes.killed),
    "stopped": Trial(crashes.stopped),
    "off-killed": Trial(privacy.killed),
    "off-restarted": Trial(privacy.restarted),
    "off-power-cut": Trial(privacy.power_cut, "cut", privacy.before_cut),
    "born-in-1970": Trial(clocks.born_in_1970, "cut"),
}
