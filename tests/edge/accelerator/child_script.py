"""Small children: Python programs that speak as the builder does, or otherwise."""

from __future__ import annotations

import sys

BEGIN = """
import json, os, signal, subprocess, sys, time
def say(**words):
    print(json.dumps(words), flush=True)
def step(done, graph="face"):
    say(graph=graph, phase="kernels", done=done)
"""

SCRIPTS = {
    "good": """
for done in (0.0, 0.25, 0.5, 1.0):
    step(done)
say(built=["a.plan", "b.plan"])
""",
    "refused": """
step(0.9)
say(refused="probabilities differ by 0.3")
sys.exit("edge-engines: probabilities differ by 0.3")
""",
    "no gpu": """
print("WARNING something", file=sys.stderr)
print("edge-engines: there is no GPU here", file=sys.stderr)
sys.exit(69)
""",
    "wordless": "sys.exit(3)",
    "killed": "step(0.3); os.kill(os.getpid(), signal.SIGKILL)",
    "silent": "step(0.1); time.sleep(600)",
    "same words": """
while True:
    step(0.1); time.sleep(0.02)
""",
    "deaf": """
signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)
step(0.1); time.sleep(600)
""",
    "family": """
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
say(graph="face", phase=str(other.pid), done=0.1); time.sleep(600)
""",
    "heir": """
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=2)
say(graph="face", phase=str(other.pid), done=0.1); time.sleep(0.5)
""",
    "stray lines": """
print("[TRT] [W] a library talks"); print("[1, 2]"); print("{}", flush=True)
step(0.5); say(built=[])
""",
    "nonsense": """
while True:
    print("no word of ours", flush=True)
""",
    "endless line": """
while True:
    sys.stdout.write("x" * 65536)
""",
    "flood": """
n = 0
while True:
    n += 1; step(n % 100 / 100)
""",
    "complains a lot": """
for n in range(20000):
    print("warning", n, "x" * 100, file=sys.stderr)
print("edge-engines: at last", file=sys.stderr)
sys.exit(1)
""",
    "told": """
say(graph=json.dumps(sorted(os.environ)), phase=os.getcwd(), done=0.5)
time.sleep(600)
""",
}


def command(name: str) -> list[str]:
    """The words that start the child `name`."""
    return [sys.executable, "-c", BEGIN + SCRIPTS[name]]
