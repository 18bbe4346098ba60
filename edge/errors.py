"""The four ways in which a run can go wrong, each with its exit code."""

from __future__ import annotations


class EdgeError(Exception):
    """Base of all expected errors: one sentence for the user, no traceback."""

    exit_code = 1


class UsageError(EdgeError):
    """The command line asks for something that cannot be (exit code 64)."""

    exit_code = 64


class DeviceError(EdgeError):
    """A camera or microphone cannot be had now; it may come back (exit code 69 when demanded)."""

    exit_code = 69


class BusyError(DeviceError):
    """It is there and cannot be opened: another program may be using it."""


class ConfigError(EdgeError):
    """The configuration is wrong (exit code 78)."""

    exit_code = 78
