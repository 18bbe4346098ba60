"""What a real journald has of the real daemon, with its standard error there as in a service."""

from __future__ import annotations

import signal

import pytest

from tests.journald import journald
from tests.process.command import Running

AS_A_SERVICE = 'export JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2); exec "$@"'


@pytest.fixture(scope="module")
def journal():
    with journald() as running:
        yield running


def service(journal, *words, environ=None):
    """The daemon inside, its output as systemd connects it."""
    before = journal.inside("systemd-cat", "--identifier=edge-emotion", "sh", "-c", AS_A_SERVICE, "sh")
    return Running(*words, before=before, environ=environ)


def test_states_are_entries_with_fields_and_a_crash_leaves_every_stack(journal, demo_clip_path):
    words = ["--camera", demo_clip_path, "--mic", "none", "--loop", "--broker", "none", "--device-id", "desk"]
    for _ in range(3):  # faulthandler reads stacks that go on growing, and now and then falls over one of them
        with service(journal, *words) as running:
            pid = f"_PID={running.child.pid}"
            (video,) = journal.wait_for(1, "EDGE_STATUS=video", "EDGE_STATE=online", pid)
            running.child.send_signal(signal.SIGABRT)  # as the watchdog does
            if running.finish().code == -signal.SIGABRT:
                break
    else:
        pytest.fail("no crash has left its stacks")
    stacks = journal.wait_for(1, "MESSAGE=Fatal Python error: Aborted", pid)
    expected = {
        "MESSAGE": f"video is online ({demo_clip_path})",
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "edge-emotion",
        "LOGGER": "edge.daemon",
        "THREAD_NAME": "camera",
        "EDGE_DEVICE_ID": "desk",
    }
    assert expected.items() <= video.items()
    assert len(video["EDGE_SESSION"]) == 6
    assert video["CODE_FILE"].endswith("edge/statuses.py")
    assert stacks[0]["SYSLOG_IDENTIFIER"] == "edge-emotion"
    lines = [entry["MESSAGE"] for entry in journal.entries(pid, "_TRANSPORT=stdout")]
    assert sum("Thread 0x" in line for line in lines) > 5
    assert any("_watch" in line for line in lines), "the main thread"


def test_the_last_words_of_an_error_are_one(journal, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("log_level = 1\n")
    with service(journal, "--config", config) as running:
        assert running.finish().code == 78
    (entry,) = journal.wait_for(1, f"_PID={running.child.pid}")
    assert entry["MESSAGE"].startswith("edge-emotion: ")
    assert str(config) in entry["MESSAGE"]
    assert entry["PRIORITY"] == "3"


def test_without_systemd_python_it_is_said_in_one_line(journal, demo_clip_path, tmp_path):
    """The folder of units in a checkout is an empty package `systemd` then."""
    (tmp_path / "systemd").mkdir()
    (tmp_path / "systemd" / "__init__.py").touch()
    environ = {"PYTHONPATH": str(tmp_path)}
    words = ["--camera", demo_clip_path, "--mic", "none", "--loop", "--broker", "none", "--duration", "1"]
    with service(journal, *words, environ=environ) as running:
        assert running.finish().code == 0
    said = journal.entries(f"_PID={running.child.pid}")
    (told,) = [entry for entry in said if "systemd-python" in entry["MESSAGE"]]
    assert "without fields, because systemd-python is not installed: pip install systemd-python." in told["MESSAGE"]
    assert told["PRIORITY"] == "4"
    assert not any("LOGGER" in entry for entry in said)
