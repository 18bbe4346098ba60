"""What every request has to pass before anything else looks at it, and what every answer carries."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.web.bearer import Bearer
from edge.web.hosts import Hosts, same_origin

_ANSWER_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Gate:
    """ASGI around the application: its own name in `Host`, no other site's `Origin`, the token where there is one."""

    def __init__(self, app: ASGIApp, hosts: Hosts, bearer: Bearer | None) -> None:
        self._app = app
        self._hosts = hosts
        self._bearer = bearer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or refuse it in a sentence."""
        if scope["type"] != "http":
            return

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ANSWER_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._refusal(Headers(scope=scope)) or self._app
        await answer(scope, receive, send_on)

    def _refusal(self, headers: Headers) -> JSONResponse | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._hosts.knows(hosts[0]):
            return _refuse(
                421, "This server does not answer to that Host: ask for localhost, or start it with --allow-host NAME."
            )
        elsewhere = headers.get("sec-fetch-site") in {"cross-site", "same-site"}  # browsers tell it without Origin too
        embedded = elsewhere and headers.get("sec-fetch-mode") != "navigate"  # a link may lead here
        if embedded or any(not same_origin(origin, hosts[0]) for origin in headers.getlist("origin")):
            return _refuse(403, "This request comes from a page of another site, which may not ask here.")
        if self._bearer is not None and not self._bearer.is_in(headers.get("authorization", "")):
            refusal = _refuse(401, "This request lacks the token: send it as 'Authorization: Bearer …'.")
            refusal.headers["WWW-Authenticate"] = 'Bearer realm="edge-emotion"'
            return refusal
        return None


def _refuse(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status)
