"""Certificates for brokers and devices, made with openssl in a folder of the test's."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Certificate:
    cert: Path
    key: Path


class Authority:
    """A certificate authority; `issue` signs for a name (DNS:… or IP:…)."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed")
        self._folder = folder
        self.own = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
        self._openssl("req", "-x509", "-subj", f"/CN={name}", "-days", "2", *_NEW_KEY, *_files(self.own))

    def issue(self, name: str, subject: str = "IP:127.0.0.1", *, days: int = 2) -> Certificate:
        """Good for `days` from now; already expired when negative."""
        made = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        request = self._folder / f"{name}.csr"
        words = ("-subj", f"/CN={name}", "-addext", f"subjectAltName={subject}")
        self._openssl("req", "-new", *words, *_NEW_KEY, "-keyout", made.key, "-out", request)
        signer = ("-CA", self.own.cert, "-CAkey", self.own.key, "-CAcreateserial", "-copy_extensions", "copy")
        self._openssl("x509", "-req", "-in", request, *signer, "-days", days, "-out", made.cert)
        return made

    def lock(self, key: Path, locked: Path) -> Path:
        """Write `key` with a password over it to `locked`."""
        self._openssl("ec", "-in", key, "-aes256", "-passout", "pass:hush", "-out", locked)
        return locked

    def _openssl(self, *words: object) -> None:
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _files(certificate: Certificate) -> tuple[object, ...]:
    return ("-keyout", certificate.key, "-out", certificate.cert)
