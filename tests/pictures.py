"""Makes the README's pictures from the real demo: `python -m tests.pictures [FOLDER]`.

Needs Xvfb, xdotool, ImageMagick, xterm and mosquitto_sub.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

from edge.publish.screen.overlay_window import TITLE
from tests.display import Display, save, virtual_display
from tests.process.command import Running

TOPICS = ("available", "enabled/state", "status/video", "status/audio", "status/engine", "state", "event")
SHOW = r"""
import json, sys
from rich.console import Console
from rich.text import Text
from rich.highlighter import JSONHighlighter

def lines(value, depth=0):
    flat = json.dumps(value)
    if not isinstance(value, (dict, list)) or len(flat) < 108 - 2 * depth:
        return flat
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    items = value.items() if isinstance(value, dict) else enumerate(value)
    parts = [(json.dumps(k) + ": " if isinstance(value, dict) else "") + lines(v, depth + 1) for k, v in items]
    rows, row = [], ""
    for part in parts:
        if row and ("\n" in part or len(row) + len(part) > 108 - 2 * depth):
            rows.append(row)
            row = ""
        row = f"{row}, {part}" if row else part
    pad = "  " * (depth + 1)
    return opening + "\n" + ",\n".join(pad + r for r in [*rows, row]) + closing

console = Console(width=120)
console.print("[bold white]$ mosquitto_sub -t edge-emotion/# -v[/]")
for line in sys.stdin:
    topic, _, payload = line.strip().partition(" ")
    console.print(Text(topic, "cyan"), end=" ")
    if payload.startswith("{"):
        text = Text(lines(json.loads(payload)))
        JSONHighlighter().highlight(text)
        console.print(text)
    else:
        console.print(Text(payload, "bold green"))
"""


def overlay(display: Display) -> None:
    """Wait until the demo's window shows a happy face that speaks."""
    deadline = time.monotonic() + 60
    while display.window(TITLE) is None:
        assert time.monotonic() < deadline, "the overlay never opened"
        time.sleep(0.2)
    time.sleep(9)


def messages(display: Display, port: int) -> None:
    """Fill an xterm with messages as a subscriber gets them, shortened by what repeats."""
    wanted = " ".join(f"-t edge-emotion/+/{topic}" for topic in TOPICS)
    one = "-t edge-emotion/+/emotion | grep -m1 present.:true"
    script = f"(mosquitto_sub -p {port} -v {wanted} -C 7; mosquitto_sub -p {port} -v {one})"
    command = (
        f"{script} | {sys.executable} -c '{SHOW.replace(chr(39), chr(39) + chr(92) + chr(39) + chr(39))}'; sleep 30"
    )
    xterm = ["xterm", "-fa", "DejaVu Sans Mono", "-fs", "10", "-bg", "#14161a", "-fg", "#d8dee9", "-b", "12"]
    xterm += ["-geometry", "122x47+0+0", "-e", "bash", "-c", command]
    subprocess.Popen(xterm, env=display.environ)
    time.sleep(12)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    with virtual_display(1400, 900) as display:
        words = ["demo", "--overlay", "--json", "--device-id", "desk", "--duration", "60"]
        with Running(*words, environ=display.environ) as running:
            overlay(display)
            found = display.window(TITLE)
            assert found is not None
            _, x, y, width, height = found
            save(display.screenshot()[y : y + height, x : x + width], folder / "overlay.png")
            running.wait_for("mosquitto_sub")
            port = int(re.search(r"-p (\d+)", "".join(running.err)).group(1))
            with virtual_display(1008, 800) as second:
                messages(second, port)
                save(second.screenshot(), folder / "messages.png")
            running.end()


if __name__ == "__main__":
    main()
