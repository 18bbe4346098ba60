"""Runs inside Home Assistant's environment: judges discovery messages by the code that judges them there.

Reads `{"messages": […], "payloads": [[component, payload], …]}` from standard input and prints the verdict:
`{"version", "faults": [[…], …], "rendered": […]}`: the faults of each message, what the first makes of payloads.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import tempfile
from typing import Any

from homeassistant.components.mqtt import schemas
from homeassistant.components.mqtt.models import MqttValueTemplate
from homeassistant.const import __version__
from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template


def faults_of(message: dict[str, Any]) -> list[str]:
    """What Home Assistant would refuse, and what it would drop without a word."""
    found: list[str] = []
    try:
        accepted = schemas.DEVICE_DISCOVERY_SCHEMA(json.loads(json.dumps(message)))
        check = getattr(schemas, "validate_device_discovery_components", None)  # not in older ones
        if check is not None:
            check(accepted)
    except Exception as error:
        return [f"the message: {error}"]
    for key, component in message["components"].items():
        if set(component) == {"platform"}:
            continue  # takes the entity out: nothing is made of it
        inherited = {option: message[option] for option in schemas.SHARED_OPTIONS if option in message}
        config = {**inherited, **component, "device": message["device"], "origin": message["origin"]}
        platform = config.pop("platform")
        module = importlib.import_module(f"homeassistant.components.mqtt.{platform}")
        try:
            accepted = module.DISCOVERY_SCHEMA(json.loads(json.dumps(config)))
        except Exception as error:
            found.append(f"{key}: {error}")
            continue
        dropped = set(config) - set(inherited) - set(accepted)
        found += [f"{key}: {option} is dropped" for option in sorted(dropped)]
    return found


def rendered(home: HomeAssistant, message: dict[str, Any], payloads: list[list[str]]) -> list[Any]:
    """What each component's `value_template` makes of a payload."""
    texts = []
    for key, payload in payloads:
        template = Template(message["components"][key]["value_template"], home)
        texts.append(MqttValueTemplate(template).async_render_with_possible_json_value(payload))
    return texts


async def main(asked: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        home = HomeAssistant(folder)
        verdict = {
            "version": __version__,
            "faults": [faults_of(message) for message in asked["messages"]],
            "rendered": rendered(home, asked["messages"][0], asked["payloads"]),
        }
        await home.async_stop(force=True)
        return verdict


if __name__ == "__main__":
    json.dump(asyncio.run(main(json.load(sys.stdin))), sys.stdout)
