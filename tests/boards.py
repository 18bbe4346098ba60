"""Made-up root folders of machines, laid out as the real ones are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

_RELEASE = "# R{major} (release), REVISION: {minor}, GCID: 45755727, BOARD: generic, EABI: aarch64, DATE: {date}\n"
_VARIANT = (
    "# KERNEL_VARIANT: oot\nTARGET_USERSPACE_LIB_DIR=nvidia\n"
    "TARGET_USERSPACE_LIB_DIR_PATH=usr/lib/aarch64-linux-gnu/nvidia\n"
)
_LIMITS = ("cur", "min", "max")
_NVRM = (
    "NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  {}  Release Build  (someone)  Tue Jan  7 17:35:12 2025\n"
)


def write(root: Path, files: Mapping[str, str | bytes], links: Mapping[str, str] | None = None) -> Path:
    """Put `files` and `links` (path to target) below `root`."""
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    for path, target in (links or {}).items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    return root


def dpkg(**versions: str) -> str:
    """dpkg's status file with these packages installed (underscores stand for hyphens), and some others between."""
    paragraphs = ["Package: adduser\nStatus: install ok installed\nVersion: 3.118ubuntu5\nDescription: add users"]
    for name, version in versions.items():
        paragraphs.append(
            f"Package: {name.replace('_', '-')}\nStatus: install ok installed\nArchitecture: arm64\n"
            f"Version: {version}\nDescription: a part of it\n of more than one line\n .\n Package: nvidia-jetpack"
        )
    paragraphs.append("Package: libcudnn7\nStatus: deinstall ok config-files\nVersion: 7.6.5\nDescription: was removed")
    return "\n\n".join(paragraphs) + "\n"


def cuda_json(version: str) -> str:
    """/usr/local/cuda/version.json."""
    return json.dumps({"cuda": {"name": "CUDA SDK", "version": version}, "cuda_cccl": {"name": "x", "version": "9.9"}})


def sysfs(
    gpu: str, device: str, hz: tuple[int, int, int], cpu_khz: tuple[int, int, int], load: int | None
) -> dict[str, str]:
    """GPU devfreq (now, least, most) as the device `device` has it, two processors, a fan."""
    files = {f"sys/{device}/devfreq/{gpu}/{name}_freq": f"{value}\n" for name, value in zip(_LIMITS, hz, strict=True)}
    if load is not None:
        files[f"sys/{device}/load"] = f"{load}\n"
    for number, slower in enumerate((2, 1)):
        for name, value in zip(_LIMITS, cpu_khz, strict=True):
            files[f"sys/devices/system/cpu/cpu{number}/cpufreq/scaling_{name}_freq"] = f"{value // slower}\n"
    files |= {"sys/class/hwmon/hwmon0/name": "pwmfan\n", "sys/class/hwmon/hwmon0/pwm1": "51\n"}
    files |= {"sys/class/hwmon/hwmon1/name": "pwm_tach\n", "sys/class/hwmon/hwmon1/rpm": "1636\n"}
    return files


def meminfo(total_kib: int, swap_kib: int = 0) -> str:
    """/proc/meminfo."""
    return (
        f"MemTotal:       {total_kib} kB\nMemFree:          123456 kB\nSwapTotal:      {swap_kib} kB\nHugetlb: 0 kB\n"
    )


def agx_orin_51(root: Path) -> Path:
    """An AGX Orin on JetPack 5.1.2: the GPU is called ga10b, the mode MODE_30W is the third."""
    modes = "< PM_CONFIG DEFAULT=2 >\n" + "".join(
        f"< POWER_MODEL ID={number} NAME={name} >\nCPU_ONLINE CORE_0 1\n"
        for number, name in enumerate(("MAXN", "MODE_15W", "MODE_30W", "MODE_50W"))
    )
    modes += "# < POWER_MODEL ID=2 NAME=COMMENTED >\n"
    hz = (306_000_000, 306_000_000, 612_000_000)
    files = {
        "sys/firmware/devicetree/base/model": b"Jetson AGX Orin Developer Kit\0",
        "sys/firmware/devicetree/base/compatible": b"nvidia,p3737-0000+p3701-0000\0nvidia,tegra234\0nvidia,tegra23x\0",
        "etc/nv_tegra_release": _RELEASE.format(major=35, minor="4.1", date="Tue Aug  1 19:57:35 UTC 2023"),
        "var/lib/dpkg/status": dpkg(
            nvidia_l4t_core="35.4.1-20230801124926",
            nvidia_jetpack="5.1.2-b104",
            libnvinfer8="8.5.2-1+cuda11.4",
            python3_libnvinfer="8.5.2-1+cuda11.4",
            libcudnn8="8.6.0.166-1+cuda11.4",
        ),
        "usr/local/cuda-11.4/version.json": cuda_json("11.4.19"),
        "etc/nvpmodel/nvpmodel_p3701_0000.conf": modes,
        "var/lib/nvpmodel/status": "pmode:0002",
        "proc/meminfo": meminfo(31_000_000, 15_500_000),
        "proc/swaps": "Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n"
        + "".join(f"/dev/zram{n}                              partition\t1291000\t0\t5\n" for n in range(12)),
        **sysfs("17000000.ga10b", "devices/17000000.ga10b", hz, (729600, 115200, 1728000), 250),
    }
    links = {
        "proc/device-tree": "/sys/firmware/devicetree/base",
        "etc/nvpmodel.conf": "/etc/nvpmodel/nvpmodel_p3701_0000.conf",
        "usr/local/cuda": "/etc/alternatives/cuda",
        "etc/alternatives/cuda": "/usr/local/cuda-11.4",
        "sys/class/devfreq/17000000.ga10b": "../../devices/17000000.ga10b/devfreq/17000000.ga10b",
        "sys/devices/17000000.ga10b/devfreq/17000000.ga10b/device": "../../../17000000.ga10b",
    }
    return write(root, files, links)


def _orin_nano(root: Path, release: str, compatible: str, packages: str, cuda: str, mode: str) -> Path:
    modes = "".join(
        f"< POWER_MODEL ID={number} NAME={name} >\n" for number, name in enumerate(("15W", "25W", "MAXN_SUPER", "7W"))
    )
    files = {
        "proc/device-tree/model": b"NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super\0",
        "proc/device-tree/compatible": compatible.replace(" ", "\0").encode() + b"\0",
        "etc/nv_tegra_release": release,
        "var/lib/dpkg/status": packages,
        "usr/local/cuda/version.json": cuda_json(cuda),
        "etc/nvpmodel.conf": modes,
        "var/lib/nvpmodel/status": mode,
        "proc/driver/nvidia/version": _NVRM.format("540.4.0"),
        "proc/meminfo": meminfo(7_800_000, 3_900_000),
        "sys/kernel/nvpmodel_clk_cap/emc": "3199000000\n",
        "sys/class/devfreq/15340000.vic/cur_freq": "115200000\n",
        **sysfs("17000000.gpu", "devices/platform/bus@0/17000000.gpu", (1020_000_000,) * 3, (1728000,) * 3, 0),
    }
    gpu = "devices/platform/bus@0/17000000.gpu"
    links = {
        "sys/class/devfreq/17000000.gpu": f"../../{gpu}/devfreq/17000000.gpu",
        f"sys/{gpu}/devfreq/17000000.gpu/device": "../../../17000000.gpu",
    }
    return write(root, files, links)


def orin_nano_60(root: Path) -> Path:
    """An Orin Nano on JetPack 6.0 whose metapackage was never installed."""
    return _orin_nano(
        root,
        _RELEASE.format(major=36, minor="3.0", date="Fri May  3 05:08:44 UTC 2024") + _VARIANT,
        "nvidia,p3768-0000+p3767-0005 nvidia,p3767-0005 nvidia,tegra234",
        dpkg(nvidia_l4t_core="36.3.0-20240506102626", libnvinfer8="8.6.2.3-1+cuda12.2"),
        "12.2.20230823",
        "pmode:0000",
    )


def orin_nano_62(root: Path) -> Path:
    """An Orin Nano Super on JetPack 6.2.1."""
    return _orin_nano(
        root,
        _RELEASE.format(major=36, minor="4.4", date="Mon Jun 16 16:07:13 UTC 2025") + _VARIANT,
        "nvidia,p3768-0000+p3767-0005-super nvidia,p3767-0005 nvidia,tegra234",
        dpkg(
            nvidia_l4t_core="36.4.4-20250616085344",
            nvidia_jetpack="6.2.1+b38",
            libnvinfer10="10.3.0.30-1+cuda12.5",
            python3_libnvinfer="10.3.0.30-1+cuda12.5",
            libcudnn9_cuda_12="9.3.0.75-1",
        ),
        "12.6.20240814",
        "pmode:0002 fmode:fan_mode_quiet\n",
    )


def orin_72(root: Path) -> Path:
    """An Orin Nano on JetPack 7.2."""
    return _orin_nano(
        root,
        _RELEASE.format(major=39, minor="2.0", date="Mon Jun  1 09:28:48 PM UTC 2026") + _VARIANT,
        "nvidia,p3768-0000+p3767-0005-super nvidia,p3767-0005 nvidia,tegra234",
        dpkg(nvidia_l4t_core="39.2.0-20260601000000", nvidia_jetpack="7.2-b55", libnvinfer10="10.16.0.72-1+cuda13.2"),
        "13.2.20260415",
        "pmode:0002 fmode:cool\n",
    )


def thor_70(root: Path) -> Path:
    """An AGX Thor on JetPack 7.0: the GPU's clocks have other names, the memory's are for everybody."""
    modes = "".join(
        f"< POWER_MODEL ID={number} NAME={name} >\n" for number, name in enumerate(("MAXN", "120W", "90W", "70W"))
    )
    files = {
        "proc/device-tree/model": b"NVIDIA Jetson AGX Thor Developer Kit\0",
        "proc/device-tree/compatible": b"nvidia,p4071-0000+p3834-0008\0nvidia,p3834-0008\0nvidia,tegra264\0",
        "etc/nv_tegra_release": _RELEASE.format(major=38, minor="2.0", date="Fri Aug 22 00:55:42 UTC 2025")
        + _VARIANT
        + "INSTALL_TYPE=\n",
        "var/lib/dpkg/status": dpkg(
            nvidia_l4t_core="38.2.0-20250821174705",
            nvidia_jetpack="7.0-b128",
            cuda_toolkit_13_0="13.0.0-1",
            libnvinfer10="10.13.3.9-1+cuda13.0",
        ),
        "etc/nvpmodel/nvpmodel_p3834_0008.conf": modes,
        "var/lib/nvpmodel/status": "pmode:0001\n",
        "proc/driver/nvidia/version": _NVRM.format("580.00"),
        "proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA Thor\nIRQ:   \t\t 92\n",
        "proc/meminfo": meminfo(128_825_804),
        **sysfs("gpu-gpc-0", "devices/platform/gpu", (1575_000_000, 315_000_000, 1575_000_000), (2601000,) * 3, None),
    }
    for name, value in (("cur", 3_200_000_000), ("min", 665_600_000), ("max", 4_266_000_000)):
        files[f"sys/class/devfreq/bwmgr/{name}_freq"] = f"{value}\n"
        files[f"sys/class/devfreq/gpu-nvd-0/{name}_freq"] = "1692000000\n"
    links = {
        "etc/nvpmodel.conf": "nvpmodel/gone.conf",
        "sys/class/devfreq/gpu-gpc-0": "../../devices/platform/gpu/devfreq/gpu-gpc-0",
    }
    return write(root, files, links)


def future(root: Path) -> Path:
    """A board, a chip and a release that nobody has made yet."""
    files = {
        "proc/device-tree/model": "NVIDIA Jetson Übermorgen Developer Kit\0",
        "proc/device-tree/compatible": b"nvidia,p9999-0001+p9998-0002\0nvidia,p9998-0002\0nvidia,tegra999\0",
        "etc/nv_tegra_release": _RELEASE.format(major=47, minor="11.3.1", date="Wed Jan  2 2031"),
        "var/lib/nvpmodel/status": "pmode:0042\n",
        "sys/class/devfreq/2a000000.gz99b/cur_freq": "9000000000\n",
    }
    return write(root, files)


def pc(root: Path) -> Path:
    """A PC with two cards."""
    files = {
        "proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Wed Jan 22 2025\n"
        "GCC version:  gcc version 13.3.0 (Ubuntu 13.3.0-6ubuntu2~24.04.1)\n",
        "proc/meminfo": meminfo(65_000_000, 2_000_000),
        "usr/local/cuda/version.txt": "CUDA Version 10.2.89\n",
    }
    for bus, name in (("0000:06:00.0", "NVIDIA GeForce RTX 3080"), ("0000:01:00.0", "NVIDIA GeForce RTX 5090")):
        files[f"proc/driver/nvidia/gpus/{bus}/information"] = (
            f"Model: \t\t {name}\nIRQ:   \t\t 184\nBus Location: \t {bus}\nGPU Excluded:\t No\n"
        )
    return write(root, files)
