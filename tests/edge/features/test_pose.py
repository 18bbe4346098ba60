import math

import numpy as np
import pytest

from edge.features.pose import head_pose
from tests.edge.features.heads import LANDMARKS, project

ANGLES = [(0, 0, 0), (20, 0, 0), (-20, 0, 0), (0, 15, 0), (0, -15, 0), (0, 0, 25), (0, 0, -25)]
ANGLES += [(30, 10, -10), (-40, -10, 15), (10, -20, 40)]


@pytest.mark.parametrize(("yaw", "pitch", "roll"), ANGLES)
def test_projected_heads_are_read_back(yaw, pitch, roll):
    pose = head_pose(project(yaw, pitch, roll), 640, 480)
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((yaw, pitch, roll), abs=1.0)


def test_turning_to_the_persons_left_moves_the_nose_to_the_right_of_the_picture():
    frontal, turned = project(), project(yaw=20)
    assert turned[2, 0] - turned[:2, 0].mean() > frontal[2, 0] - frontal[:2, 0].mean() + 5
    assert head_pose(turned, 640, 480).yaw > 15


def test_looking_up_raises_the_nose_towards_the_eyes():
    frontal, up = project(), project(pitch=15)
    assert up[2, 1] - up[:2, 1].mean() < frontal[2, 1] - frontal[:2, 1].mean() - 3
    assert head_pose(up, 640, 480).pitch > 10


def test_tilting_clockwise_lowers_the_eye_at_the_right_of_the_picture():
    tilted = project(roll=20)
    assert tilted[1, 1] > tilted[0, 1] + 5
    assert head_pose(tilted, 640, 480).roll > 15


@pytest.mark.parametrize("width", [320, 640, 1280])
def test_angles_do_not_depend_on_the_picture_size(width):
    pose = head_pose(project(15, -5, 8, width=width, height=width * 3 // 4), width, width * 3 // 4)
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((15, -5, 8), abs=1.0)


def test_a_face_at_the_edge_that_looks_into_the_camera_is_frontal():
    side = 250.0
    towards_camera = math.degrees(math.atan2(side, 600.0))
    pose = head_pose(project(yaw=-towards_camera, at_mm=(side, 0.0, 600.0)), 640, 480)
    assert abs(pose.yaw) < 3


def test_landmark_noise_of_a_pixel_costs_a_few_degrees():
    rng = np.random.default_rng(2)
    errors = []
    for _ in range(100):
        yaw, pitch, roll = rng.uniform(-30, 30), rng.uniform(-15, 15), rng.uniform(-20, 20)
        points = project(yaw, pitch, roll) + rng.normal(0, 1.0, (5, 2))
        pose = head_pose(points.astype(np.float32), 640, 480)
        errors.append((abs(pose.yaw - yaw), abs(pose.roll - roll)))
    assert np.median(errors, axis=0)[0] < 5
    assert np.median(errors, axis=0)[1] < 3


def test_a_portrait_is_nearly_frontal():
    pose = head_pose(LANDMARKS, 512, 512)
    assert abs(pose.yaw) < 15
    assert abs(pose.roll) < 5


@pytest.mark.parametrize(
    "points", [np.zeros((5, 2)), np.full((5, 2), 100.0), np.full((5, 2), np.nan), np.arange(10.0).reshape(5, 2)]
)
def test_landmarks_that_are_no_face_do_not_crash(points):
    pose = head_pose(points.astype(np.float32), 640, 480)
    assert all(math.isnan(v) or abs(v) <= 180 for v in (pose.yaw, pose.pitch, pose.roll))
