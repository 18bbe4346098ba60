"""An accelerator with a GPU that is made up: engines that compute with ONNX Runtime and fail on command."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from edge.accelerator import Accelerator
from edge.config import Settings
from edge.health import Status
from edge.infer.card import GRAPHS, load_card
from edge.infer.engine import EngineError
from edge.infer.plan_key import PlanKey, PlanTarget
from edge.infer.plan_shapes import profile, profile_text
from edge.infer.plan_store import Plan, PlanStore
from edge.infer.student import Student
from tests.fakes import FakeClock
from tests.faulty_engine import Fault, FaultyEngine

ORIN = PlanTarget(backend="tensorrt", version="10.3.0", sm="87", device="Orin", l4t="36.4.3")
CROPS = np.random.default_rng(5).integers(0, 255, (3, 128, 128), dtype=np.uint8)


class FaultyBackend:
    """`faults` and `loading`, by graph, are those of the engines that are opened from now on."""

    def __init__(self) -> None:
        self.there: PlanTarget | None = ORIN
        self.asked = 0
        self.asking: Callable[[], object] = lambda: None
        self.opened: list[FaultyEngine] = []
        self.faults: dict[str, Callable[[], Fault]] = {}
        self.loading: dict[str, Callable[[], object]] = {}

    def target(self) -> PlanTarget:
        self.asked += 1
        self.asking()
        if self.there is None:
            raise EngineError("There is no GPU here.")
        return self.there

    def open(self, plan: Plan) -> FaultyEngine:
        card = load_card()
        engine = FaultyEngine({"face": card.face_path, "head": card.head_path}[plan.key.graph])
        engine.loading = self.loading.get(plan.key.graph)
        if plan.key.graph in self.faults:
            engine.fault = self.faults[plan.key.graph]()
        self.opened.append(engine)
        return engine

    @property
    def newest(self) -> dict[str, FaultyEngine]:
        """The engines opened last, by graph."""
        return dict(zip(GRAPHS, self.opened[-2:], strict=True))


class ScriptedBuilder:
    """Instead of compiling it saves made-up plans into the store, after having done what `script` says first."""

    def __init__(self, store: PlanStore, backend: FaultyBackend, precision: str) -> None:
        self.script: list[Exception | None] = []
        self.shares = [0.0, 0.02, 0.1, 0.119, 0.2, 0.34, 0.35, 1.0]
        self.builds: list[bool] = []
        self.cancelled = False
        self._store = store
        self._backend = backend
        self._precision = precision

    def build(self, on_progress: Callable[[float], None], *, anew: bool = False) -> None:
        self.builds.append(anew)
        for share in self.shares:
            on_progress(share)
        error = self.script.pop(0) if self.script else None
        if error is not None:
            raise error
        self.save()

    def save(self) -> None:
        """As a build by hand does."""
        assert self._backend.there is not None
        save_plans(self._store, self._backend.there, self._precision)

    def cancel(self) -> None:
        self.cancelled = True


class AcceleratorRig:
    """Steps by hand, with a clock that stands still; the student is active on ONNX Runtime."""

    def __init__(self, folder: Path, *, clock=None, backend=None, **settings) -> None:
        settings.setdefault("tensorrt", {"precision": "fp32"})
        self.settings = Settings.model_validate(settings)
        self.clock = clock or FakeClock()
        self.told: list[tuple[str, dict]] = []
        self.status = Status("engine", lambda _name, state, detail: self.told.append((state, detail)))
        self.store = PlanStore(folder / "engines")
        self.backend = backend or FaultyBackend()
        self.builder = ScriptedBuilder(self.store, self.backend, self.settings.tensorrt.precision)
        self.card = load_card()
        self.accelerator = Accelerator(
            self.settings, self.card, self.status, self.clock, self.backend, self.builder, self.store
        )
        self.student = Student(self.card, self.accelerator.engine)
        self.student.activate()
        self.face, self.head = (self.accelerator.engine(path) for path in (self.card.face_path, self.card.head_path))

    def step(self, after_s: float = 0.0) -> None:
        self.clock.advance(round(after_s * 1e9))
        self.accelerator.step()

    def encode(self) -> np.ndarray:
        return self.student.encode(CROPS)

    @property
    def fast(self) -> list[bool]:
        """Whether face encoder and window head are on the GPU."""
        return [switch.fast is not None for switch in (self.face, self.head)]

    @property
    def state(self) -> str:
        return self.status.state

    @property
    def reason(self) -> str:
        return str(self.status.detail.get("reason"))


def save_plans(store: PlanStore, target: PlanTarget, precision: str) -> None:
    for graph in GRAPHS:
        key = key_of(graph, target, precision)
        store.save(Plan(key, f"plan of {graph}".encode(), {"crops": "crops"}), {})


def key_of(graph: str, target: PlanTarget, precision: str) -> PlanKey:
    card = load_card()
    return PlanKey(
        graph=graph,
        model_sha256=hashlib.sha256(card.graph_path(graph, precision).read_bytes()).hexdigest(),
        precision=precision,
        target=target,
        shapes=profile_text(profile(graph, embedding_size=card.embedding_size)),
    )
