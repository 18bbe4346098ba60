"""Debian packages of the machine, by its own apt and dpkg."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from deploy.host import CommandError, Host
from deploy.step import DeployError
from deploy.trouble import Trouble

_QUERY_S, _UPDATE_S, _INSTALL_S = 120, 600, 3600
_ENVIRON = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l"}
# No archive is kept, and another apt that is at work is waited for.
_OPTIONS = ("-o", "DPkg::Lock::Timeout=120", "-o", "APT::Keep-Downloaded-Packages=false", "-q")


class Apt:
    """Of the machine `host`."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def is_there(self) -> bool:
        """Whether this machine has apt at all."""
        return self._host.path("/usr/bin/apt-get").exists()

    def installed(self) -> set[str]:
        """Names of all packages that are installed, by dpkg's own file; none where there is no dpkg."""
        status = self._host.path("/var/lib/dpkg/status")
        paragraphs = status.read_text(errors="replace").split("\n\n") if status.exists() else []
        return {
            paragraph.partition("\n")[0].removeprefix("Package: ")
            for paragraph in paragraphs
            if re.search(r"^Status: \S+ \S+ installed$", paragraph, re.MULTILINE)
        }

    def known(self, names: Iterable[str]) -> set[str]:
        """Those of the names that apt could install, by the lists that are there."""
        found = self._host.run("apt-cache", "policy", *names, timeout_s=_QUERY_S)
        blocks = re.split(r"^(?=\S+:$)", found, flags=re.MULTILINE)
        return {block.partition(":")[0] for block in blocks if block and "Candidate: (none)" not in block}

    def update(self) -> bool:
        """Fetch the lists anew; gives whether that worked."""
        trouble = Trouble()
        try:
            self._host.run("apt-get", *_OPTIONS, "update", timeout_s=_UPDATE_S, environ=_ENVIRON, progress=trouble)
        except CommandError:
            return False
        return not trouble.no_network  # apt-get calls old lists that could not be fetched anew no error

    def mend(self) -> None:
        """Finish what a dpkg that was killed has left half done. Raises CommandError."""
        if self._host.run("dpkg", "--audit", timeout_s=_QUERY_S).strip():
            self._host.run("dpkg", "--configure", "-a", "--force-confold", timeout_s=_INSTALL_S, environ=_ENVIRON)

    def would_install(self, names: Iterable[str]) -> list[str]:
        """All packages that installing these brings along, themselves included. Raises DeployError."""
        trouble = Trouble()
        try:
            said = self._host.run(
                *self._install(names), "--simulate", timeout_s=_QUERY_S, environ=_ENVIRON, progress=trouble
            )
        except CommandError as error:
            raise _refusal(names, trouble, error) from error
        return re.findall(r"^Inst (\S+) (?!\[)", said, re.MULTILINE)

    def install(self, names: Iterable[str], heard: Callable[[str], None]) -> None:
        """Install them with what they need. Raises DeployError."""
        trouble = Trouble(heard)
        try:
            self._host.run(*self._install(names), timeout_s=_INSTALL_S, environ=_ENVIRON, progress=trouble)
        except CommandError as error:
            raise _refusal(names, trouble, error) from error

    def removable(self, names: Iterable[str]) -> list[str]:
        """Those of the names that nothing else on the machine needs.

        From now on apt takes them all for packages that came along with others, which is what they are.
        """
        ours = self.installed() & set(names)
        if not ours:
            return []
        self._host.run("apt-mark", "auto", *sorted(ours), timeout_s=_QUERY_S)
        # What is merely suggested is not needed: python3 suggests python3-venv.
        needs = ("-o", "APT::AutoRemove::SuggestsImportant=false")
        said = self._host.run("apt-get", *_OPTIONS, *needs, "autoremove", "--simulate", timeout_s=_QUERY_S)
        idle = ours & set(re.findall(r"^Remv (\S+)", said, re.MULTILINE))
        return sorted(idle)

    def changed_settings(self, name: str) -> list[str]:
        """Its settings in /etc that somebody has changed since it was installed."""
        said = self._host.run("dpkg", "--verify", name, timeout_s=_QUERY_S, may_fail=True)
        return re.findall(r"^..5\S* +c (/\S+)$", said, re.MULTILINE)

    def remove(self, names: Iterable[str], with_settings: bool) -> None:
        """Take them off, with their settings or without. Raises DeployError."""
        words = ("apt-get", *_OPTIONS, "purge" if with_settings else "remove", "--yes", *names)
        try:
            self._host.run(*words, timeout_s=_INSTALL_S, environ=_ENVIRON)
        except CommandError as error:
            raise DeployError(f"apt-get could not remove {' '.join(names)}: {error}") from error

    @staticmethod
    def _install(names: Iterable[str]) -> tuple[str, ...]:
        keep = ("-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold")
        return ("apt-get", *_OPTIONS, *keep, "install", "--yes", "--no-install-recommends", *names)


def _refusal(names: Iterable[str], trouble: Trouble, error: CommandError) -> DeployError:
    words, wanted = trouble.cause or str(error).rstrip("."), " ".join(names)
    if trouble.no_network:
        return DeployError(
            f"apt-get could not fetch {wanted}: its servers cannot be reached; run the same command again when the "
            "network is back."
        )
    if trouble.no_room:
        return DeployError(
            f"apt-get could not install {wanted}: the disk is full; make room and run the same command again."
        )
    return DeployError(f"apt-get could not install {wanted}: {words}; mend that and run the same command again.")
