"""One simulated device: its own connection, will, retained topics and run of messages."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import aiomqtt
from paho.mqtt.client import PINGREQ  # noqa: TID251 - aiomqtt stands on paho
from paho.mqtt.packettypes import PacketTypes  # noqa: TID251
from paho.mqtt.properties import Properties  # noqa: TID251

from edge.clock import NS_PER_MS, NS_PER_S
from edge.publish.message import RunIdentity
from edge.publish.mqtt.back_off import BackOff
from edge.publish.mqtt.login import client_id
from edge.publish.mqtt.publisher import EMOTION_EXPIRY_S
from edge.publish.mqtt.topics import STATUS_NAMES, Topics
from edge.publish.payload import encode
from edge.publish.state import blank_state
from tests.broker import HOST
from tests.fleet.endings import end
from tests.fleet.scene import stats_example
from tests.fleet.script import Moment, stamp

KEEPALIVE_S = 10
STATS_S = 10.0
_EXPIRY = Properties(PacketTypes.PUBLISH)
_EXPIRY.MessageExpiryInterval = EMOTION_EXPIRY_S


@dataclass(frozen=True)
class Habits:
    """What all devices have in common; each says one of the `scripts` over and over."""

    port: int
    rate_hz: float
    qos: int
    scripts: Sequence[Sequence[Moment]]


class Device:
    """Shares one event loop with all others; `sent` counts what a standing connection took, by kind of topic."""

    def __init__(self, number: int, habits: Habits) -> None:
        self.name = f"device-{number:04d}"
        self.talking = False
        self.sent: Counter[str] = Counter()
        self.bytes_sent: Counter[str] = Counter()
        self.late_ms: list[float] = []
        self.ready_ns = 0
        """When the connection stood and all that is retained was acknowledged; 0 while there is none."""
        self._habits = habits
        self._topics = Topics(self.name)
        moments = habits.scripts[number % len(habits.scripts)]
        self._moments = itertools.islice(itertools.cycle(moments), number % len(moments), None)
        self._seqs = itertools.count()
        self._phase = (number * 0.618034) % 1.0  # the golden ratio spreads any number of devices evenly
        self._state = encode(blank_state(RunIdentity.fresh(self.name), time.monotonic_ns()))
        self._stats = encode(stats_example())

    async def run(self) -> None:
        """Connect, talk, and connect again, until cancelled."""
        back_off = BackOff()
        while True:
            try:
                async with self._client() as client:
                    await self._announce(client)
                    self.ready_ns = time.monotonic_ns()
                    back_off.reset()
                    await self._live(client)
            except aiomqtt.MqttError:
                self.ready_ns = 0
                await asyncio.sleep(back_off.next_s())

    def _client(self) -> aiomqtt.Client:
        return aiomqtt.Client(
            HOST,
            self._habits.port,
            identifier=client_id(self.name),
            protocol=aiomqtt.ProtocolVersion.V5,
            will=aiomqtt.Will(self._topics.available, "offline", qos=1, retain=True),
            keepalive=KEEPALIVE_S,
        )

    async def _announce(self, client: aiomqtt.Client) -> None:
        """What a device subscribes to, and all that it has retained."""
        await client.subscribe([(self._topics.enabled_set, 1), (self._topics.stats, 0)])
        words = {self._topics.available: "online", self._topics.enabled_state: "ON", self._topics.state: self._state}
        for name in STATUS_NAMES:
            words[self._topics.status_detail(name)] = encode({"reason": None})
            words[self._topics.status(name)] = "online"
        sending = [self._publish(client, topic, payload, 1, retain=True) for topic, payload in words.items()]
        await asyncio.gather(*sending, self._publish(client, self._topics.stats, self._stats, 0, retain=True))

    async def _live(self, client: aiomqtt.Client) -> None:
        """Talk and listen until one of the two fails."""
        parts = {asyncio.create_task(part) for part in (self._talk(client), self._report(client), _listen(client))}
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            await end(parts)

    async def _talk(self, client: aiomqtt.Client) -> None:
        interval_s = 1.0 / self._habits.rate_hz
        tick = int(time.monotonic() / interval_s)
        while True:
            tick += 1
            due_s = (tick + self._phase) * interval_s
            await asyncio.sleep(due_s - time.monotonic())
            if self.talking:
                self.late_ms.append((time.monotonic() - due_s) * NS_PER_S / NS_PER_MS)
                await self._tell(client)

    async def _tell(self, client: aiomqtt.Client) -> None:
        """One window's message, and the state and events that go with it."""
        moment, seq, t_ns = next(self._moments), next(self._seqs), time.monotonic_ns()
        payload = stamp(moment.result, self.name, seq, t_ns)
        client._client._send_simple_command(PINGREQ)  # each result has its ping; its answer is not waited for here
        await self._publish(client, self._topics.emotion, payload, self._habits.qos, expiry=_EXPIRY)
        for event in moment.events:
            await self._publish(client, self._topics.event, stamp(event, self.name, seq, t_ns), 1)
        if moment.state:
            self._state = stamp(moment.state, self.name, seq, t_ns)
            await self._publish(client, self._topics.state, self._state, 1, retain=True)

    async def _report(self, client: aiomqtt.Client) -> None:
        await asyncio.sleep(self._phase * STATS_S)
        while True:
            if self.talking:
                await self._publish(client, self._topics.stats, self._stats, 0, retain=True)
            await asyncio.sleep(STATS_S)

    async def _publish(
        self,
        client: aiomqtt.Client,
        topic: str,
        payload: str,
        qos: int,
        *,
        retain: bool = False,
        expiry: Properties | None = None,
    ) -> None:
        kind = topic.rpartition("/")[2]
        self.sent[kind] += 1
        self.bytes_sent[kind] += len(topic) + len(payload)
        await client.publish(topic, payload, qos, retain, expiry)


async def _listen(client: aiomqtt.Client) -> None:
    """Read what comes, as a device does; raises aiomqtt.MqttError as soon as the connection is gone."""
    async for _ in client.messages:
        pass
