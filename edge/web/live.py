"""`GET /live`: what the device says, as server-sent events (HTML Standard, 9.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from edge.web.feed import Feed

MOST_READERS = 64
_RETRY = b"retry: 2000\n\n"
_STILL_HERE = b": still here\n\n"
_QUIET_S = 15.0


class Live(StreamingResponse):
    """One client's stream: first what is known, then what comes, until either side leaves."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._reader = feed.join()
        headers = {"X-Accel-Buffering": "no"}  # nginx would collect events, and hand them on late
        super().__init__(self._events(), media_type="text/event-stream", headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._feed.leave(self._reader)

    async def _events(self) -> AsyncIterator[bytes]:
        yield _RETRY
        while not self._feed.closed and (events := await self._reader.take(_QUIET_S)) is not None:
            yield events or _STILL_HERE
