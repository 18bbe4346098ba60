"""Speaks as the builder's child does, takes its time, and puts plans that lie ready into the store.

Run as a script without any of our modules: at the lowest priority importing them may take half a minute.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path


def main(orders: str, folder: str) -> int:
    hangs = Path(orders, "child").read_text() == "hang"
    for step in range(21):
        print(json.dumps({"graph": "face", "phase": "kernels", "done": step / 20}), flush=True)
        time.sleep(600 if hangs and step == 7 else 0.05)
    shutil.copytree(Path(orders, "plans"), folder, dirs_exist_ok=True)
    print(json.dumps({"built": sorted(path.name for path in Path(folder).iterdir())}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
