"""One round through all checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edge.doctor.check import Check
from edge.doctor.finding import Finding, Verdict, as_sentence, not_applicable
from edge.doctor.machine import Machine
from edge.errors import EdgeError


def examine(checks: Sequence[Check], machine: Machine) -> Iterator[tuple[str, Finding]]:
    """Each check's name and finding, as they come; a check that breaks is a failure of its own, not of the round."""
    for check in checks:
        if check.uses_packages and machine.deadly_package:
            yield check.name, not_applicable(f"not tried: the import of {machine.deadly_package} ends the process")
            continue
        try:
            finding = check.run(machine)
        except EdgeError as error:
            finding = Finding(Verdict.FAILED, "it does not work", as_sentence(str(error)))
        except Exception as error:
            kind = f"{type(error).__name__}: {error}".rstrip(": ")
            finding = Finding(Verdict.FAILED, f"the check itself broke ({kind})", "Install the package again.")
        yield check.name, finding
