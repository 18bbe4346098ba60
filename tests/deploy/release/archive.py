"""An archive of Debian packages of the test's own, on the disk of an image, that its real apt installs from."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from tests.deploy.release.image import Image

_FOLDER = "/srv/archive"
# As invoke-rc.d asks, which starts nothing itself where it does not find a runlevel.
_START = """#!/bin/sh
policy=/usr/sbin/policy-rc.d
if [ ! -x $policy ] || $policy {name} start; then /etc/init.d/{name} start; fi
"""


class Archive:
    """The only source of packages that the image has."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._index: list[str] = []
        sources = image.path("/etc/apt")
        for other in [sources / "sources.list", *(sources / "sources.list.d").glob("*")]:
            other.unlink(missing_ok=True)
        (sources / "sources.list").write_text(f"deb [trusted=yes] file:{_FOLDER} ./\n")
        image.path(_FOLDER).mkdir(parents=True)
        image.path("/usr/sbin/policy-rc.d").unlink(missing_ok=True)  # containers have one

    def add(self, name: str, depends: str = "", suggests: str = "") -> None:
        """A package with one file, and with a daemon that its script would start."""
        build = self._image.path("/srv/build") / name
        (build / "DEBIAN").mkdir(parents=True)
        fields = f"Package: {name}\nVersion: 1.0\nArchitecture: all\nMaintainer: test <test@localhost>\n"
        fields += f"Depends: {depends}\n" if depends else ""
        fields += f"Suggests: {suggests}\n" if suggests else ""
        fields += "Description: made up\n"
        (build / "DEBIAN" / "control").write_text(fields)
        script = build / "DEBIAN" / "postinst"
        script.write_text(_START.format(name=name))
        script.chmod(0o755)
        (build / "usr" / "share" / name).mkdir(parents=True)
        (build / "usr" / "share" / name / "file").touch()
        (build / "DEBIAN" / "conffiles").write_text(f"/etc/init.d/{name}\n")
        init = build / "etc" / "init.d" / name
        init.parent.mkdir(parents=True)
        init.write_text(f"#!/bin/sh\ntouch /srv/started-{name}\n")
        init.chmod(0o755)
        package = self._image.path(_FOLDER) / f"{name}.deb"
        command = ["dpkg-deb", "--build", "--root-owner-group", "-Znone", build, package]
        subprocess.run(command, check=True, capture_output=True, timeout=30)
        self._index.append(fields + _place(package))
        (package.parent / "Packages").write_text("\n".join(self._index))

    def close(self) -> None:
        """Away, as with a network that is gone."""
        self._image.path(_FOLDER).rename(self._image.path("/srv/away"))


def _place(package: Path) -> str:
    content = package.read_bytes()
    return f"Filename: ./{package.name}\nSize: {len(content)}\nSHA256: {hashlib.sha256(content).hexdigest()}\n"
