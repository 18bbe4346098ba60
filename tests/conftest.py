"""What all tests share: no test reads or writes the settings of the machine that it runs on."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.broker import Mosquitto

REPOSITORY = Path(__file__).parents[1]
_LONG = frozenset({"boot", "deb", "deploy", "process"})

# Two cores are enough for many machines' CI: libraries that start a thread per core only get into each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Under nohup a hang-up is ignored, in the background of a script Ctrl-C is, by all children too: commands that are
# tested must get both.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No example has a time limit of its own: it would fail on a busy machine.
hypothesis.settings.register_profile("whole suite", deadline=None)
hypothesis.settings.load_profile("whole suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first: where several processes share the files, none waits long for another at the end."""
    items.sort(key=lambda item: _LONG.isdisjoint(item.path.parts))


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_this_machine(tmp_path_factory):
    """Also for what session fixtures start. The cache stays: the demo clip in it is named after its recipe."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("EDGE_EMOTION_") and name != "EDGE_EMOTION_DATA"]:
            patch.delenv(name)
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        patch.setenv("STATE_DIRECTORY", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def _own_privacy_switch(tmp_path_factory, monkeypatch):
    """A switch that one test leaves off does not stop the next one."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path_factory.mktemp("state")))


@pytest.fixture(autouse=True)
def _own_log():
    """A command that sets up its log, called by a test in this process, leaves level and handlers to no other test."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    for handler in set(root.handlers).difference(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the data archives; the test is skipped where there is none."""
    folder = Path(os.environ.get("EDGE_EMOTION_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no data archives in {folder}")
    return folder


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A real broker of the test's own."""
    with Mosquitto(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def demo_clip_path() -> Path:
    """The built-in clip, made once."""
    from edge.capture.demo import demo_clip

    return demo_clip()
