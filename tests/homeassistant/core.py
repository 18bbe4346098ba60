"""Runs inside Home Assistant's environment: its core with the MQTT integration, and nothing else of it.

`core.py FOLDER BROKER_PORT`. Each line of standard input is a question as JSON, and is answered by a line as JSON:
`["states"]`, `["entities"]`, `["devices"]`, `["warnings"]`, `["called"]`, `["call", domain, service, entity_id]`,
`["set", entity_id, state]`, `["automation", config]`. The end of the input ends it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Any

from homeassistant import bootstrap, config_entries, loader
from homeassistant.const import __version__
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry, entity_registry
from homeassistant.setup import async_setup_component


class Warnings(logging.Handler):
    """Keeps what Home Assistant complains of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {record.getMessage()}")


class Core:
    """One running core."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._home = HomeAssistant(str(folder))
        self._calls: list[dict[str, Any]] = []
        self._complaints = Warnings()
        logging.getLogger().addHandler(self._complaints)

    async def start(self) -> None:
        """Up to the point where the MQTT integration is connected."""
        home = self._home
        (self._folder / "configuration.yaml").touch()
        home.config.skip_pip = True
        # The integration depends on the web server for the upload of certificates, which nobody does here.
        home.config.components.update({"http", "file_upload"})
        home.config_entries = config_entries.ConfigEntries(home, {})
        loader.async_setup(home)
        await bootstrap.async_load_base_functionality(home)
        home.services.async_register("light", "turn_on", self._remember)
        self._entry = config_entries.ConfigEntry(
            domain="mqtt",
            title="broker",
            data={"broker": "127.0.0.1", "port": self._port},
            options={},
            source="user",
            unique_id=None,
            version=1,
            minor_version=2,
            discovery_keys=MappingProxyType({}),
            subentries_data=None,
        )
        await home.config_entries.async_add(self._entry)
        await home.async_start()

    async def stop(self) -> None:
        await self._home.async_stop(force=True)

    async def answer(self, question: list[Any]) -> Any:
        kind, *rest = question
        return await getattr(self, f"_{kind}")(*rest)

    async def _states(self) -> dict[str, Any]:
        states = self._home.states.async_all()
        return {state.entity_id: {"state": state.state, "attributes": dict(state.attributes)} for state in states}

    async def _entities(self) -> dict[str, Any]:
        entities = entity_registry.async_get(self._home)
        entries = entity_registry.async_entries_for_config_entry(entities, self._entry.entry_id)
        return {
            entry.entity_id: {
                "unique_id": entry.unique_id,
                "disabled_by": entry.disabled_by,
                "category": entry.entity_category,
            }
            for entry in entries
        }

    async def _devices(self) -> list[dict[str, Any]]:
        registry = device_registry.async_get(self._home)
        devices = device_registry.async_entries_for_config_entry(registry, self._entry.entry_id)
        return [{"name": one.name, "manufacturer": one.manufacturer, "sw_version": one.sw_version} for one in devices]

    async def _warnings(self) -> list[str]:
        return self._complaints.lines

    async def _call(self, domain: str, service: str, entity_id: str) -> bool:
        await self._home.services.async_call(domain, service, {"entity_id": entity_id}, blocking=True)
        return True

    async def _set(self, entity_id: str, state: str) -> bool:
        self._home.states.async_set(entity_id, state)
        return True

    async def _automation(self, config: list[dict[str, Any]]) -> bool:
        return await async_setup_component(self._home, "automation", {"automation": config})

    async def _remember(self, call: ServiceCall) -> None:
        self._calls.append({"service": f"{call.domain}.{call.service}", "data": dict(call.data)})

    async def _called(self) -> list[dict[str, Any]]:
        return self._calls


async def main(folder: Path, port: int) -> None:
    core = Core(folder, port)
    await core.start()
    say(__version__)
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        say(await core.answer(json.loads(line)))
    await core.stop()


def say(answer: Any) -> None:
    print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
