"""What the `doctor` of a release says of this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.as_service import run_as_service
from deploy.host import CommandError, Host
from deploy.step import DeployError

_DOCTOR_S = 300
_LINE = "\n"


@dataclass(frozen=True)
class Failure:
    """A check that failed: what it found, and how to mend it."""

    check: str
    found: str
    remedy: str

    @property
    def words(self) -> str:
        """One line."""
        return f"{self.check}: {self.found}. {self.remedy}".strip()


def failures(host: Host, release: Path, unit: Path) -> list[Failure]:
    """The failed checks of the release in the folder `release`, with the rights of the service.

    Raises DeployError where its doctor does not even answer.
    """
    command = [str(release / "bin" / "edge-emotion"), "doctor", "--json"]
    if host.is_image:
        command.append("--no-devices")  # those in /dev are ours, not the image's
    try:
        # Its exit code tells only what its answer tells as well.
        said = run_as_service(host, unit, *command, timeout_s=_DOCTOR_S, may_fail=True)
        if "{" not in said:
            raise DeployError(f"The doctor of {release.name} does not run: {said.strip().rpartition(_LINE)[2]}")
        answer = json.loads(said[said.index("{") : said.rindex("}") + 1])  # libraries write around it
        checks: Mapping[str, Mapping[str, str | None]] = answer["checks"]
        failed = {name: check for name, check in checks.items() if check["verdict"] == "failed"}
    except CommandError as error:
        raise DeployError(f"The doctor of {release.name} does not run: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise DeployError(f"The doctor of {release.name} answers with something that is no report ({why}).") from error
    return [Failure(name, str(check["found"]).rstrip("."), check["remedy"] or "") for name, check in failed.items()]
