"""Commands made by chance, none of which is one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

REAL = {b"ON", b"OFF"}
SEEDS = (
    b"ON",
    b"OFF",
    b"off",
    b"OFF\n",
    b" OFF",
    b"Off",
    b"0",
    b'"OFF"',
    b'{"state":"OFF"}',
    b'{"enabled":false}',
    b"false",
    b"null",
    b"[]",
)


def fuzzed(chance: random.Random, number: int) -> Iterator[bytes]:
    """`number` payloads of 0 to 100,000 bytes."""
    kinds: tuple[Callable[[random.Random], bytes], ...] = (mutated, noise, nested, huge_number, broken_text, long, made)
    while number:
        wish = chance.choice(kinds)(chance)
        if wish not in REAL:
            number -= 1
            yield wish


def mutated(chance: random.Random) -> bytes:
    """A seed with some bytes changed, put in, or taken out."""
    wish = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randint(1, 4)):
        place = chance.randint(0, len(wish))
        wish[place : place + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
    return bytes(wish)


def noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randint(0, 300))


def nested(chance: random.Random) -> bytes:
    """Deeper than a parser that calls itself can go."""
    deep = chance.choice((10, 1_000, 4_000, 50_000))
    opening, closing = chance.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"[[],", b"]")))
    return opening * deep + (closing * deep if chance.random() < 0.5 else b"")


def huge_number(chance: random.Random) -> bytes:
    digits = b"9" * chance.choice((20, 400, 4_300, 5_000))
    return chance.choice(
        (digits, b"-" + digits, digits + b"e" + digits[:6], b"1e999", b"NaN", b"-Infinity", b"0x" + digits)
    )


def broken_text(chance: random.Random) -> bytes:
    """UTF-8 that is none, surrogates, and what looks like ON to a careless eye."""
    odd = (
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"\xc0\xaf",
        b"\xf4\x90\x80\x80",
        b"\x00",
        b"\xef\xbb\xbf",
        "Ｏ".encode(),
        b"\r\n",
    )
    return b"".join(chance.choice((*odd, b"ON", b"OFF")) for _ in range(chance.randint(2, 6)))


def long(chance: random.Random) -> bytes:
    """Longer than any command may be."""
    return chance.choice(SEEDS) * chance.choice((1_000, 2_048, 10_000))


def made(chance: random.Random) -> bytes:
    """JSON that is well formed."""
    values = ("ON", "OFF", None, True, 10**30, -0.0, [], {}, "\ud800", chance.random())
    keys = ("state", "enabled", "", "__class__", "on")
    return json.dumps({chance.choice(keys): chance.choice(values) for _ in range(chance.randint(0, 5))}).encode()
