"""Compares a candidate's networks with the reference's: each graph alone and both as a chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.infer.card import MODALITIES
from edge.infer.plan_shapes import FACES
from edge.infer.verdict import softmax
from edge.samples import Floats
from engines.parity.feeds import ParityFeeds, Row
from engines.parity.measures import Agreement, Errors
from engines.parity.runs import SINGLE, Networks, Watch, encoded, face_sizes, judged, row_sizes, silent
from engines.parity.tolerance import Tolerance

PARTS = ("face", "head", "chain")
"""The candidate's face encoder before the reference's head; its head behind the reference's encoder; both its own."""


@dataclass(frozen=True)
class OutputParity:
    """One output of the head, in one of PARTS.

    The largest errors are those of all rows; means and labels count each evidence once, and none where there is none.
    """

    output: str
    logits: Errors
    probabilities: Errors
    agreement: Agreement
    scatter: tuple[Floats, Floats]
    """(n, 7) twice: probabilities of the reference and of the candidate."""

    def as_json(self) -> dict[str, Any]:
        """Figures alone."""
        return {name: getattr(self, name).as_json() for name in ("logits", "probabilities", "agreement")}


class Worst(NamedTuple):
    """Errors of probabilities and the share of equal labels, each that of the output where it is worst."""

    most: float
    mean: float
    agreement: float


@dataclass(frozen=True)
class Parity:
    """Everything that was measured, and the verdict."""

    reference: str
    candidate: str
    tolerance: Tolerance
    source: str
    crops: int
    rows: int
    embeddings: Errors
    parts: dict[str, dict[str, OutputParity]]
    """By PARTS, then by output."""
    batch: Errors
    """Probabilities of a row in a batch against those of the same row alone."""
    reasons: tuple[str, ...]
    """Why it is refused: one clause each; none when it is accepted."""

    @property
    def accepted(self) -> bool:
        """Whether the candidate may stand in for the reference."""
        return not self.reasons

    @property
    def worst(self) -> Worst:
        """Over all parts and outputs."""
        outputs = [one for part in self.parts.values() for one in part.values()]
        return Worst(
            max(one.probabilities.most for one in outputs),
            max(one.probabilities.mean for one in outputs),
            min(one.agreement.share for one in outputs),
        )

    @property
    def words(self) -> str:
        """The verdict as one sentence."""
        if self.reasons:
            return f"{self.candidate} is REFUSED as {self.tolerance.precision}: {'; '.join(self.reasons)}."
        worst = self.worst
        return (
            f"{self.candidate} is accepted as {self.tolerance.precision}: no probability of {self.rows} rows differs "
            f"from {self.reference} by more than {worst.most:.1e}, {worst.agreement:.2%} of the labels are the same."
        )

    def as_json(self) -> dict[str, Any]:
        """Everything but single probabilities."""
        return {
            "reference": self.reference,
            "candidate": self.candidate,
            "precision": self.tolerance.precision,
            "tolerance": {name: getattr(self.tolerance, name) for name in ("most", "mean", "agreement")},
            "source": self.source,
            "crops": self.crops,
            "rows": self.rows,
            "embeddings": self.embeddings.as_json(),
            "parts": {name: {o: one.as_json() for o, one in part.items()} for name, part in self.parts.items()},
            "batch": self.batch.as_json(),
            "accepted": self.accepted,
            "words": self.words,
        }


@np.errstate(invalid="ignore", over="ignore")  # what is no number is found below: NumPy need not warn of it
def compare(
    reference: Networks,
    candidate: Networks,
    feeds: ParityFeeds,
    tolerance: Tolerance,
    temperature: Mapping[str, float],
    *,
    faces: int = FACES,
    watch: Watch = silent,
) -> Parity:
    """Run `feeds` through both and judge by `tolerance`; `temperature` is the card's, by output.

    Batches hold up to `faces` crops and 3 · `faces` + 1 rows. To judge one graph alone, give the reference's other
    graph as the candidate's. `watch` is told of every crop and row that is done, `work(feeds)` of them altogether.
    Raises EngineError when an engine fails.
    """
    crops_in, rows_in = face_sizes(faces), row_sizes(faces)
    theirs = encoded(reference.face, feeds, crops_in, watch)
    own = encoded(candidate.face, feeds, crops_in, watch)
    truth = judged(reference.head, feeds, theirs, rows_in, watch)
    answers = {
        "face": judged(reference.head, feeds, own, rows_in, watch),
        "head": judged(candidate.head, feeds, theirs, rows_in, watch),
        "chain": judged(candidate.head, feeds, own, rows_in, watch),
    }
    alone = judged(candidate.head, feeds, encoded(candidate.face, feeds, SINGLE, watch), SINGLE, watch)
    parts = {
        part: {name: _output(name, truth[name], said[name], feeds.rows, temperature[name]) for name in MODALITIES}
        for part, said in answers.items()
    }
    embeddings, batch = Errors.between(theirs, own), _batch(answers["chain"], alone, temperature)
    return Parity(
        reference=_name(reference),
        candidate=_name(candidate),
        tolerance=tolerance,
        source=feeds.source,
        crops=len(feeds.crops),
        rows=len(feeds.rows),
        embeddings=embeddings,
        parts=parts,
        batch=batch,
        reasons=tuple(_reasons(parts, embeddings, batch, tolerance)),
    )


def work(feeds: ParityFeeds) -> int:
    """How many crops and rows `compare` tells its `watch` of."""
    return 3 * len(feeds.crops) + 5 * len(feeds.rows)


def _name(networks: Networks) -> str:
    return f"{networks.face.name} + {networks.head.name}"


def _batch(together: Mapping[str, Floats], alone: Mapping[str, Floats], temperature: Mapping[str, float]) -> Errors:
    """Over all outputs."""
    pairs = [[softmax(said[name], temperature[name]) for name in MODALITIES] for said in (alone, together)]
    return Errors.between(np.concatenate(pairs[0]), np.concatenate(pairs[1]))


def _output(name: str, truth: Floats, said: Floats, rows: Sequence[Row], temperature: float) -> OutputParity:
    telling = _telling(name, rows)
    expected, probabilities = softmax(truth, temperature), softmax(said, temperature)
    everywhere = Errors.between(expected, probabilities)
    where = Errors.between(expected[telling], probabilities[telling])
    return OutputParity(
        output=name,
        logits=Errors(Errors.between(truth, said).most, Errors.between(truth[telling], said[telling]).mean),
        probabilities=Errors(everywhere.most, where.mean),
        agreement=Agreement.between(expected[telling], probabilities[telling]),
        scatter=(expected[telling], probabilities[telling]),
    )


def _telling(output: str, rows: Sequence[Row]) -> NDArray[np.bool_]:
    """(m,): the first row of each evidence that there is for `output`.

    One voice that meets eight faces is one voice: repeated, its error would count as if many had it.
    """
    known: set[tuple[bytes, bytes]] = {(b"", b"")}
    first = np.zeros(len(rows), np.bool_)
    for number, row in enumerate(rows):
        evidence = row.evidence(output)
        first[number] = evidence not in known
        known.add(evidence)
    return first


def _reasons(
    parts: dict[str, dict[str, OutputParity]], embeddings: Errors, batch: Errors, limits: Tolerance
) -> Iterator[str]:
    if not np.isfinite(embeddings.most):
        yield "its face encoder gives embeddings that are no numbers"
        return
    if not any(one.agreement.n for one in parts["chain"].values()):
        yield "there is neither a face nor a voice to compare by"
        return
    for part, outputs in parts.items():
        for name, one in outputs.items():
            yield from (f"{name} ({part}) {clause}" for clause in _beyond(one, limits))
    if batch.most > limits.most:
        yield f"a row in a batch differs by {batch.most:.2g} from the same row alone, {limits.most:g} is allowed"


def _beyond(one: OutputParity, limits: Tolerance) -> Iterator[str]:
    errors, labels = one.probabilities, one.agreement
    if not np.isfinite(errors.most):
        yield "holds what is no number"
        return
    if errors.most > limits.most:
        yield f"errs by up to {errors.most:.2g}, {limits.most:g} is allowed"
    if errors.mean > limits.mean:
        yield f"errs by {errors.mean:.2g} on average, {limits.mean:g} is allowed"
    if labels.n - labels.same > limits.labels(labels.n):
        yield f"gives {labels.share:.2%} of {labels.n} labels, {limits.agreement:.0%} is the least"
