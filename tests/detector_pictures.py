"""Pictures for the detector bench: frames of real clips, harder versions of them, and pictures without a face."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from edge.samples import Box, Image

WIDTH, HEIGHT = 640, 480
# Pictures of scikit-image's wheel that show no face (its coins, cameraman and astronaut do).
# fmt: off
FACELESS = [
    "brick.png", "cell.png", "chelsea.png", "chessboard_RGB.png", "clock_motion.png", "coffee.png", "color.png",
    "grass.png", "gravel.png", "horse.png", "hubble_deep_field.jpg", "ihc.png", "logo.png", "microaneurysms.png",
    "moon.png", "motorcycle_left.png", "motorcycle_right.png", "page.png", "phantom.png", "retina.jpg", "rocket.jpg",
    "text.png",
]
# fmt: on


def data_folder(given: Path | None = None) -> Path:
    """The data pack: as given, from EDGE_EMOTION_DATA, or beside the repository."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return given or Path(os.environ.get("EDGE_EMOTION_DATA", beside))


def clips(data: Path) -> Iterator[tuple[str, list[tuple[int, Image]]]]:
    """Each clip of av_dev.zip: its name and its frames with their time in ns."""
    with zipfile.ZipFile(data / "av_dev.zip") as archive:
        for name in sorted(n for n in archive.namelist() if n.startswith("clips/") and n.endswith(".mp4")):
            with av.open(io.BytesIO(archive.read(name))) as container:
                stream = container.decode(video=0)
                yield Path(name).stem, [(int(f.time * 1e9), f.to_ndarray(format="bgr24")) for f in stream]


def on_canvas(image: Image, factor: float | None = None) -> Image:
    """`image` in the middle of a gray 640x480 picture, as large as fits or scaled by `factor`."""
    fit = min(WIDTH / image.shape[1], HEIGHT / image.shape[0]) if factor is None else factor
    method = cv2.INTER_AREA if fit < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(image, None, fx=fit, fy=fit, interpolation=method)[:HEIGHT, :WIDTH]
    canvas = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    top, left = (HEIGHT - scaled.shape[0]) // 2, (WIDTH - scaled.shape[1]) // 2
    canvas[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
    return canvas


def _rolled(image: Image, box: Box) -> Image:
    turn = cv2.getRotationMatrix2D((box.x + box.width / 2, box.y + box.height / 2), 35, 1.0)
    return cv2.warpAffine(image, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def _small(image: Image, box: Box, width_px: float) -> tuple[Image, Box]:
    factor = width_px / box.width
    left, top = (WIDTH - WIDTH * factor) / 2, (HEIGHT - HEIGHT * factor) / 2
    moved = Box(box.x * factor + left, box.y * factor + top, width_px, box.height * factor)
    return on_canvas(image, factor), moved


def _dark(image: Image) -> Image:
    """8 % of the light and a sensor's noise."""
    noise = np.random.default_rng(1).normal(0, 2.5, image.shape)
    return np.clip(image * 0.08 + noise, 0, 255).astype(np.uint8)


def _blurred(image: Image, box: Box) -> Image:
    return cv2.GaussianBlur(image, (0, 0), 0.045 * box.width)


def _half_covered(image: Image, box: Box) -> Image:
    covered = image.copy()
    left, top = int(box.x + box.width / 2), max(0, int(box.y))
    covered[top : int(box.y + box.height), max(0, left) : int(box.x + 1.1 * box.width)] = (60, 70, 80)
    return covered


def variants(image: Image, box: Box) -> dict[str, tuple[Image, Box]]:
    """A 640x480 picture with one face in `box`, and harder versions, each with the face's box."""
    return {
        "plain": (image, box),
        "dark 8 %": (_dark(image), box),
        "24 px": _small(image, box, 24),
        "40 px": _small(image, box, 40),
        "roll 35°": (_rolled(image, box), box),
        "blur": (_blurred(image, box), box),
        "half covered": (_half_covered(image, box), box),
    }


def _room(rng: np.random.Generator) -> Image:
    """An empty room: walls, floor, window, door, shelves, a lamp and a picture, with light and noise."""
    room = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    room[:] = rng.integers(60, 230, 3)
    floor = int(rng.uniform(0.6, 0.85) * HEIGHT)
    room[floor:] = rng.integers(30, 160, 3)
    corner = int(rng.uniform(0.1, 0.9) * WIDTH)
    cv2.line(room, (corner, 0), (corner, floor), rng.integers(40, 200, 3).tolist(), 2)
    for _ in range(rng.integers(4, 14)):
        a = rng.integers(0, (WIDTH, HEIGHT))
        b = a + rng.integers(20, 220, 2)
        colour = rng.integers(0, 255, 3).tolist()
        if rng.random() < 0.7:
            cv2.rectangle(room, a.tolist(), b.tolist(), colour, -1 if rng.random() < 0.7 else 3)
        else:
            axes = ((b - a) // 2).tolist()
            cv2.ellipse(room, a.tolist(), axes, float(rng.uniform(0, 90)), 0, 360, colour, -1)
    for x in range(int(rng.integers(0, 40)), WIDTH, int(rng.integers(25, 120))):
        cv2.line(room, (x, floor), (int(x * 1.4 - 0.2 * WIDTH), HEIGHT), (50, 50, 50), 1)
    light = np.linspace(*rng.uniform(0.5, 1.2, 2), WIDTH)[None, :, None]
    noisy = cv2.GaussianBlur(room, (0, 0), 1.2) * light + rng.normal(0, rng.uniform(1, 8), room.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _noise(rng: np.random.Generator) -> Image:
    """Noise of a random grain, coloured or gray."""
    grain = int(rng.choice([1, 2, 4, 8, 16, 32]))
    depth = int(rng.choice([1, 3]))
    fine = rng.integers(0, 256, (HEIGHT // grain + 1, WIDTH // grain + 1, depth), dtype=np.uint8)
    fine = np.repeat(fine, 3, axis=2) if depth == 1 else fine
    return cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def _texture(rng: np.random.Generator, pool: list[Image]) -> Image:
    """A random part of a faceless photograph, turned over at random."""
    image = pool[rng.integers(len(pool))]
    share = rng.uniform(0.3, 1.0)
    height, width = int(image.shape[0] * share), int(image.shape[1] * share)
    top, left = rng.integers(0, image.shape[0] - height + 1), rng.integers(0, image.shape[1] - width + 1)
    part = cv2.resize(image[top : top + height, left : left + width], (WIDTH, HEIGHT))
    return cv2.flip(part, int(rng.integers(-1, 2))) if rng.random() < 0.75 else part


def _faceless_photographs() -> list[Image]:
    import skimage.data

    folder = Path(skimage.data.__file__).parent
    found = [cv2.imread(str(folder / name)) for name in FACELESS]
    return [image for image in found if image is not None]


def without_face(image: Image, box: Box, rng: np.random.Generator) -> Image:
    """A real frame whose head was painted over from its surroundings: shoulders, wall and light stay."""
    small = cv2.resize(image, (WIDTH // 2, HEIGHT // 2))
    mask = np.zeros(small.shape[:2], np.uint8)
    centre = (int((box.x + box.width / 2) / 2), int((box.y + box.height * 0.42) / 2))
    cv2.ellipse(mask, centre, (int(0.55 * box.width), int(0.52 * box.height)), 0, 0, 360, 255, -1)
    painted = cv2.resize(cv2.inpaint(small, mask, 5, cv2.INPAINT_TELEA), (WIDTH, HEIGHT))
    painted = cv2.flip(painted, 1) if rng.random() < 0.5 else painted
    return np.clip(painted + rng.normal(0, 3, painted.shape), 0, 255).astype(np.uint8)


def faceless(frames: list[tuple[Image, Box]], count: int) -> Iterator[tuple[str, Image]]:
    """`count` pictures of each kind without a face, with the kind's name; the same ones every time."""
    rng = np.random.default_rng(7)
    pool = _faceless_photographs()
    kinds: dict[str, Callable[[], Image]] = {
        "rooms": lambda: _room(rng),
        "photos": lambda: _texture(rng, pool),
        "noise": lambda: _noise(rng),
        "head removed": lambda: without_face(*frames[rng.integers(len(frames))], rng),
    }
    for kind, make in kinds.items():
        for _ in range(count):
            yield kind, make()
