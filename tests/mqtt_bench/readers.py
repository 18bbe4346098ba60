"""Three clients of other people's making, side by side."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import aiomqtt

from tests.bench.row import Row
from tests.bench.scene import DEVICE, Scene
from tests.broker import HOST, Mosquitto, listening, until
from tests.mqtt_bench.broker_log import BrokerLog

ALL = f"edge-emotion/{DEVICE}/#"
Said = tuple[str, str]
TOPICS = 9


def readers(scene: Scene) -> Row:
    """mosquitto_sub, paho and aiomqtt subscribe before the daemon starts, and compare notes after it ended."""
    wanted = scene.amount(100, 20)
    with scene.broker("log_type subscribe") as broker, listening(broker.port) as paho, aio(broker.port) as aioed:
        with sub(broker) as subbed, scene.daemon(broker.url) as daemon:
            daemon.wait_for_results(wanted)
            code = daemon.end().code
            last = (f"edge-emotion/{DEVICE}/available", "stopped")
            until(lambda: last in subbed and last in aioed, "all three read the last word", 5.0)
        read = [(one.topic, one.payload) for one in paho.heard]
    same = sum(a == b == c for a, b, c in zip(read, subbed, aioed, strict=False))
    topics = len({topic for topic, _ in read})
    return Row(
        "mosquitto_sub 2.0, paho 2 and aiomqtt 2 read the same run",
        f"{len(read)}, {len(subbed)} and {len(aioed)} messages on {topics} topics, {same} the same in the same order",
        "all three read all of it",
        code == 0 and same == len(read) == len(subbed) == len(aioed) and topics >= TOPICS,
        {"paho": len(read), "mosquitto_sub": len(subbed), "aiomqtt": len(aioed), "same": same, "topics": topics},
    )


@contextmanager
def sub(broker: Mosquitto) -> Iterator[list[Said]]:
    """What mosquitto_sub prints: topic, a space, payload."""
    words = ["-h", HOST, "-p", str(broker.port), "-i", "reader", "-q", "1", "-V", "mqttv5", "-t", ALL, "-v"]
    heard: list[Said] = []
    child = subprocess.Popen(["mosquitto_sub", *words], stdout=subprocess.PIPE, text=True)
    reader = threading.Thread(target=_read, args=(child, heard))
    reader.start()
    try:
        assert BrokerLog(broker).wait_for("reader 1 edge-emotion", 10.0), "mosquitto_sub subscribes"
        yield heard
    finally:
        child.terminate()
        child.wait()
        reader.join(5)


def _read(child: subprocess.Popen[str], heard: list[Said]) -> None:
    for line in child.stdout:
        topic, _, payload = line.rstrip("\n").partition(" ")
        heard.append((topic, payload))


@contextmanager
def aio(port: int) -> Iterator[list[Said]]:
    """What aiomqtt reads, in an event loop of its own."""
    heard: list[Said] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()

    def note(message: aiomqtt.Message) -> None:
        heard.append((str(message.topic), bytes(message.payload).decode()))

    async def read() -> None:
        async with aiomqtt.Client(HOST, port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.subscribe(ALL, qos=1)
            ready.set()
            async for message in client.messages:
                note(message)

    task = loop.create_task(read())
    thread = threading.Thread(target=_run, args=(loop, task))
    thread.start()
    try:
        assert ready.wait(10), "aiomqtt subscribes"
        yield heard
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(5)
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    loop.run_until_complete(asyncio.wait([task]))
