"""Another camera or microphone while the run goes on."""

from __future__ import annotations

from edge.capture.spec import Spec, parse_camera, parse_microphone
from edge.config import Settings
from edge.feeds import Feeds
from edge.reload import Part
from edge.sources import sources_of


def device_parts(running: Settings, feeds: Feeds) -> list[Part]:
    """`camera` and `mic` as parts of a reload: a live device may take the place of another one.

    Not of none, for which no thread was started, and neither of a file nor by one: a file is the clock of its run.
    `running` says what size and rate is asked of a camera: these need a restart.
    """

    def see(settings: Settings) -> None:
        video, _ = sources_of(running.model_copy(update={"camera": settings.camera, "mic": "none"}))
        if video is not None:
            feeds.see_instead(video)

    def hear(settings: Settings) -> None:
        _, audio = sources_of(running.model_copy(update={"camera": "none", "mic": settings.mic}))
        if audio is not None:
            feeds.hear_instead(audio)

    def can_see(settings: Settings) -> bool:
        return feeds.video is not None and feeds.video.source.live and _is_live(parse_camera(settings.camera))

    def can_hear(settings: Settings) -> bool:
        return feeds.audio is not None and feeds.audio.source.live and _is_live(parse_microphone(settings.mic))

    return [Part(frozenset({"camera"}), see, can_see), Part(frozenset({"mic"}), hear, can_hear)]


def _is_live(spec: Spec) -> bool:
    return spec.kind not in ("none", "file")
