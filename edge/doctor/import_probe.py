"""A program of its own, on Python's own library alone: imports modules one by one and says how it went.

Arguments: sys.path as a JSON list, then the modules. A line of JSON is written before and after each import, so that a
crash is known by its module. What modules print goes to standard error.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any


def imported(name: str) -> dict[str, Any]:
    """Keys: module, and error where it cannot be imported, whatever it raises."""
    try:
        importlib.import_module(name)
    except BaseException as error:  # modules were seen to raise SystemExit
        return {"module": name, "error": f"{type(error).__name__}: {error}"}
    return {"module": name}


if __name__ == "__main__":
    answer = os.dup(1)
    os.dup2(2, 1)
    sys.path[:] = json.loads(sys.argv[1])
    for module in sys.argv[2:]:
        os.write(answer, json.dumps({"trying": module}).encode() + b"\n")
        os.write(answer, json.dumps(imported(module)).encode() + b"\n")
    os._exit(0)
