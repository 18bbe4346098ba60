from __future__ import annotations

import json

import pytest

from edge.cli import main
from edge.publish.catalogue import TOPICS
from edge.publish.schema import load_schema


def printed(capsys, *words: str) -> str:
    assert main(["schema", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ([], "emotion"),
        (["--json"], "emotion"),
        (["state"], "state"),
        (["edge-emotion/desk/status/video"], "status"),
        (["…/enabled/set"], "enabled/set"),
    ],
)
def test_it_prints_the_schema_of_a_topic(capsys, words, name):
    assert json.loads(printed(capsys, *words)) == load_schema(name)


def test_the_list_has_one_line_for_each_topic(capsys):
    lines = printed(capsys, "--list").splitlines()
    assert [line.split()[0] for line in lines] == [topic.name for topic in TOPICS]
    assert all(topic.summary in line and f"QoS {topic.qos}" in line for topic, line in zip(TOPICS, lines, strict=True))
    assert max(map(len, lines)) <= 100
    assert {line.split()[0] for line in lines if "retained" in line} == {topic.name for topic in TOPICS if topic.retain}


def test_the_list_as_json_says_it_in_full(capsys):
    listed = {entry["topic"]: entry for entry in json.loads(printed(capsys, "--list", "--json"))}
    assert list(listed) == [topic.name for topic in TOPICS]
    assert listed["emotion"] == {
        "topic": "emotion",
        "address": "edge-emotion/{deviceId}/emotion",
        "direction": "send",
        "qos": 0,
        "retain": False,
        "expiry_s": 2,
        "content_type": "application/json",
        "summary": "one window's result, five a second",
    }
    assert listed["enabled/set"]["content_type"] == "text/plain"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["emotoin"], "did you mean emotion?"),
        (["weather"], "choose one of available, emotion"),
        (["state", "--list"], "--list tells about all topics; leave 'state' out."),
        (["state", "--asyncapi"], "--asyncapi tells about all topics"),
        (["--list", "--asyncapi"], "ask for one of them"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence_and_64(capsys, words, says):
    assert main(["schema", *words]) == 64
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("edge-emotion: ")
    assert told.err.count("\n") == 1
    assert says in told.err


def test_the_help_tells_about_plain_text(capsys):
    assert main(["schema", "--help"]) == 0
    told = capsys.readouterr().out
    assert "plain text, not JSON" in told
    assert "--asyncapi" in told
    assert "examples:" in told
