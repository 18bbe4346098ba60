"""A bad network."""

from __future__ import annotations

from tests.mqtt_bench.link import Link


class Line(Link):
    """A network that can also lose what it holds up."""

    def cut(self) -> None:
        """Every connection ends, and what was held up is gone."""
        sockets, self._sockets = self._sockets, []
        for one in sockets:
            one.close()
        self.release()
