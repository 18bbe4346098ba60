"""What `edge-emotion record` made, read back and checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import jsonschema
import numpy as np

SCHEMA = json.loads(resources.files("edge.record").joinpath("recording.schema.json").read_text(encoding="utf-8"))
HEADER = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
ROW = jsonschema.Draft202012Validator({"$ref": "#/$defs/row", "$defs": SCHEMA["$defs"]})


@dataclass(frozen=True)
class Recording:
    clip: Path
    header: dict
    rows: dict

    def stamps(self, kind):
        return np.asarray([row["t_ns"] for row in self.rows[kind]], np.int64)


def opened(clip):
    """The three files, each checked against the schema, and against one another."""
    header = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))
    HEADER.validate(header)
    rows = {"frame": [], "sound": [], "window": []}
    for line in clip.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        ROW.validate(row)
        rows[row["kind"]].append(row)
    for kind, several in rows.items():
        assert [row["i"] for row in several] == list(range(header["rows"][kind])), kind
    assert list(clip.parent.glob("*.partial")) == []
    return Recording(clip, header, rows)


def nothing_was_made(folder):
    return list(folder.iterdir()) == []
