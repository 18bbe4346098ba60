"""Nothing is wrong: the service with a real camera and a real sound card, in its own sandbox."""

from __future__ import annotations

import time

from tests.bench.row import Row
from tests.device.inside.place import Place

SPAN_S = 8.0


def plain(place: Place) -> Row:
    """The service as it is installed."""
    time.sleep(SPAN_S)
    results = place.ear.results(time.monotonic() - SPAN_S)
    seqs = [one.json()["seq"] for one in results]
    spoken = any(one.json()["voice"]["present"] for one in results)
    state = f"video {place.ear.state('video')}, audio {place.ear.state('audio')}"
    rising = all(later > earlier for earlier, later in zip(seqs, seqs[1:], strict=False))
    return Row(
        "the unit as it is shipped, a V4L2 camera, an ALSA card, nothing wrong",
        f"{state}; {len(seqs)} results in {SPAN_S:.0f} s; the voice is {'' if spoken else 'not '}heard; "
        f"{place.service.restarts} restarts",
        "ready by its own word, both online, the voice heard, no restart",
        spoken and rising and len(seqs) > 0 and place.service.restarts == 0 and "offline" not in state,
        {"results": len(seqs), "source": place.ear.detail("video"), "microphone": place.ear.detail("audio")},
    )
