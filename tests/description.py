"""docs/asyncapi.yaml as a subscriber reads it: what each message on each topic has to be like."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from edge.publish.schema import load_schema
from tests.broker import Heard
from tests.conftest import REPOSITORY

PATH = REPOSITORY / "docs" / "asyncapi.yaml"
_SCHEMA_ID = "urn:edge-emotion:schema:1:"


class Description:
    """The AsyncAPI document; `check` compares what was heard with it."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
        self.channels: dict[str, dict[str, Any]] = self.document["channels"]
        self._patterns = {key: self._pattern(channel) for key, channel in self.channels.items()}
        self._validators = {key: self._both(key) for key in self.channels}

    def resolve(self, value: Any) -> Any:
        """What a `$ref` points to; anything else is itself."""
        while isinstance(value, dict) and "$ref" in value:
            found: Any = self.document
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            value = found
        return value

    def operation(self, channel: str, action: str) -> dict[str, Any]:
        """What the device does there: `send` or `receive`."""
        (found,) = [one for key, one in self._operations(action) if key == channel]
        return found

    def channels_to(self, action: str) -> set[str]:
        """The channels that the device sends to, or receives from."""
        return {channel for channel, _ in self._operations(action)}

    def _operations(self, action: str) -> list[tuple[str, dict[str, Any]]]:
        operations = self.document["operations"].values()
        return [(one["channel"]["$ref"].split("/")[-1], one) for one in operations if one["action"] == action]

    def message(self, channel: str) -> dict[str, Any]:
        (message,) = self.channels[channel]["messages"].values()
        return self.resolve(message)

    def channel_of(self, topic: str) -> str:
        found = [key for key, pattern in self._patterns.items() if pattern.fullmatch(topic)]
        assert len(found) == 1, f"{topic} is in {found or 'no channel'} of {PATH.name}"
        return found[0]

    def validate(self, channel: str, payload: Any) -> None:
        """By the package's schema and by the embedded one, which are to agree."""
        for validator in self._validators[channel]:
            validator.validate(payload)

    def is_valid(self, channel: str, payload: Any) -> tuple[bool, bool]:
        """The verdicts of both."""
        own, embedded = self._validators[channel]
        return own.is_valid(payload), embedded.is_valid(payload)

    def check(self, heard: Heard) -> str:
        """The channel of a message that is in every respect as described; else an AssertionError or ValidationError."""
        channel = self.channel_of(heard.topic)
        text = self.message(channel)["contentType"] == "text/plain"
        self.validate(channel, heard.payload if text else json.loads(heard.payload))
        action = "send" if channel in self.channels_to("send") else "receive"
        binding = self.operation(channel, action)["bindings"]["mqtt"]
        assert heard.qos == binding["qos"], heard
        assert heard.retain == binding.get("retain", False), heard
        expiry_s = binding.get("messageExpiryInterval")
        if expiry_s is None:
            assert heard.expiry_s is None, heard
        else:  # the broker takes off what passed in it, in whole seconds
            assert heard.expiry_s in {expiry_s - 1, expiry_s}, heard
        return channel

    def _pattern(self, channel: dict[str, Any]) -> re.Pattern[str]:
        def level(found: re.Match[str]) -> str:
            words = self.resolve(channel["parameters"][found[1]]).get("enum")
            return f"({'|'.join(words)})" if words else "[^/]+"

        return re.compile(re.sub(r"\{(\w+)\}", level, channel["address"]))

    def _both(self, channel: str) -> tuple[Draft202012Validator, Draft7Validator]:
        embedded = self.resolve(self.message(channel)["payload"])
        own = load_schema(embedded["x-json-schema-id"].removeprefix(_SCHEMA_ID))
        whole = {**self.document, "allOf": [self.message(channel)["payload"]]}  # so that its references lead somewhere
        return (
            Draft202012Validator(own, format_checker=FormatChecker()),
            Draft7Validator(whole, format_checker=FormatChecker()),
        )
