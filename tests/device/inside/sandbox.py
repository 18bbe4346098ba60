"""What the service may and may not, with real devices behind its unit's DeviceAllow."""

from __future__ import annotations

import re
from pathlib import Path

from tests.bench.row import Row
from tests.device.inside.place import Place
from tests.device.inside.service import SENSORS, UNIT, run

EXPOSED = 1.5
"""systemd-analyze's mark, 0 (nothing) to 10 (everything)."""


def sandbox(place: Place) -> Row:
    """The service's rights."""
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{place.service.pid}/status").read_text("utf-8").splitlines()
    )
    uid, capabilities = int(status["Uid"].split()[0]), int(status["CapEff"], 16)
    sensors = [path for path in place.service.open_files() if re.fullmatch(SENSORS, path)]
    verdict = run("systemd-analyze", "security", "--no-pager", UNIT, check=False).strip().splitlines()[-1]
    exposure = float(re.search(r"[\d.]+", verdict.partition(":")[2])[0])
    killed = [line for line in run("journalctl", "-q", "-k", "--no-pager").splitlines() if "type=1326" in line]
    return Row(
        "the unit's sandbox around the service, both devices in use",
        f"user {uid}, {'no' if not capabilities else 'some'} capabilities, seccomp mode {status['Seccomp'].strip()}, "
        f"{len(killed)} forbidden calls; it has {' and '.join(sensors)} open; exposure {exposure}",
        f"a user of its own, no capability, both devices all the same; systemd-analyze ≤ {EXPOSED}",
        uid >= 61184 and not capabilities and len(sensors) == 2 and not killed and exposure <= EXPOSED,
        {"uid": uid, "open": sensors, "exposure": exposure},
    )
