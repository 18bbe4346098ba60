"""Whose data a student was made from, for its card: what was read, not what usually is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engines.datasets.items import in_parts, open_manifest
from engines.datasets.manifest import Manifest

_MOST_PEOPLE = 200  # more are no people but pictures, as in FER2013
_NON_COMMERCIAL = ("-NC", "research", "non-commercial")


def provenance(sources: Iterable[Path]) -> list[dict[str, Any]]:
    """One entry for each archive or manifest: name, licence, source, and what of it is in which part."""
    return [_entry(in_parts(open_manifest(source))) for source in sources]


def _entry(manifest: Manifest) -> dict[str, Any]:
    header = manifest.header
    people = {part: sorted(names) for part, names in manifest.people.items()}
    parts = {
        part: {
            "items": sum(manifest.counts()[part].values()),
            "emotions": manifest.counts()[part],
            **({"people": people[part]} if len(people[part]) <= _MOST_PEOPLE else {}),
        }
        for part in manifest.counts()
    }
    return {"name": header.data_set, "licence": header.licence, "source": header.source, "parts": parts} | (
        {"dropped": header.dropped} if header.dropped else {}
    )


def terms(data: Iterable[dict[str, Any]]) -> str:
    """What may be done with weights that were made from `data`, as its licences say."""
    bound = [f"{entry['name']} ({entry['licence']})" for entry in data if _restricted(str(entry["licence"]))]
    if not bound:
        return "The licences of the data named above hold for these weights."
    return (
        f"These weights are for non-commercial use: they were trained on {', '.join(bound)}. "
        "For anything else train on data of your own: edge-engines prepare, then distill."
    )


def _restricted(licence: str) -> bool:
    return any(word.lower() in licence.lower() for word in _NON_COMMERCIAL)
