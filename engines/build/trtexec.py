"""The same build as a command line of NVIDIA's trtexec, for who wants to see it there."""

from __future__ import annotations

import shlex
from pathlib import Path

from edge.infer.plan_shapes import Shape
from engines.build.config import BuildOptions
from engines.build.source import GraphSource


def trtexec_command(source: GraphSource, options: BuildOptions, plan: Path) -> str:
    """One line for a shell. What it writes has no manifest, so the daemon does not take it."""
    words = ["trtexec", f"--onnx={source.path}", "--stronglyTyped", f"--saveEngine={plan}"]
    words += [f"--memPoolSize=workspace:{options.workspace_mb}"]
    for place, option in enumerate(("minShapes", "optShapes", "maxShapes")):
        words.append(f"--{option}={','.join(f'{name}:{_shape(s[place])}' for name, s in source.profile.items())}")
    if source.precision == "fp32":
        words.append("--noTF32")
    return shlex.join(words)


def _shape(shape: Shape) -> str:
    return "x".join(str(size) for size in shape)
