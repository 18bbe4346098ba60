"""Settings: defaults < file < environment EDGE_EMOTION_… < flags."""

from edge.config.load import load_settings
from edge.config.model import AudioSettings, LoadSettings, MqttSettings, Settings, SyncSettings, VideoSettings
from edge.config.paths import cache_dir, config_file, home_dir, state_dir
from edge.config.secrets import masked
from edge.config.show import as_toml
from edge.config.switch import enabled_file, is_enabled, read_switch, service_switch_elsewhere, set_enabled

__all__ = [
    "AudioSettings",
    "LoadSettings",
    "MqttSettings",
    "Settings",
    "SyncSettings",
    "VideoSettings",
    "as_toml",
    "cache_dir",
    "config_file",
    "enabled_file",
    "home_dir",
    "is_enabled",
    "load_settings",
    "masked",
    "read_switch",
    "service_switch_elsewhere",
    "set_enabled",
    "state_dir",
]
