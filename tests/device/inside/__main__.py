"""In the guest: carry out the order that lies in the shared folder, row by row."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

from tests.bench.row import Row
from tests.device.inside.place import Place
from tests.device.inside.service import run
from tests.device.inside.trials import TRIALS

BENCH = Path("/bench")


def main() -> int:
    """The host ends the machine when `done` is there."""
    order = json.loads((BENCH / "order.json").read_text(encoding="utf-8"))
    place = Place(_tell)
    place.camera.load()
    place.card.load()
    if order["boot"] == "first":
        _tell("the service's first start")
        place.service.install()
        place.service.start()
    for name in order["rows"]:
        row = _measured(name, place)
        with (BENCH / "rows.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")
    (BENCH / f"journal-{order['boot']}").write_text(run("journalctl", "-q", "-b", "-o", "short-monotonic"), "utf-8")
    for name in order["before_cut"]:
        TRIALS[name].before_cut(place)
    (BENCH / "done").write_text("", encoding="utf-8")  # the host cuts the power at once
    return 0


def _measured(name: str, place: Place) -> Row:
    """A row that fails on its way is one that is not met."""
    began, trial = time.monotonic(), TRIALS[name]
    place.tell = lambda words: _tell(f"{name}: {words}")
    try:
        if trial.boot == "first":
            place.well()
        row = trial.run(place)
    except Exception as error:
        said = " | ".join(place.service.journal()[-8:])
        row = Row(trial.run.__doc__ or name, f"failed: {error}"[:400], "", False, {"journal": said})
    return replace(row, key=name, seconds=round(time.monotonic() - began, 1))


def _tell(words: str) -> None:
    (BENCH / "words").write_text(words, encoding="utf-8")
    print(f"bench: {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
