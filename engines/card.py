"""The card that travels with the student: what it takes, what it gives, what it learned from, how good it is."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from edge.features import crop
from edge.infer.card import FACE_FILE, HEAD_FILE
from edge.samples import EMOTIONS, FEATURE_RATE_HZ, FEATURE_SIZE, RATE_HZ, VIDEO_SLOTS, WINDOW_FRAMES
from engines.datasets.splits import TEST_SPEAKERS, VALIDATION_SPEAKERS
from engines.models.face_encoder import EMBEDDING_SIZE
from engines.models.student import Student, count_macs, face_example, head_example

NAME = "student"
VERSION = "0.1.0"
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
        "data": _data(),
        "training": {**_TRAINING, "recipe": student.recipe},
        "figures": None if figures is None else card_figures(figures),
        "limits": _LIMITS,
        "terms": _TERMS,
        "retrain": "make student (or: edge-engines train --data FOLDER && edge-engines export --data FOLDER)",
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


def _data() -> list[dict[str, Any]]:
    return [
        {
            "name": "FER2013 with FER+ votes",
            "licence": "FER2013: Kaggle challenge of 2013, pictures from the web, for research; FER+ votes: MIT",
            "split": "Training (92 % training, 8 % validation, copies kept together); test: PublicTest without the "
            "pictures that also stand in Training and without doubtful labels",
            "labels": "half FER2013's label, half FER+'s votes among the seven; contempt, unknown and no face dropped",
        },
        _speech("RAVDESS speech", "ravdess", "CC BY-NC-SA 4.0", "actors 02-20; calm counts as neutral"),
        _speech("EmoDB", "emodb", "free for research", "German; first 2 s of each recording; boredom dropped"),
        _speech("nEMO", "nemo", "CC BY-NC-SA 4.0", "Polish; Opus at 24 kbit/s; no disgust"),
        {
            "name": "RAVDESS audio-visual, actor 05",
            "licence": "CC BY-NC-SA 4.0",
            "split": "test only: neither face nor voice of actor 05 is trained on",
            "labels": "as RAVDESS speech",
        },
    ]


def _speech(name: str, data_set: str, licence: str, note: str) -> dict[str, Any]:
    return {
        "name": name,
        "licence": licence,
        "split": f"validation speakers {', '.join(VALIDATION_SPEAKERS[data_set])}; "
        f"test speakers {', '.join(TEST_SPEAKERS[data_set])}; all others trained on",
        "labels": note,
    }


_TRAINING = {
    "face": "single pictures, soft labels, random pose, light, sharpness, noise, JPEG and covered patches; "
    "averaged weights",
    "video": "one picture under several random changes stands for the pictures of a second, 3 to 15 slots filled",
    "audio": "seconds in which somebody speaks, each window's own loudness removed; noisy copies of RAVDESS and EmoDB "
    "(5 to 30 dB), shifted like other speakers' spectra, mixed, blanked frames; sets and emotions balanced",
    "fusion": "pairs of a face and a voice of different people with the same label, from validation people; "
    "a masked modality leaves the other one's logits unchanged by construction",
    "calibration": "one temperature per output on such pairs, all emotions equally often; uncertain_below: from this "
    "confidence on, verdicts on them were right at least half of the time",
}

_LIMITS = [
    "The first student: trained for well under an hour on two cores, without teacher or distillation.",
    (
        "The face encoder's training was resumed several times with another number of epochs, and RAVDESS features "
        "came from a slightly earlier state of the sound code: `recipe` gives a like student, not the same one."
    ),
    "Posed emotions by actors and web pictures in 2013's labels; it recognises expressions, not what people feel.",
    "Faces were learned from small web pictures: on camera faces of unseen people it is much weaker (figures, av).",
    "No real pairs of face and voice were trained on; only one actor's are judged.",
    "nEMO utterances of an unseen speaker are known worse than by a linear model on whole utterances.",
    "Voices: English, German, Polish; acted. Disgust is known from RAVDESS and EmoDB only, surprise not from EmoDB.",
    "Figures by age, skin colour or gender were not measured.",
]

_TERMS = (
    "RAVDESS and nEMO are CC BY-NC-SA 4.0 and FER2013 is for research: these weights are for non-commercial use. "
    "Retrain on data of your own for anything else. EU AI Act: no emotion inference at work or in education "
    "(Art. 5(1)(f)); people exposed must be told (Art. 50(3))."
)
