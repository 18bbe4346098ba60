"""What of a unit gives or takes rights: what another command is lent to run like the service."""

from __future__ import annotations

_RIGHTS = frozenset({
    *("DynamicUser", "User", "Group", "SupplementaryGroups", "UMask", "StateDirectory", "CacheDirectory"),
    *("LoadCredential", "SetCredential", "Environment", "EnvironmentFile", "NoNewPrivileges", "CapabilityBoundingSet"),
    *("AmbientCapabilities", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateMounts", "PrivateUsers"),
    *("PrivateDevices", "PrivateNetwork", "ProtectProc", "ProtectKernelTunables", "ProtectKernelModules"),
    *("ProtectKernelLogs", "ProtectControlGroups", "ProtectClock", "ProtectHostname", "RestrictAddressFamilies"),
    *("RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "KeyringMode", "LockPersonality"),
    *("MemoryDenyWriteExecute", "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber"),
    *("DevicePolicy", "DeviceAllow", "ReadWritePaths", "ReadOnlyPaths", "InaccessiblePaths"),
    *("IPAddressAllow", "IPAddressDeny"),
})  # fmt: skip
"""What decides what a command may reach. When the daemon is started, watched and ended is its own affair."""
_PLACES = {"%C": "/var/cache", "%S": "/var/lib", "%t": "/run", "%E": "/etc", "%%": "%"}


def right(key: str, value: str) -> str | None:
    """`key=value` as systemd-run takes it; None for what gives and takes no right.

    systemd-run takes a percent sign as it stands, a unit's file does not; what a credential holds stays as it is.
    """
    if key not in _RIGHTS:
        return None
    if key != "SetCredential":
        for short, place in _PLACES.items():
            value = value.replace(short, place)
    return f"{key}={value}"
