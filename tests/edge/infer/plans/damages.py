"""Ways in which a plan or its manifest can be damaged, foreign or swapped: name -> what is done to a Shelf."""

from __future__ import annotations

import copy
import json
import os
import socket
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.edge.infer.plans.shelf import KEY, OTHERS, Shelf

Damage = Callable[[Shelf], object]
_FILES = ("plan", "manifest")


def damages() -> dict[str, Damage]:
    """All of them."""
    made: dict[str, Damage] = {}
    for group in (_flips, _sizes, _swaps, _keys, _values, _texts, _places, _rights):
        for name, damage in group():
            assert name not in made
            made[name] = damage
    return made


def _flips() -> Iterator[tuple[str, Damage]]:
    def flip(share: float, bit: int, data: bytes) -> bytes:
        changed = bytearray(data)
        changed[int(share * (len(data) - 1))] ^= 1 << bit
        return bytes(changed)

    for file in _FILES:
        for step in range(16):
            yield f"{file} bit {step % 8} at {step}/15", partial(_change, file, partial(flip, step / 15, step % 8))


def _sizes() -> Iterator[tuple[str, Damage]]:
    changes: dict[str, Callable[[bytes], bytes]] = {
        "empty": lambda _: b"",
        "one byte": lambda data: data[:1],
        "half": lambda data: data[: len(data) // 2],
        "one byte short": lambda data: data[:-1],
        "without its first byte": lambda data: data[1:],
        "one zero more": lambda data: data + b"\0",
        "a line more": lambda data: data + b"\n",
        "twice": lambda data: data + data,
        "all zeros": lambda data: bytes(len(data)),
        "zeros in the middle": lambda data: data[:100] + bytes(64) + data[164:],
        "zeros at the end": lambda data: data[:-64] + bytes(64),
        "reversed": lambda data: data[::-1],
        "rotated": lambda data: data[7:] + data[:7],
    }
    for file in _FILES:
        for name, change in changes.items():
            yield f"{file} {name}", partial(_change, file, change)
    yield "manifest of 1 GB", lambda shelf: os.truncate(shelf.manifest, 1 << 30)
    yield "plan of 1 TB", lambda shelf: os.truncate(shelf.plan, 1 << 40)
    yield "manifest longer than allowed", partial(_change, "manifest", lambda data: data + b" " * 65536)


def _swaps() -> Iterator[tuple[str, Damage]]:
    def swap(part: str, plan: bool, manifest: bool, shelf: Shelf) -> None:
        others = shelf.other(part)
        if plan:
            shelf.plan.write_bytes(others[0])
        if manifest:
            shelf.manifest.write_bytes(others[1])

    for part in OTHERS:
        yield f"of another {part}", partial(swap, part, True, True)
        yield f"plan of another {part}", partial(swap, part, True, False)
        yield f"manifest of another {part}", partial(swap, part, False, True)
    yield "plan and manifest exchanged", _exchange


def _keys() -> Iterator[tuple[str, Damage]]:
    """The manifest's own hash is right, its key is not."""
    for part, value in KEY.fields.items():
        strange = [None, [value], {"": value}, f"{value} ", f"../{value}", f"{value}\0"]
        strange += [True, float(value), str(value)] if isinstance(value, int) else [0, value.upper() + "\u0130", ""]
        for number, one in enumerate(strange):
            yield f"key.{part} no. {number}, {one!r:.30}", partial(_forge, ("key", part), one)
        yield f"key without {part}", partial(_forge, ("key", part), ...)
    yield "key with a part more", partial(_forge, ("key", "owner"), "us")
    yield "key nested as before", partial(_forge, ("key", "target"), {"device": "Orin"})


def _values() -> Iterator[tuple[str, Damage]]:
    strange: dict[str, list[object]] = {
        "format": [2, 0, True, 1.0, "1", None, ...],
        "key": [[], None, "key", 1, {}, ...],
        "size_bytes": [0, -1, -320, 319, 321, True, 320.0, "320", None, 1 << 70, 1 << 40, ...],
        "sha256": ["", "0" * 64, "é" * 64, None, 7, [], ...],
        "tensors": [{}, [], None, "crops", {"crops": 1}, {str(n): "x" for n in range(33)}, ...],
        "facts": [[], None, "none", 3, ...],
        "extra": ["anything"],
    }
    for name, values in strange.items():
        for number, value in enumerate(values):
            yield f"{name} no. {number}, {value!r:.30}", partial(_forge, (name,), value)
    yield "sha256 in capitals", lambda shelf: _forge(("sha256",), shelf.raw()["sha256"].upper(), shelf)
    yield "sha256 cut short", lambda shelf: _forge(("sha256",), shelf.raw()["sha256"][:-1], shelf)


def _texts() -> Iterator[tuple[str, Damage]]:
    texts: dict[str, Callable[[bytes], bytes]] = {
        "null": lambda _: b"null\n",
        "a list": lambda _: b"[]\n",
        "a number": lambda _: b"1\n",
        "a string": lambda _: b'"plan"\n',
        "no JSON": lambda _: b"graph = face\n",
        "another encoding": lambda data: data.decode().encode("utf-16"),
        "a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
        "no UTF-8": lambda data: data.replace(b"Orin", b"Or\xffn"),
        "a surrogate": lambda data: data.replace(b"Orin", b"Or\\ud800n"),
        "NaN": lambda data: data.replace(b"0.0018", b"NaN"),
        "Infinity": lambda data: data.replace(b"0.0018", b"-Infinity"),
        "an overflow": lambda data: data.replace(b"0.0018", b"1e999"),
        "a number of 9000 digits": lambda data: data.replace(b"0.0018", b"1" * 9000),
        "the same number otherwise": lambda data: data.replace(b"0.0018", b"1.8e-3"),
        "deep lists": lambda _: b"[" * 60000,
        "deep objects": lambda _: b'{"a":' * 10000 + b"1" + b"}" * 10000,
        "deep facts": lambda data: data.replace(b"0.0018", b"[" * 20000 + b"]" * 20000),
        "a name twice": lambda data: data.replace(b'"format": 1,', b'"format": 1,\n  "format": 1,'),
        "a key's part twice": lambda data: data.replace(b'"sm": "87",', b'"sm": "72",\n    "sm": "87",'),
        "the other line ends": lambda data: data.replace(b"\n", b"\r\n"),
        "in one line": lambda data: json.dumps(json.loads(data)).encode(),
        "in another order": lambda data: (json.dumps(json.loads(data), indent=2, sort_keys=True) + "\n").encode(),
        "letters escaped": lambda data: data.replace(b"Orin", b"\\u004frin"),
        "without its hash": lambda data: _without(data, "check"),
        "of another hash": lambda data: data[:-4] + b"0" + data[-3:] if data[-4:-3] != b"0" else data[:-4] + b"1}\n",
    }
    for name, change in texts.items():
        yield f"manifest is {name}", partial(_change, "manifest", change)


def _places() -> Iterator[tuple[str, Damage]]:
    makers: dict[str, Callable[[Path], object]] = {
        "a link to a good one": _link,
        "a dangling link": lambda path: path.symlink_to("nowhere"),
        "a link to itself": lambda path: path.symlink_to(path.name),
        "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
        "a FIFO": os.mkfifo,
        "an empty folder": Path.mkdir,
        "a folder with files": _full_folder,
        "a socket": _socket,
        "missing": lambda _: None,
    }
    for file in _FILES:
        for name, make in makers.items():
            yield f"{file} {name}", partial(_instead, file, make)
        yield f"{file} a hard link", partial(_hard_link, file)


def _rights() -> Iterator[tuple[str, Damage]]:
    for file in _FILES:
        for mode in (0o620, 0o602, 0o622, 0o660, 0o666, 0o777, 0o4666):
            yield f"{file} of mode {mode:o}", lambda shelf, file=file, mode=mode: getattr(shelf, file).chmod(mode)


def _change(file: str, change: Callable[[bytes], bytes], shelf: Shelf) -> None:
    path = getattr(shelf, file)
    before = path.read_bytes()
    after = change(before)
    assert after != before
    path.write_bytes(after)


def _exchange(shelf: Shelf) -> None:
    plan, manifest = shelf.plan.read_bytes(), shelf.manifest.read_bytes()
    shelf.plan.write_bytes(manifest)
    shelf.manifest.write_bytes(plan)


def _forge(place: tuple[str, ...], value: object, shelf: Shelf) -> None:
    """Put `value` at `place` of the manifest; the ellipsis takes it away."""
    raw = shelf.raw()
    before = copy.deepcopy(raw)
    inner = raw
    for name in place[:-1]:
        inner = inner[name]
    if value is ...:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    assert repr(raw) != repr(before)
    shelf.forge(raw)


def _without(data: bytes, name: str) -> bytes:
    raw = json.loads(data)
    del raw[name]
    return (json.dumps(raw, indent=2) + "\n").encode()


def _instead(file: str, make: Callable[[Path], object], shelf: Shelf) -> None:
    """The good file is moved out of the folder, something else made in its place."""
    path = getattr(shelf, file)
    path.rename(path.parent.parent / path.name)
    make(path)


def _link(path: Path) -> None:
    path.symlink_to(path.parent.parent / path.name)


def _full_folder(path: Path) -> None:
    (path / "inner").mkdir(parents=True)
    (path / "inner" / "file").write_bytes(b"x")


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's path has 108 bytes at most
        try:
            one.bind(path.name)
        finally:
            os.chdir(here)


def _hard_link(file: str, shelf: Shelf) -> None:
    path = getattr(shelf, file)
    os.link(path, path.parent.parent / "second name")
