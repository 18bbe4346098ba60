"""Writes the student as two ONNX files and a card, and makes sure that they say what the networks say."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn

from edge.errors import EdgeError
from edge.infer.card import FACE_FILE, HEAD_FILE, load_card
from edge.infer.onnx_engine import OnnxEngine
from engines.archives import Archives
from engines.card import make_card
from engines.evaluation import evaluate
from engines.models.student import Student, face_example, head_example
from engines.precision.derive import derive
from engines.precision.evidence import Evidence
from engines.precision.evidence import evidence as usual_evidence
from engines.precision.proto import sha256, without_notes
from engines.precision.publish import publish, write_card

OPSET = 18
FACE_INPUTS, FACE_OUTPUTS = ("crops",), ("embeddings",)
HEAD_INPUTS = ("embeddings", "video_mask", "sound", "sound_mask")
HEAD_OUTPUTS = ("fused", "video", "audio")
_TOLERANCE = 1e-4
_BATCHES = (1, 3, 8)


def export(
    student: Student,
    folder: Path,
    archives: Archives | None,
    precisions: Sequence[str] = (),
    evidence: Evidence | None = None,
) -> dict[str, Any]:
    """Write the ONNX files and `student.json` into `folder`; the figures need the archives. Returns the card.

    They appear only when everything has worked. Raises EdgeError when ONNX Runtime disagrees with torch, or one of
    `precisions` with fp32 on the feeds of `evidence` (the usual ones).
    """
    student.eval()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        draft = Path(name)
        _write(student.face, face_example(2), draft / FACE_FILE, FACE_INPUTS, FACE_OUTPUTS)
        _write(student.head, head_example(2), draft / HEAD_FILE, HEAD_INPUTS, HEAD_OUTPUTS)
        _compare(student.face, face_example, draft / FACE_FILE, FACE_INPUTS)
        _compare(student.head, head_example, draft / HEAD_FILE, HEAD_INPUTS)
        hashes = {file: sha256(draft / file) for file in (FACE_FILE, HEAD_FILE)}
        model_hash = sha256(draft / FACE_FILE, draft / HEAD_FILE)
        card = make_card(student, hashes, model_hash, figures=None)
        write_card(card, draft)
        if archives is not None:
            judged = evaluate(draft, fer2013=archives.fer2013, speech=archives.speech, av=archives.av)
            card = make_card(student, hashes, model_hash, figures=judged)
        card["precisions"] = derive(load_card(draft), draft, precisions, evidence or usual_evidence(None))
        publish(card, draft, folder)
    return card


def _write(network: nn.Module, example: tuple[Any, ...], path: Path, inputs: Any, outputs: Any) -> None:
    for chatty in ("torch.onnx", "onnxscript", "onnx_ir"):  # torchvision is missing, and nobody needs it
        logging.getLogger(chatty).setLevel(logging.ERROR)
    n = torch.export.Dim("n", min=1, max=4096)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            example,
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=tuple({0: n} for _ in example),
            opset_version=OPSET,
            external_data=False,
            dynamo=True,
            verbose=False,
        )
    onnx.save(without_notes(onnx.load(path)), path)


def _compare(network: nn.Module, example: Any, path: Path, inputs: tuple[str, ...]) -> None:
    with OnnxEngine(path) as engine:
        for n in _BATCHES:
            tensors = example(n)
            with torch.no_grad():
                expected = network(*tensors)
            values = expected if isinstance(expected, tuple) else (expected,)
            answers = engine.infer({name: tensor.numpy() for name, tensor in zip(inputs, tensors, strict=True)})
            for value, (name, answer) in zip(values, answers.items(), strict=True):
                worst = float(np.abs(value.numpy() - answer).max())
                if not worst <= _TOLERANCE:
                    raise EdgeError(f"{path.name}: output {name} differs by {worst:.1e} from torch (n = {n}).")
