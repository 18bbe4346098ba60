"""AsyncAPI's own parser on docs/asyncapi.yaml. It is fetched with npm once, into the user's cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.config import cache_dir
from tests.description import PATH

PARSER = "@asyncapi/parser"
VERSION = "3.6.3"
_NO_WARNING = 2  # 0 is an error, 1 a warning; 2 tells that AsyncAPI 3.1 is out
_SCRIPT = """
const {Parser} = require("@asyncapi/parser");
const text = require("fs").readFileSync(0, "utf8");
new Parser().parse(text).then(({document, diagnostics}) => console.log(JSON.stringify({
  version: require("@asyncapi/parser/package.json").version,
  channels: document ? document.allChannels().all().map((channel) => channel.address()) : null,
  complaints: diagnostics.map(({severity, message, path}) => ({severity, message, path})),
})));
"""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def parser(tmp_path_factory):
    """The folder in which the parser is installed; skips the tests where it cannot be had."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: {PARSER} cannot run")
    place = cache_dir(os.environ) / f"asyncapi-parser-{VERSION}"
    if not place.is_dir():
        fetch(tmp_path_factory.mktemp("npm"), place)
    return place


def fetch(folder: Path, place: Path) -> None:
    words = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--fetch-retries=0", "--loglevel=error"]
    command = ["npm", "install", "--prefix", folder, *words, f"{PARSER}@{VERSION}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    if done.returncode:
        pytest.skip(f"{PARSER} {VERSION} is not in the cache and npm cannot fetch it")
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(folder, place)


def parsed(parser: Path, text: str) -> dict:
    done = subprocess.run(["node", "-e", _SCRIPT], input=text, cwd=parser, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_official_parser_has_no_complaint(parser):
    found = parsed(parser, PATH.read_text(encoding="utf-8"))
    assert found["version"] == VERSION
    assert [one for one in found["complaints"] if one["severity"] < _NO_WARNING] == []
    assert "edge-emotion/{deviceId}/emotion" in found["channels"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("qos: 1", "qos: 3"),
        ("#/components/schemas/state", "#/components/schemas/estate"),
        ("action: send", "action: shout"),
    ],
)
def test_and_it_would_complain(parser, right, wrong):
    text = PATH.read_text(encoding="utf-8")
    assert right in text
    found = parsed(parser, text.replace(right, wrong))
    assert [one for one in found["complaints"] if one["severity"] == 0]
