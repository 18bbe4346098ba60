"""A central mosquitto and one of a site, configured by the files of deploy/fleet with only names and ports replaced."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.broker import Mosquitto, free_port
from tests.certificates import Authority

FLEET = Path(__file__).parents[2] / "deploy" / "fleet"
PASSWORD = "change-me"
# The tests' own clients have no name: they see and say everything.
_ANYBODY = "topic readwrite #\n"


class Central(Mosquitto):
    """Speaks TLS with sites on `tls_port`, with the ACL of deploy/fleet; plain with the test on `port`."""

    def __init__(self, folder: Path, authority: Authority, names: tuple[str, ...]) -> None:
        folder.mkdir()
        self.tls_port = free_port()
        acl, own = folder / "acl", authority.issue("central")
        acl.write_text(_ANYBODY + (FLEET / "central.acl").read_text(encoding="utf-8"), encoding="utf-8")
        files = f"certfile {own.cert}\nkeyfile {own.key}\n"
        login = f"password_file {_password_file(folder, names)}\nacl_file {acl}\n"
        super().__init__(folder, f"{login}listener {self.tls_port} 127.0.0.1\n{files}")


def site_broker(folder: Path, name: str, port: int, authority: Authority, acl: Path | None = None) -> Mosquitto:
    """A site's broker with deploy/fleet/bridge.conf, whose central one answers at `port`.

    With an `acl` only the user `desk` comes in.
    """
    text = (FLEET / "bridge.conf").read_text(encoding="utf-8")
    replaced = {
        "hall": name,
        "central.example:8883": f"127.0.0.1:{port}",
        "/etc/mosquitto/certs/central-ca.crt": str(authority.own.cert),
    }
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    drop_in = folder / "conf.d"
    drop_in.mkdir(parents=True)
    (drop_in / "bridge.conf").write_text(text, encoding="utf-8")
    login = ""
    if acl is not None:
        login = f"acl_file {acl}\npassword_file {_password_file(folder, ('desk',))}\n"
    return Mosquitto(folder, f"{login}include_dir {drop_in}", anonymous=acl is None)


@contextlib.contextmanager
def bridged(folder: Path, authority: Authority, central_port: int, *names: str) -> Iterator[list[Mosquitto]]:
    """Running brokers of the sites `names`."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(site_broker(folder / name, name, central_port, authority)) for name in names]


def _password_file(folder: Path, names: tuple[str, ...]) -> Path:
    path = folder / "passwords"
    path.write_text("".join(f"{name}:{PASSWORD}\n" for name in names), encoding="utf-8")
    subprocess.run(["mosquitto_passwd", "-U", path], check=True, capture_output=True)
    return path
