from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from engines.gpu_bench.latency import Latency
from engines.gpu_bench.plot import plot

SVG = "{http://www.w3.org/2000/svg}"


def latency(name, faces, p50_ms, p99_ms):
    return Latency(name, "fp16", "tick", faces, p50_ms, p99_ms, 1.0, (p50_ms,))


def points(drawing, kind):
    return [
        [tuple(map(float, point.split(","))) for point in line.get("points").split()]
        for line in drawing.iter(f"{SVG}polyline")
        if line.get("class").startswith(kind)
    ]


@pytest.fixture
def drawing():
    found = [latency("GPU", n, 0.5 * n, n) for n in (1, 2, 8)] + [
        latency("CPU & co", n, 5.0 * n, 6.0 * n) for n in (1, 8)
    ]
    return ET.fromstring(plot(found, "tick", "A tick"))


def test_it_is_an_svg_file_of_its_own(drawing):
    assert drawing.tag == f"{SVG}svg"
    assert "polyline.c0" in drawing.find(f"{SVG}style").text
    assert "CPU & co fp16 40.00 ms at 8" in drawing.find(f"{SVG}title").text


def test_each_contender_has_a_line_for_p50_and_one_for_p99(drawing):
    gpu, cpu = points(drawing, "p50")
    assert (len(gpu), len(cpu)) == (3, 2)
    assert all(above[1] < below[1] for above, below in zip(points(drawing, "p99")[0], gpu, strict=True))
    assert gpu[0][1] > cpu[0][1], "slower is higher"
    assert gpu[0][0] == cpu[0][0] < gpu[1][0] < gpu[2][0] == cpu[1][0]


def test_all_stays_inside(drawing):
    _, _, width, height = map(float, drawing.get("viewBox").split())
    for line in points(drawing, "p"):
        assert all(0 < x < width and 0 < y < height for x, y in line)


def test_one_face_count_and_one_figure_are_enough():
    assert ET.fromstring(plot([latency("GPU", 1, 1.0, 1.0)], "tick", "A tick")).tag == f"{SVG}svg"


def test_nothing_measured_is_nothing_drawn():
    assert plot([latency("GPU", 1, 1.0, 1.0)], "face", "Faces") == ""
