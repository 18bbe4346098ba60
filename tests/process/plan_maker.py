"""Speaks as the builder's child does, takes its time, and saves plans that the made-up GPU takes."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from edge.infer.card import GRAPHS
from edge.infer.plan_store import Plan, PlanStore
from tests.edge.accelerator.rig import ORIN, key_of


def main(folder: str, precision: str) -> int:
    order = Path(os.environ["GPU_ORDERS"], "child").read_text()
    for step in range(21):
        print(json.dumps({"graph": "face", "phase": "kernels", "done": step / 20}), flush=True)
        time.sleep(0.05)
        if order == "hang" and step == 7:
            time.sleep(600)
    store, built = PlanStore(Path(folder)), []
    for graph in GRAPHS:
        plan = Plan(key_of(graph, ORIN, precision), graph.encode(), {"crops": "crops"})
        built.append(str(store.save(plan, {})))
    print(json.dumps({"built": built}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
