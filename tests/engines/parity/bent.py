"""Engines and files that are wrong in a known way."""

from __future__ import annotations

import hashlib
import json
import shutil

from edge.infer.card import CARD_FILE, FACE_FILE, HEAD_FILE, MODELS_FOLDER, precision_file


class Bent:
    """A real engine whose answers `change(outputs, feeds)` makes wrong."""

    def __init__(self, engine, change):
        self.name, self._engine, self._change = f"bent:{engine.name}", engine, change

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def infer(self, feeds):
        return self._change({name: value.copy() for name, value in self._engine.infer(feeds).items()}, feeds)


def changed(output, change):
    """`change(values)` for one output alone."""
    return lambda outputs, _feeds: {**outputs, output: change(outputs[output])}


def perturbed(path, target, name, factor):
    """The ONNX file of `path` with one weight `factor` times what it was."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(path)
    weight = next(one for one in model.graph.initializer if one.name == name)
    values = numpy_helper.to_array(weight).copy()
    values.flat[abs(values).argmax()] *= factor
    weight.CopyFrom(numpy_helper.from_array(values, name))
    onnx.save(model, target)
    return target


def model_folder(folder, precision, *, face=None, head=None, lies=False):
    """The shipped student in `folder`, with `face` and `head` as its files of `precision` (default: fp32's own).

    With `lies` the card tells of other files.
    """
    shutil.copytree(MODELS_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    files = {"face": face or MODELS_FOLDER / FACE_FILE, "head": head or MODELS_FOLDER / HEAD_FILE}
    card = json.loads((folder / CARD_FILE).read_text())
    told = {}
    for graph, file in files.items():
        content = file.read_bytes()
        (folder / precision_file(graph, precision)).write_bytes(content)
        told[f"{graph}_sha256"] = "0" * 64 if lies else hashlib.sha256(content).hexdigest()
    card["precisions"] = {precision: told}
    (folder / CARD_FILE).write_text(json.dumps(card))
    return folder
