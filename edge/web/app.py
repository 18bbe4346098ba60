"""The HTTP interface: what there is to ask for."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.exceptions import HTTPException as StarletteHTTPException

from edge import __version__
from edge.web.feed import Feed
from edge.web.health import Health, health_of
from edge.web.live import MOST_READERS, Live
from edge.web.metrics import Figures
from edge.web.subscriber import Subscriber

_DESCRIPTION = "What one device says about emotions in front of its camera and microphone, read from its MQTT broker."
_SENTENCES = {
    404: "There is nothing here: /openapi.json tells what there is.",
    405: "This can be asked for with another method only: /openapi.json tells which.",
}
_LIVE_EXAMPLE = 'event: available\ndata: "online"\n\nevent: emotion\ndata: {"schema":1,"device":"desk","seq":128}\n\n'
_METRICS_EXAMPLE = 'edge_emotion_camera_fps{device="desk"} 30.0\n'


def make_app(feed: Feed, subscriber: Subscriber, device_id: str) -> FastAPI:
    """The application; who may ask is not its business but the gate's."""
    app = FastAPI(title="edge-emotion", version=__version__, description=_DESCRIPTION, docs_url=None, redoc_url=None)
    registry = CollectorRegistry()
    registry.register(Figures(feed, subscriber, device_id))

    @app.exception_handler(StarletteHTTPException)
    async def in_a_sentence(_request: Request, error: StarletteHTTPException) -> Response:
        detail = _SENTENCES.get(error.status_code, error.detail)
        return JSONResponse({"detail": detail}, error.status_code, error.headers)

    @app.head("/healthz", include_in_schema=False)  # as simple probes ask
    @app.get("/healthz", responses={503: {"model": Health, "description": "there is no connection to the broker"}})
    async def healthz(response: Response) -> Health:
        """Whether results can come, and in words why not."""
        health = health_of(subscriber, feed, device_id, __version__)
        response.status_code = 503 if health.status == "no broker" else 200
        return health

    @app.get("/live", response_class=Response, responses=_described(_LIVE_EXAMPLE, "text/event-stream", 503))
    async def live() -> Response:
        """Server-sent events: each message of the device, its topic's name below `edge-emotion/<device-id>/` as type.

        The data is JSON. What is known comes first; `link` tells how it stands with the broker.
        """
        if feed.readers >= MOST_READERS:
            sentence = f"{MOST_READERS} clients listen already: close one of them."
            raise HTTPException(503, sentence, {"Retry-After": "10"})
        return Live(feed)

    @app.get("/metrics", response_class=PlainTextResponse, responses=_described(_METRICS_EXAMPLE, "text/plain"))
    async def metrics() -> Response:
        """The figures of the device and of this server for Prometheus; no emotions, which it would keep."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app


def _described(example: str, media_type: str, *also: int) -> dict[int | str, dict[str, Any]]:
    found: dict[int | str, dict[str, Any]] = {200: {"content": {media_type: {"example": example}}}}
    found.update({status: {"description": "too many clients listen already"} for status in also})
    return found
