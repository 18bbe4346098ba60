"""Head pose from five landmarks and a generic head."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.samples import Floats, Pose

HEAD_MM = np.array(
    [[-31.5, -33.0, 30.0], [31.5, -33.0, 30.0], [0.0, 0.0, 0.0], [-25.0, 30.0, 24.0], [25.0, 30.0, 24.0]]
)
"""A grown-up's eye centres, nose tip and mouth corners in mm; x to picture right, y down, z away from the camera."""


def head_pose(landmarks: Floats, width: int, height: int) -> Pose:
    """Pose of the head with these landmarks (5, 2) in a picture of `width` x `height` pixels.

    Perspective-n-point (SQPnP, Terzakis and Lourakis 2020) with a focal length of one picture width, as webcams have.
    Angles are against the line of sight: a face at the picture's edge that looks into the camera is frontal.
    All NaN where no pose fits.
    """
    focal = float(max(width, 1))
    camera = np.array([[focal, 0.0, width / 2], [0.0, focal, height / 2], [0.0, 0.0, 1.0]])
    points = np.ascontiguousarray(landmarks, dtype=np.float64).reshape(5, 1, 2)
    try:
        found, rotation, shift = cv2.solvePnP(HEAD_MM, points, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    except cv2.error:
        found = False
    if not found:
        return Pose(math.nan, math.nan, math.nan)
    turn = np.asarray(cv2.Rodrigues(rotation)[0], dtype=np.float64)
    return _angles(_line_of_sight(np.asarray(shift, dtype=np.float64).ravel()).T @ turn)


def _line_of_sight(shift: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest rotation (3, 3) that brings the camera's axis to the head (Rodrigues' formula)."""
    ray = shift / max(float(np.linalg.norm(shift)), 1e-9)
    axis = np.array([-ray[1], ray[0], 0.0])
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        return np.eye(3)
    return np.asarray(cv2.Rodrigues(axis / sine * math.atan2(sine, float(ray[2])))[0], dtype=np.float64)


def _angles(turn: NDArray[np.float64]) -> Pose:
    """Degrees of turn = Rz(roll) Ry(-yaw) Rx(-pitch)."""
    cosine = math.hypot(turn[0, 0], turn[1, 0])
    yaw = math.atan2(turn[2, 0], cosine)
    pitch = -math.atan2(turn[2, 1], turn[2, 2])
    roll = math.atan2(turn[1, 0], turn[0, 0])
    return Pose(math.degrees(yaw), math.degrees(pitch), math.degrees(roll))
