"""docs/home-assistant.md names the entities that there are."""

from __future__ import annotations

import re
from pathlib import Path

from edge.publish.homeassistant.discovery import announcement, discovery_message

PAGE = (Path(__file__).parents[4] / "docs" / "home-assistant.md").read_text(encoding="utf-8")
COMPONENTS = discovery_message("desk")["components"]
TABLE = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
NAMED = re.findall(r"`(?:(\w+)\.)?…_(\w+)`( \\?\*)?", "".join(TABLE))


def key_of(name: str) -> str:
    return name if name in COMPONENTS else f"probability_{name}"


def test_every_entity_is_in_the_table_and_no_other():
    assert sorted(key_of(name) for _, name, _ in NAMED) == sorted(COMPONENTS)


def test_each_has_its_platform():
    for platform, name, _ in NAMED:
        assert platform in {"", COMPONENTS[key_of(name)]["platform"]}


def test_a_star_marks_those_that_are_not_enabled_at_first():
    starred = {key_of(name) for _, name, star in NAMED if star}
    assert starred == {key for key, one in COMPONENTS.items() if not one.get("enabled_by_default", True)}


def test_the_topic_is_as_written():
    assert announcement("<device-id>".strip("<>")).topic in PAGE.replace("<device-id>", "device-id")
