"""A release is made beside the one in force, in one folder, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.steps.release import ReleaseStep
from deploy.system_python import SYSTEM_PYTHON
from edge.errors import EdgeError, UsageError
from tests.deploy.release.image import STEPS, Image, empty_image
from tests.deploy.release.tiny import tiny_wheel, wheel

_PYTHON = "/opt/edge-emotion/current/bin/python"


@dataclass
class _Installed:
    image: Image
    source: Path
    planned: list[str]
    written_by_the_plan: set[Path]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Iterator[_Installed]:
    """A first install on a system with modules of its own, built against numpy 1."""
    folder = tmp_path_factory.mktemp("wheels")
    for version in ("1.26.4", "2.4.0"):
        wheel(folder, "numpy", version, {"numpy/__init__.py": f'__version__ = "{version}"\n'})
    wheel(folder, "uvicorn", "0.30", {"uvicorn.py": ""})
    source = tiny_wheel(folder, "1.0", requires=["numpy>=1.26", 'uvicorn; extra == "web"'])
    with empty_image() as image:
        _system_numpy(image, "1.21.5")
        image.path("/usr/lib/python3/dist-packages/of_the_board.py").write_text("value = 7\n")
        image.is_furnished()
        planned = image.plan(source)
        written = image.written()
        image.provision(source)
        yield _Installed(image, source, planned, written)


def test_the_dry_run_tells_all_and_writes_nothing(installed):
    assert any("make /opt/edge-emotion/releases/1.0-" in line for line in installed.planned)
    assert any("held to numpy<2" in line for line in installed.planned)
    assert any("put 1.0-" in line for line in installed.planned)
    assert installed.written_by_the_plan == set()


def test_it_is_in_force_and_nothing_else_was_written(installed):
    image = installed.image
    assert "1.0" in image.host.run("/opt/edge-emotion/current/bin/edge-emotion", "version", timeout_s=30)
    assert {path.parts[:3] for path in image.written()} == {("/", "opt", "edge-emotion")}
    assert not image.path("/opt/edge-emotion/cache").exists()


def test_it_sees_what_the_system_sees(installed):
    run = installed.image.host.run
    assert run(_PYTHON, "-c", "import of_the_board; print(of_the_board.value)", timeout_s=30) == "7"
    home = run(_PYTHON, "-c", "import sys; print(sys.base_prefix)", timeout_s=30)
    assert home == run(SYSTEM_PYTHON, "-c", "import sys; print(sys.base_prefix)", timeout_s=30)


def test_beside_a_numpy_1_of_the_system_it_has_numpy_1(installed):
    found = installed.image.host.run(_PYTHON, "-c", "import numpy; print(numpy.__version__)", timeout_s=30)
    assert found == "1.26.4"


def test_the_second_time_there_is_nothing_to_do(installed):
    image = installed.image
    before = _written(image)
    assert image.plan(installed.source) == []
    image.told.clear()
    image.provision(installed.source)
    image.provision(None)  # without a source the release in force stays
    assert _written(image) == before
    assert image.told == []


def test_an_extra_needs_a_source(installed):
    with pytest.raises(UsageError, match="--web needs more than the release in force has: name a checkout"):
        ReleaseStep().plan(installed.image.site(None, web=True))


def test_an_extra_is_added_to_a_release_that_lacks_it(installed):
    image = installed.image
    lib = image.path("/opt/edge-emotion/releases")
    assert not list(lib.rglob("uvicorn.py"))
    image.provision(installed.source, web=True)
    assert list(lib.rglob("uvicorn.py"))
    assert image.plan(installed.source) == []


def test_all_of_it_is_taken_back(installed):
    """The last of this file: what is there is gone then."""
    image, site = installed.image, installed.image.site(None)
    assert [words for step in reversed(STEPS) for words in step.undo(site)] == []
    assert sorted(path.name for path in image.path("/opt/edge-emotion").iterdir()) == ["receipt.json"]
    assert json.loads(image.path("/opt/edge-emotion/receipt.json").read_text())["releases"] == []


@pytest.mark.parametrize(("numpy", "is_held"), [("1.26.4", True), ("2.1.0", False), (None, False)])
def test_numpy_is_held_where_the_system_has_numpy_1(image: Image, tmp_path, numpy, is_held):
    if numpy:
        _system_numpy(image, numpy)
    assert any("numpy<2" in line for line in image.plan(tiny_wheel(tmp_path, "1.0"))) is is_held


def test_a_source_that_is_none_is_told_in_a_sentence(image: Image, tmp_path):
    other = tmp_path / "numpy-1.0-py3-none-any.whl"
    other.touch()
    for wrong in (tmp_path / "nothing", tmp_path, other):
        with pytest.raises(
            UsageError, match=r"name a checkout of edge-emotion, its wheel|name one, or a wheel"
        ) as told:
            ReleaseStep().run(image.site(wrong))
        assert str(wrong) in str(told.value)
    with pytest.raises(EdgeError, match="nothing to install from"):
        ReleaseStep().run(image.site(None))
    assert image.written() == set()


def _system_numpy(image: Image, version: str) -> None:
    info = image.path(f"/usr/lib/python3/dist-packages/numpy-{version}.dist-info")
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: numpy\nVersion: {version}\n")


def _written(image: Image) -> dict[str, int]:
    home = image.path("/opt/edge-emotion")
    return {str(path): path.lstat().st_mtime_ns for path in home.rglob("*") if "__pycache__" not in path.parts}
