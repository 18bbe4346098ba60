"""How many faces and windows a plan takes at once: the optimisation profiles of both graphs."""

from __future__ import annotations

import json

from edge.infer.engine import EngineError
from edge.infer.student import CROP_PX
from edge.samples import FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES

FACES = 8
MOST_FACES = 64
ROWS_PER_FACE = 3

Shape = tuple[int, ...]
Profile = dict[str, tuple[Shape, Shape, Shape]]
"""Input name -> its least, usual and largest shape."""


def profile(graph: str, *, faces: int = FACES, embedding_size: int) -> Profile:
    """The shapes of `graph` ("face" or "head") for up to `faces` faces in a picture; one face is the usual number.

    The face encoder takes a crop per face. The window head takes three rows per face and one for the voice alone.
    Raises EngineError for another graph or number of faces.
    """
    if not 1 <= faces <= MOST_FACES:
        raise EngineError(f"A plan for {faces} faces cannot be: give a number from 1 to {MOST_FACES}.")
    if graph == "face":
        return _batched({"crops": (1, CROP_PX, CROP_PX)}, (1, 1, faces))
    if graph == "head":
        inputs = {
            "embeddings": (VIDEO_SLOTS, embedding_size),
            "video_mask": (VIDEO_SLOTS,),
            "sound": (WINDOW_FRAMES, FEATURE_SIZE),
            "sound_mask": (WINDOW_FRAMES,),
        }
        return _batched(inputs, (1, ROWS_PER_FACE + 1, ROWS_PER_FACE * faces + 1))
    raise EngineError(f"The student has no graph {graph!r}: name face or head.")


def profile_text(profile: Profile) -> str:
    """The profile in one canonical line: a part of the key that a plan is found by."""
    return json.dumps(profile, sort_keys=True, separators=(",", ":"))


def _batched(inputs: dict[str, Shape], sizes: tuple[int, int, int]) -> Profile:
    """Every input at the three batch `sizes`."""
    least, usual, largest = sizes
    return {name: ((least, *rest), (usual, *rest), (largest, *rest)) for name, rest in inputs.items()}
