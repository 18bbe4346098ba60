from __future__ import annotations

import threading
import time

import pytest

from edge.capture.inbox import Inbox
from edge.errors import DeviceError

pytestmark = pytest.mark.timeout(60)


def test_the_oldest_goes_and_is_counted():
    inbox = Inbox(3)
    for item in range(5):
        inbox.put(item)
    assert [inbox.take(0) for _ in range(4)] == [2, 3, 4, None]
    assert inbox.overflows == 2


def test_what_came_before_the_error_is_delivered_first():
    inbox = Inbox(3)
    inbox.put("last words")
    inbox.fail(DeviceError("gone"))
    inbox.fail(DeviceError("a later reason"))
    assert inbox.take(0) == "last words"
    for _ in range(2):
        with pytest.raises(DeviceError, match="gone"):
            inbox.take(0)


@pytest.mark.parametrize("event", ["put", "fail"])
def test_waiting_ends_as_soon_as_something_happens(event):
    inbox = Inbox(3)
    begin = inbox.put if event == "put" else inbox.fail
    threading.Timer(0.05, begin, [DeviceError("gone")]).start()
    began = time.monotonic()
    try:
        assert inbox.take(15) is not None
    except DeviceError:
        assert event == "fail"
    assert time.monotonic() - began < 10
