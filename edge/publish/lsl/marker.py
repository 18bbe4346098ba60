"""An event as a marker: one short text, in levels with `/` between them, as EEG tools sort their events by."""

from __future__ import annotations

from edge.publish.sink import Message

NOTHING = "none"


def marker(event: Message) -> str:
    """`face_in/3`, `face_out/3`, `utterance_end/happy`, `change/neutral/happy`; `none` where there is no emotion."""
    kind = str(event["type"])
    if kind in {"face_in", "face_out"}:
        return f"{kind}/{event['track']}"
    if kind == "change":
        return f"{kind}/{event['from'] or NOTHING}/{event['to'] or NOTHING}"
    return f"{kind}/{event.get('emotion') or NOTHING}"
