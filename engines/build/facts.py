"""What a plan's manifest tells of its making, beside the key."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from engines.build.config import BuildOptions
from engines.build.source import GraphSource


def facts(
    source: GraphSource, options: BuildOptions, compiler: str, origin: str, seconds: float, parity: dict[str, Any]
) -> dict[str, Any]:
    """JSON for one plan. `compiler`: name and version; `origin`: "onnx" or "torch"; `parity`: of `accept`."""
    return {
        "built": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "build_s": round(seconds, 2),
        "compiler": compiler,
        "from": origin,
        "file": source.path.name,
        "workspace_mb": options.workspace_mb,
        "flags": options.flags(source.precision),
        "parity": parity,
    }
