"""A certificate authority for one test, by the command `openssl`."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.broker import HOST


class Authority:
    """Signs in `folder`; `ca` is its own certificate."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ca = folder / "ca.pem"
        self._key = folder / "ca.key"
        _openssl("req", "-x509", *_new_key(self._key), "-out", self.ca, "-days", "30", "-subj", "/CN=test authority")

    def sign(self, name: str, days: int) -> tuple[Path, Path]:
        """Certificate and key of a server on loopback; with `days` below 0 it expired that long ago."""
        key, request, made, names = (self._folder / f"{name}.{end}" for end in ("key", "csr", "pem", "ext"))
        names.write_text(f"subjectAltName=IP:{HOST}\n")
        _openssl("req", *_new_key(key), "-out", request, "-subj", f"/CN={HOST}")
        signer = ["-CA", self.ca, "-CAkey", self._key, "-CAcreateserial", "-extfile", names]
        _openssl("x509", "-req", "-in", request, *signer, "-out", made, "-days", days)
        return made, key


def _new_key(path: Path) -> list[object]:
    return ["-newkey", "rsa:2048", "-nodes", "-keyout", path]


def _openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
