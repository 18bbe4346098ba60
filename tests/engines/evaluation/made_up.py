"""Small archives in the form of the data pack, of people that nobody knows."""

from __future__ import annotations

import csv
import io
import tarfile
import zipfile

import cv2
import numpy as np
import soundfile

RATE = 16_000


def hum(seconds=1.2, pitch=140.0, seed=0):
    """Harmonics that come and go like syllables."""
    at = np.arange(int(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * pitch * k * at) / k for k in range(1, 20))
    noise = np.random.default_rng(seed).normal(0, 0.002, len(at))
    return (0.05 * tone * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at)) + noise).astype(np.float32)


def flac(samples):
    content = io.BytesIO()
    soundfile.write(content, samples, RATE, format="FLAC")
    return content.getvalue()


def table(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def speech_tar(path, data_set, rows, *, broken=()):
    """`rows` are (speaker, label7); every file is another hum, those numbered in `broken` are no sound."""
    listed = [dict(file=f"{k}.flac", speaker=who, label7=label) for k, (who, label) in enumerate(rows)]
    with tarfile.open(path, "w") as data:

        def add(name, content):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            data.addfile(entry, io.BytesIO(content))

        add(f"{data_set}/manifest.csv", table(listed))
        for k, row in enumerate(listed):
            sound = b"no sound" if k in broken else flac(hum(pitch=110 + 15 * k, seed=k))
            add(f"{data_set}/{row['file']}", sound)
    return path


def picture_zip(path, rows):
    """`rows` are (usage, fer_label, fer_label_ok, dup_group); without FER+ votes, as foreign archives may be."""
    random = np.random.default_rng(0)
    tiles = random.integers(0, 256, (25 * -(-len(rows) // 25), 48, 48)).astype(np.uint8)
    sheet = tiles.reshape(-1, 25, 48, 48).transpose(0, 2, 1, 3).reshape(-1, 25 * 48)
    _, webp = cv2.imencode(".webp", sheet, [cv2.IMWRITE_WEBP_QUALITY, 101])
    names = ("usage", "fer_label", "fer_label_ok", "dup_group")
    listed = [dict(i=k, row=k, **dict(zip(names, row, strict=True))) for k, row in enumerate(rows)]
    with zipfile.ZipFile(path, "w") as data:
        data.writestr("labels.csv", table(listed))
        data.writestr("sheets/000.webp", webp.tobytes())
    return path


def film_zip(path, rows, *, broken=()):
    """`rows` are (subject, label7); 8 pictures of one face and a hum each."""
    from skimage.data import astronaut

    face = cv2.resize(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)[40:200, 150:300], (128, 128))
    with zipfile.ZipFile(path, "w") as data:
        listed = []
        for k, (subject, label) in enumerate(rows):
            times = " ".join(f"{0.1 + 0.15 * n:.3f}" for n in range(8))
            row = dict(key=f"take{k}", subject=subject, label7=label, n_frames=8, frame_time_s=times)
            listed.append(row | dict(audio=f"audio/{k}.flac", audio_delay_s="0.0333"))
            for n in range(8):
                _, jpeg = cv2.imencode(".jpg", face)
                data.writestr(f"crops/take{k}/{n:02d}.jpg", b"broken" if k in broken else jpeg.tobytes())
            data.writestr(f"audio/{k}.flac", flac(hum(pitch=110 + 15 * k, seed=k)))
        data.writestr("crops.csv", table(listed))
    return path
