"""A store with one good plan, and a deserialiser that must see nothing else."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

from edge.infer.plan_key import PlanKey, PlanTarget
from edge.infer.plan_store import Plan, PlanStore

TARGET = PlanTarget(backend="tensorrt", version="10.3.0", sm="87", device="Orin", l4t="36.4.3")
KEY = PlanKey(
    graph="face",
    model_sha256=hashlib.sha256(b"a model").hexdigest(),
    precision="fp16",
    target=TARGET,
    shapes='{"crops":[[1,1,128,128],[1,1,128,128],[8,1,128,128]]}',
)
OTHERS = {
    "graph": replace(KEY, graph="head"),
    "model_sha256": replace(KEY, model_sha256=hashlib.sha256(b"another").hexdigest()),
    "precision": replace(KEY, precision="fp32"),
    "shapes": replace(KEY, shapes='{"crops":[[1,1,128,128],[1,1,128,128],[4,1,128,128]]}'),
    "builder": replace(KEY, builder=KEY.builder + 1),
    "backend": replace(KEY, target=replace(TARGET, backend="rtx")),
    "version": replace(KEY, target=replace(TARGET, version="10.3.0.30")),
    "sm": replace(KEY, target=replace(TARGET, sm="72")),
    "device": replace(KEY, target=replace(TARGET, device="Xavier")),
    "l4t": replace(KEY, target=replace(TARGET, l4t="36.4")),
}
"""A key that differs in one part alone, for each part."""
TENSORS = {"crops": "crops", "embeddings": "output_0"}
FACTS = {"built": "2026-11-23T00:00:00Z", "parity": {"max": 0.0018, "agreement": 1.0, "measured": "the plan on Orin"}}


class Shelf:
    """`plan` and `manifest` are the files of KEY; `offered` is what the deserialiser was given."""

    def __init__(self, state: Path) -> None:
        self.store = PlanStore(state / "engines")
        self.offered: list[bytes] = []
        self.good = plan(KEY)
        self.plan = self.store.save(self.good, FACTS)
        self.manifest = self.plan.with_suffix(".json")

    def offer(self, key: PlanKey = KEY) -> None:
        """What the daemon does: load, and hand over to TensorRT."""
        self.offered.append(self.store.load(key).data)

    def raw(self) -> dict:
        """The manifest, to be changed and written by `forge`."""
        return json.loads(self.manifest.read_bytes())

    def forge(self, raw: object) -> None:
        """Write `raw` as whoever knows how manifests are made would: its own hash is right."""
        if isinstance(raw, dict):
            raw.pop("check", None)
            raw["check"] = hashlib.sha256((json.dumps(raw, indent=2) + "\n").encode()).hexdigest()
        self.manifest.write_text(json.dumps(raw, indent=2) + "\n")

    def other(self, part: str) -> tuple[bytes, bytes]:
        """Plan and manifest of a key that differs in `part`, well made."""
        path = self.store.save(plan(OTHERS[part]), FACTS)
        return path.read_bytes(), path.with_suffix(".json").read_bytes()


def plan(key: PlanKey, size: int = 320) -> Plan:
    """Bytes that no other key has."""
    seed = hashlib.sha512(key.digest.encode()).digest()
    return Plan(key, (seed * (size // len(seed) + 1))[:size], TENSORS)


def disown(path: Path, monkeypatch) -> None:
    """Let `path` belong to somebody else: given away as root; else this user becomes another one."""
    if os.geteuid() == 0:
        os.chown(path, 4242, 4242, follow_symlinks=False)
    else:
        somebody_else = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: somebody_else)
