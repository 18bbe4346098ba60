"""How well a face can be judged: its size, sharpness and light."""

from __future__ import annotations

import cv2

from edge.samples import Box, Image, Quality


def face_quality(box: Box, aligned: Image) -> Quality:
    """Quality of the face in `box`, from its aligned gray crop before contrast equalisation.

    Sharpness is the variance of the Laplacian (Pech-Pacheco et al. 2000), brightness the mean gray value 0 … 255.
    """
    sharpness = float(cv2.Laplacian(aligned, cv2.CV_32F).var())
    return Quality(width_px=float(box.width), sharpness=sharpness, brightness=float(aligned.mean()))
