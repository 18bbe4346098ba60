from __future__ import annotations

import asyncio
import json

import pytest

from edge.web.feed import MOST_BYTES, Feed, encoded
from edge.web.reader import PASSING, Reader


def on_loop(scenario):
    """Run `scenario(feed)` on a loop of its own."""

    async def run():
        await scenario(Feed(asyncio.get_running_loop()))

    asyncio.run(run())


def events_of(text: bytes) -> list[tuple[str, object]]:
    found = []
    for block in text.decode().split("\n\n")[:-1]:
        event, data = block.split("\n")
        found.append((event.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_new_reader_hears_what_is_kept_and_nothing_that_has_passed():
    async def scenario(feed):
        feed.hear("available", b"online", text=True, kept=True)
        feed.hear("emotion", b'{"seq":1}', text=False, kept=False)
        feed.hear("available", b"offline", text=True, kept=True)
        await asyncio.sleep(0)
        assert events_of(await feed.join().take(1)) == [("available", "offline")]

    on_loop(scenario)


def test_from_another_thread_every_reader_hears_it():
    async def scenario(feed):
        readers = [feed.join() for _ in range(3)]
        await asyncio.to_thread(feed.hear, "emotion", b'{"seq":7}', text=False, kept=False)
        for reader in readers:
            assert events_of(await reader.take(5)) == [("emotion", {"seq": 7})]

    on_loop(scenario)


@pytest.mark.parametrize(
    "payload", [b"{", b"\xff\xfe", b"[NaN]", b"Infinity", b"[" * 100_000, b'"' + b"x" * MOST_BYTES + b'"', b"1\n2"]
)
def test_what_no_device_would_say_is_counted_and_goes_nowhere(payload):
    async def scenario(feed):
        reader = feed.join()
        feed.hear("stats", payload, text=False, kept=True)
        await asyncio.sleep(0)
        assert await reader.take(0.01) == b""
        assert feed.refused == 1
        assert feed.latest("stats") is None

    on_loop(scenario)


def test_no_message_can_end_its_event_and_begin_another():
    nasty = "online\n\nevent: link\ndata: {}\r\r"
    assert events_of(encoded("available", nasty)) == [("available", nasty)]


def test_a_topic_that_was_emptied_is_known_no_more():
    async def scenario(feed):
        feed.hear("state", b'{"emotion":"happy"}', text=False, kept=True)
        feed.hear("state", b"", text=False, kept=True)
        assert feed.latest("state") is None
        assert feed.refused == 0

    on_loop(scenario)


def test_a_new_connection_begins_with_nothing_but_our_own_words():
    async def scenario(feed):
        feed.say("link", {"state": "connected"}, kept=True)
        feed.hear("available", b"online", text=True, kept=True)
        feed.forget()
        assert feed.latest("available") is None
        assert events_of(await feed.join().take(1)) == [("link", {"state": "connected"})]

    on_loop(scenario)


def test_a_reader_that_does_not_read_costs_little_and_misses_the_oldest():
    async def scenario(_feed):
        reader = Reader()
        reader.put("state", encoded("state", 0))
        for number in range(10 * PASSING):
            reader.put(None, encoded("emotion", number))
            reader.put("state", encoded("state", number))
        events = events_of(await reader.take(1))
        assert [data for name, data in events if name == "emotion"] == list(range(9 * PASSING, 10 * PASSING))
        assert [data for name, data in events if name == "state"] == [10 * PASSING - 1]
        assert reader.dropped == 9 * PASSING
        reader.put(None, encoded("emotion", "next"))
        assert events_of(await reader.take(1)) == [("emotion", "next")]

    on_loop(scenario)


def test_the_end_ends_every_stream():
    async def scenario(feed):
        reader = feed.join()
        waiting = asyncio.create_task(reader.take(30))
        await asyncio.sleep(0)
        feed.close()
        assert await waiting is None

    on_loop(scenario)


def test_a_reader_that_left_is_told_nothing():
    async def scenario(feed):
        reader = feed.join()
        feed.leave(reader)
        feed.hear("emotion", b"{}", text=False, kept=False)
        await asyncio.sleep(0)
        assert await reader.take(0.01) == b""
        assert feed.readers == 0

    on_loop(scenario)
