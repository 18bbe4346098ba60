"""The card that travels with the student: what it takes, what it gives, what it learned from, how good it is."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from edge.features import crop
from edge.infer.card import FACE_FILE, HEAD_FILE
from edge.samples import EMOTIONS, FEATURE_RATE_HZ, FEATURE_SIZE, RATE_HZ, VIDEO_SLOTS, WINDOW_FRAMES
from engines.models.face_encoder import EMBEDDING_SIZE
from engines.models.student import Student, count_macs, face_example, head_example
from engines.provenance import terms

NAME = "student"
VERSION = "0.2.0"
_NOT_IN_CARDS = ("reliability", "model")


def make_card(
    student: Student, hashes: dict[str, str], model_sha256: str, figures: dict[str, Any] | None
) -> dict[str, Any]:
    """Everything about one exported student, ready for JSON."""
    return {
        "name": NAME,
        "version": VERSION,
        "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "model_sha256": model_sha256,
        "files": hashes,
        "labels": list(EMOTIONS),
        "embedding_size": EMBEDDING_SIZE,
        "temperature": student.temperature,
        "uncertain_below": student.uncertain_below,
        "window_s": 1.0,
        "rates": {"video_slots_per_s": VIDEO_SLOTS, "sound_frames_per_s": FEATURE_RATE_HZ, "sound_hz": RATE_HZ},
        "networks": _networks(),
        "crop": _crop_geometry(),
        "parameters": student.parameters(),
        "macs": {
            FACE_FILE: count_macs(student.face, face_example(1)),
            HEAD_FILE: count_macs(student.head, head_example(1)),
        },
        "data": student.data,
        "training": {**_TRAINING, "recipe": student.recipe},
        "figures": None if figures is None else card_figures(figures),
        "limits": _LIMITS,
        "terms": f"{terms(student.data)} {_LAW}",
        "retrain": "make student (or: edge-engines distill --data FOLDER --export)",
    }


def card_figures(result: dict[str, Any]) -> dict[str, Any]:
    """Of a result of `evaluate` what a card keeps: no reliability bins, of people only mean and deviation."""
    kept: dict[str, Any] = {}
    for name, value in result.items():
        if name in _NOT_IN_CARDS:
            continue
        if name == "people":
            kept[name] = {part: value[part] for part in ("n", "mean", "sd")}
        elif name == "skipped":
            kept[name] = len(value)
        else:
            kept[name] = card_figures(value) if isinstance(value, dict) else value
    return kept


def _networks() -> dict[str, Any]:
    embeddings = {"shape": ["n", VIDEO_SLOTS, EMBEDDING_SIZE], "type": "float32", "unit": "embeddings of the face"}
    sound = {
        "shape": ["n", WINDOW_FRAMES, FEATURE_SIZE],
        "type": "float32",
        "unit": "40 MFCC, 40 delta, 40 delta-delta, as computed (normalised inside)",
    }
    logits = {"shape": ["n", len(EMOTIONS)], "type": "float32", "unit": "logits; divide by temperature, then softmax"}
    crops = {
        "shape": ["n", 1, crop.CROP_PX, crop.CROP_PX],
        "type": "float32",
        "unit": "gray 0 … 255 (normalised inside)",
    }
    return {
        FACE_FILE: {
            "inputs": {"crops": crops},
            "outputs": {"embeddings": {"shape": ["n", EMBEDDING_SIZE], "type": "float32", "unit": "none"}},
        },
        HEAD_FILE: {
            "inputs": {
                "embeddings": embeddings,
                "video_mask": _mask(VIDEO_SLOTS),
                "sound": sound,
                "sound_mask": _mask(WINDOW_FRAMES),
            },
            "outputs": {"fused": logits, "video": logits, "audio": logits},
        },
    }


def _mask(steps: int) -> dict[str, Any]:
    return {"shape": ["n", steps], "type": "float32", "unit": "1 = use, 0 = masked"}


def _crop_geometry() -> dict[str, Any]:
    return {
        "size_px": crop.CROP_PX,
        "landmarks_px": [[round(float(x), 2), round(float(y), 2)] for x, y in crop.TEMPLATE],
        "landmark_order": ["right eye", "left eye", "nose tip", "right mouth corner", "left mouth corner"],
        "clahe": {"clip_limit": crop.CLAHE_CLIP, "grid": list(crop.CLAHE_GRID)},
    }


_TRAINING = {
    "face": "single pictures by their own labels and by a teacher's logits; random pose, light, sharpness, noise, JPEG "
    "and covered patches; averaged weights",
    "video": "one picture under several random changes stands for the pictures of a second: 3 to 15 slots, some "
    "of them showing a neutral face instead",
    "audio": "seconds in which somebody speaks, distilled from an ensemble: in other throats, at another pace, through "
    "other microphones, in noise, with blanks; sets and emotions balanced, emotions that a set lacks left out",
    "fusion": "pairs of a face and a voice of different people with the same label, from validation people, with "
    "modality dropout; a masked modality leaves the other one's logits unchanged by construction",
    "calibration": "by validation people: one temperature per output, one for whole utterances; uncertain_below: from "
    "this confidence on, verdicts on them were right at least half of the time",
}

_LIMITS = [
    "It recognises expressions as actors pose them and lookers-on label them, not what people feel.",
    "Faces were learned from single small pictures, movement was not learned.",
    "On film, faint expressions are called neutral, and the face alone is too sure of itself (figures, av).",
    "No real pairs of face and voice were trained on: pairs were made by label.",
    "One second is short: let the voice's evidence add up over the utterance.",
    "Figures by age, skin colour or gender were not measured.",
]

_LAW = (
    "EU AI Act: no emotion inference at work or in education (Art. 5(1)(f)); people exposed must be told (Art. 50(3))."
)
