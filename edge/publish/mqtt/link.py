"""How it stands with the broker, in a word and in a sentence."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

LinkState = Literal[
    "connecting", "connected", "unreachable", "silent", "refused", "untrusted", "lost", "contested", "closed"
]
_AWAY: frozenset[LinkState] = frozenset({"lost", "silent", "contested", "unreachable"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Link:
    """State of the connection, and the sentence that tells what is wrong and what to do.

    `connecting`: no answer yet. `connected`. `unreachable`: no way to it. `silent`: it takes connections and does not
    answer. `refused`: it does not want this login. `untrusted`: TLS failed, nothing was said in plain text instead.
    `lost`: the connection ended, the next try is due. `contested`: somebody else takes this client id again and again.
    `closed`: we have left.
    """

    state: LinkState
    reason: str

    @property
    def in_words(self) -> str:
        """Like "broker connected", or "broker unreachable (no one listens at …)"."""
        return f"broker {self.state}" + ("" if self.state == "connected" else f" ({self.reason})")


class LinkLog:
    """The link of the moment; one log line for each state of an outage, none for each new try."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self._told: set[LinkState] = set()

    def tell(self, link: Link) -> None:
        """Remember `link`; warn when this outage has not had its like yet."""
        known = link.state in self._told or (link.state == "unreachable" and bool(self._told & _AWAY))
        self._told.add(link.state)
        self.link = link
        _log.log(logging.DEBUG if known else logging.WARNING, "%s", link.reason, extra={"fields": _fields(link)})

    def connected(self, reason: str) -> None:
        """The outage is over."""
        self._told.clear()
        self.link = Link("connected", reason)
        _log.info("%s", reason, extra={"fields": _fields(self.link)})

    def closed(self, reason: str) -> None:
        """We have left, which is no news for the log."""
        self.link = Link("closed", reason)


def _fields(link: Link) -> dict[str, str]:
    """What the journal keeps beside the words."""
    return {"EDGE_STATUS": "broker", "EDGE_STATE": link.state, "EDGE_REASON": link.reason}
