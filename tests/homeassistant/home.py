"""A real Home Assistant beside the tests: a child process in an environment of its own."""

from __future__ import annotations

import functools
import json
import queue
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.homeassistant.debian_python import UnavailableError
from tests.homeassistant.environment import home_assistant_python

_HERE = Path(__file__).parent
_ANSWER_S = 60.0


def python_or_skip() -> Path:
    """Skips, with the reason, where Home Assistant cannot be had."""
    found = _python_or_reason()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@functools.cache
def _python_or_reason() -> Path | str:
    """Tried once: what failed may have taken minutes."""
    try:
        return home_assistant_python()
    except UnavailableError as error:
        return str(error)


def judge(python: Path, messages: list[dict[str, Any]], payloads: list[tuple[str, str]]) -> dict[str, Any]:
    """What `checker.py` says."""
    asked = json.dumps({"messages": messages, "payloads": payloads})
    command = [str(python), str(_HERE / "checker.py")]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=_ANSWER_S, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Home:
    """`core.py` as a context: `ask` as it is described there."""

    def __init__(self, python: Path, folder: Path, port: int) -> None:
        self._command = [str(python), str(_HERE / "core.py"), str(folder), str(port)]
        self._log = folder / "log.txt"
        self._answers: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> Home:  # noqa: PYI034 - Self is Python 3.11
        pipe = subprocess.PIPE
        with self._log.open("w") as log:
            self._child = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=log, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        self.version = self._answer()
        return self

    def __exit__(self, *_: object) -> None:
        self._child.stdin.close()
        try:
            self._child.wait(20)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def ask(self, *question: Any) -> Any:
        self._child.stdin.write(json.dumps(question) + "\n")
        self._child.stdin.flush()
        return self._answer()

    def state(self, entity_id: str) -> str | None:
        """None when there is no such entity."""
        return self.ask("states").get(entity_id, {}).get("state")

    def _read(self) -> None:
        for line in self._child.stdout:
            self._answers.put(line)
        self._answers.put("")

    def _answer(self) -> Any:
        line = self._answers.get(timeout=_ANSWER_S)
        assert line, f"Home Assistant has ended:\n{self._log.read_text()[-3000:]}"
        return json.loads(line)
