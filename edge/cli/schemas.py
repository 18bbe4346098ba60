"""`edge-emotion schema`: the form of what a device says and hears over MQTT."""

from __future__ import annotations

import argparse
from typing import Any

from edge.cli.json_text import print_json
from edge.errors import UsageError

_DESCRIPTION = """\
The JSON Schema of a topic's payload. Payloads such as online or ON are plain text, not JSON: their schema is one of
the text itself (type string, contentMediaType text/plain), and what is to be validated is the text as a string.
"""
_EXAMPLES = """\
examples:
  edge-emotion schema
  edge-emotion schema status/video/detail
  edge-emotion schema edge-emotion/desk/state
  edge-emotion schema --list
  edge-emotion schema --asyncapi > asyncapi.yaml
"""


def add_schema(subcommands: Any) -> None:
    """The command's parser."""
    parser = subcommands.add_parser(
        "schema",
        help="the JSON Schema of a topic's payload, or all topics as AsyncAPI",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(command=schema)
    parser.add_argument("topic", nargs="?", metavar="TOPIC", help="default emotion; a full topic is understood too")
    parser.add_argument("--list", action="store_true", help="all topics, one line each")
    parser.add_argument("--asyncapi", action="store_true", help="all topics as an AsyncAPI 3.0 document, in YAML")
    parser.add_argument("--json", action="store_true", help="list or document as JSON (a schema always is)")


def schema(arguments: argparse.Namespace) -> int:
    """Print a schema, the list of topics, or the AsyncAPI document."""
    if arguments.list and arguments.asyncapi:
        raise UsageError("--list and --asyncapi are two answers; ask for one of them.")
    if arguments.topic is not None and (arguments.list or arguments.asyncapi):
        option = "--list" if arguments.list else "--asyncapi"
        raise UsageError(f"{option} tells about all topics; leave {arguments.topic!r} out.")
    if arguments.list:
        _print_topics(arguments.json)
    elif arguments.asyncapi:
        _print_document(arguments.json)
    else:
        from edge.publish.schema import load_schema

        print_json(load_schema("emotion" if arguments.topic is None else arguments.topic))
    return 0


def _print_topics(as_json: bool) -> None:
    from edge.publish.catalogue import TOPICS
    from edge.publish.schema import content_type, load_schema

    if as_json:
        print_json(
            [
                {
                    "topic": topic.name,
                    "address": topic.address,
                    "direction": topic.direction,
                    "qos": topic.qos,
                    "retain": topic.retain,
                    "expiry_s": topic.expiry_s,
                    "content_type": content_type(load_schema(topic.name)),
                    "summary": topic.summary,
                }
                for topic in TOPICS
            ]
        )
        return
    width = max(len(topic.name) for topic in TOPICS)
    for topic in TOPICS:
        kept = "retained" if topic.retain else "received" if topic.direction == "receive" else ""
        print(f"{topic.name:<{width}}  QoS {topic.qos}  {kept:<8}  {topic.summary}")


def _print_document(as_json: bool) -> None:
    from edge.publish.asyncapi.document import asyncapi_document
    from edge.publish.asyncapi.yaml_text import as_yaml

    if as_json:
        print_json(asyncapi_document())
    else:
        print(as_yaml(asyncapi_document()), end="")
