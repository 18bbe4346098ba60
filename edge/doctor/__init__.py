"""Checks everything that this machine needs to run: a file for each check, their order in `checks`."""

from __future__ import annotations

from edge.doctor.finding import Finding, Verdict
from edge.doctor.machine import Machine
from edge.doctor.round import examine

__all__ = ["Finding", "Machine", "Verdict", "examine"]
