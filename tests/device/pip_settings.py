"""How pip reaches its index on this machine, for a pip elsewhere."""

from __future__ import annotations

import configparser
import io
import ssl
import subprocess
import sys
from pathlib import Path

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
"""Where Debian has them."""


def pip_conf() -> str:
    """The settings of this machine's pip, from its files and its environment, as one file.

    Folders of this machine do not exist elsewhere: they are left out.
    """
    told = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True)
    settings: dict[str, str] = {}
    for line in told.stdout.splitlines():
        name, _, value = line.partition("=")
        settings[name.rsplit(".", 1)[-1]] = " ".join(
            word for word in value.strip("'").split() if not word.startswith(("/", "file:"))
        )
    conf = configparser.ConfigParser(interpolation=None)
    conf["global"] = {name: value for name, value in settings.items() if value}
    text = io.StringIO()
    conf.write(text)
    return text.getvalue()


def certificates() -> Path:
    """The certificates that this machine believes."""
    return Path(ssl.get_default_verify_paths().cafile or CERTIFICATES)
