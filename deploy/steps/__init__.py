"""All steps of a provision, in their order; `remove` takes them back in reverse."""

from __future__ import annotations

from deploy.step import Step
from deploy.steps.apt_packages import AptPackagesStep
from deploy.steps.commands import CommandsStep
from deploy.steps.configuration import ConfigurationStep
from deploy.steps.engines import EnginesStep
from deploy.steps.gate import GateStep
from deploy.steps.groups import GroupsStep
from deploy.steps.preflight import PreflightStep
from deploy.steps.pycuda import PycudaStep
from deploy.steps.release import ReleaseStep
from deploy.steps.service import ServiceStep
from deploy.steps.switch import SwitchStep
from deploy.steps.units import UnitsStep

# The gate stands before the units: an upgrade that it stops leaves those of the release in force.
STEPS: tuple[Step, ...] = (
    PreflightStep(),
    AptPackagesStep(),
    GroupsStep(),
    ReleaseStep(),
    PycudaStep(),
    ConfigurationStep(),
    GateStep(),
    UnitsStep(),
    CommandsStep(),
    SwitchStep(),
    EnginesStep(),
    ServiceStep(),
)
