"""`edge-emotion demo`: no hardware, no config, no network; any MQTT client can subscribe."""

from __future__ import annotations

import os
import pty
import re

import pytest

from tests.broker import listening
from tests.process.command import Running, run

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("mqtt5", [True, False], ids=["MQTT 5", "MQTT 3.1.1"])
def test_the_demo_shows_results_and_any_client_can_subscribe(demo_clip_path, mqtt5):
    with Running("demo", "--duration", "25", "--json") as running:
        running.wait_for("mosquitto_sub")
        port = int(re.search(r"-p (\d+)", "".join(running.err)).group(1))
        with listening(port, mqtt5=mqtt5) as listener:
            listener.wait_for("emotion")
        results = running.wait_for_results(30)
        done = running.end()
    assert done.code == 0
    done.assert_no_traceback()
    assert any(result["faces"] for result in results)
    assert any(result["voice"]["present"] for result in results)


def test_it_ends_by_itself(demo_clip_path):
    done = run("demo", "--duration", "4", "--json")
    assert done.code == 0
    assert done.results


def test_on_a_terminal_there_is_one_live_line(demo_clip_path):
    main, child = pty.openpty()
    os.set_inheritable(child, True)
    import subprocess
    import sys

    process = subprocess.Popen(
        [sys.executable, "-m", "edge.cli", "demo", "--duration", "5"],
        stdin=subprocess.DEVNULL,
        stdout=child,
        stderr=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(child)
    shown = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:  # the other end was closed
            break
        if not piece:
            break
        shown += piece
    process.communicate(timeout=30)
    os.close(main)
    assert process.returncode == 0
    text = shown.decode()
    assert text.count("\r") > 10, "the line repaints itself"
    assert text.count("\n") <= 3, "and stays one line"
    assert re.search(r"neutral|happy|sad|angry|fearful|disgust|surprised", text)
    assert "ms" in text
