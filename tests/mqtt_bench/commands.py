"""Commands nobody should send, or not so many of them."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from tests.bench.memory import GROWTH_MB, rss_mb
from tests.bench.row import Row
from tests.bench.scene import DEVICE, Scene, gaps, results
from tests.broker import listening
from tests.mqtt_bench.wishes import fuzzed

PER_SECOND = 10_000
WARM_UP_S = 5.0
SETTLED = 40
"""So many results on, memory grows no more by itself."""
TOPIC = f"edge-emotion/{DEVICE}/enabled/set"


def flood(scene: Scene) -> Row:
    """Ten thousand commands a second: junk, and wishes for what already is."""
    seconds = scene.amount(30, 5)
    with scene.broker() as broker, scene.daemon(broker.url) as daemon, results(broker.port) as listener:
        listener.wait_for("emotion")
        time.sleep(WARM_UP_S)
        first, first_made = len(listener.heard), len(daemon.out)
        command = [sys.executable, "-m", "tests.mqtt_bench.flooder", broker.port, TOPIC, PER_SECOND, seconds]
        scene.tell(f"{seconds} s of {PER_SECOND} a second")
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
        time.sleep(1.0)
        heard = [one.json() for one in listener.heard[first:]]
        made = [json.loads(line) for line in daemon.out[first_made:]]
        took_s = obeyed_s(broker.port)
        code = daemon.end().code
    unmade, untold = (gaps([one["seq"] for one in ticks]) for ticks in (made, heard))
    late = sum(one["sync"]["deadline_missed"] for one in made)
    return Row(
        f"{int(done.stdout):,} commands in {seconds} s, all junk or nothing new",
        f"of {len(made) + len(unmade)} ticks {len(unmade)} not made, {len(untold)} not delivered, {late} late; "
        f"OFF obeyed {took_s:.2f} s after",
        "no tick missed",
        code == 0 and not unmade and not untold,
        {
            "sent": int(done.stdout),
            "ticks": len(made),
            "unmade": unmade,
            "undelivered": untold,
            "deadline_missed": late,
        },
    )


def fuzz(scene: Scene) -> Row:
    """Commands made by chance: broken JSON, deep nesting, huge numbers, bad UTF-8, great lengths."""
    wanted = scene.amount(12_000, 1_000)
    topics = (f"edge-emotion/{DEVICE}/#", "edge-emotion/none")
    with (
        scene.broker() as broker,
        scene.daemon(broker.url) as daemon,
        listening(broker.port, topic=topics[1]) as sender,
    ):
        with listening(broker.port, topic=f"edge-emotion/{DEVICE}/enabled/state") as switch:
            daemon.wait_for_results(SETTLED)
            before = rss_mb(daemon.child.pid)
            for number, wish in enumerate(fuzzed(scene.chance, wanted)):
                sender.publish(TOPIC, wish)
                if number % 100 == 0:
                    scene.tell(f"{number} of {wanted} commands")
            switched = [one.payload for one in switch.heard]
        daemon.wait_for_results(10)
        grown = rss_mb(daemon.child.pid) - before
        took_s = obeyed_s(broker.port)
        done = daemon.end()
    quiet = "Traceback" not in done.err
    return Row(
        f"{wanted:,} fuzzed commands",
        f"exit {done.code}, {len(switched) - 1} changes of the switch, RSS {grown:+.1f} MB; "
        f"OFF obeyed {took_s:.2f} s after",
        f"no crash, no change, RSS ≤ +{GROWTH_MB:.0f} MB",
        done.code == 0 and quiet and switched == ["ON"] and grown <= GROWTH_MB,
        {"commands": wanted, "rss_mb": round(grown, 1), "off_obeyed_s": round(took_s, 2), "traceback": not quiet},
    )


def obeyed_s(port: int) -> float:
    """Seconds until a real OFF is obeyed."""
    with listening(port, topic=f"edge-emotion/{DEVICE}/enabled/state") as switch:
        began = time.monotonic()
        switch.publish(TOPIC, "OFF")
        return switch.wait_for("enabled/state", "OFF").at - began
