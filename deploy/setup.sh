#!/usr/bin/env bash
# Makes this machine ready for one purpose: demo, check, test, device, train, gpu or deb. Installs what apt and pip must, into
# .venv; what is there already is left alone, and a second call takes a fraction of a second.
# Environment: PYTHON (python3), SKIP_APT=1 (leave the system's packages to me), SYSTEM_ROOT (where the board's files lie,
# for tests).
set -eu

purpose=${1:?usage: deploy/setup.sh demo|check|test|device|train|gpu|deb}
python=${PYTHON:-python3}
root=${SYSTEM_ROOT:-}
cd "$(dirname "$0")/.."
venv=.venv

fail() { echo "setup: $*" >&2; exit 69; }
say() { echo "setup: $*" >&2; }

is_jetson() { [ -e "$root/etc/nv_tegra_release" ]; }
has_nvidia_gpu() {
    local sign
    for sign in etc/nv_tegra_release proc/driver/nvidia/version dev/nvidiactl usr/lib/wsl/lib/libcuda.so.1; do
        if [ -e "$root/$sign" ]; then return 0; fi
    done
    return 1
}

# TensorRT's module of a Jetson is apt's, and made for the system's own Python alone; a Debian package depends on that one.
system_python() {
    if [ "$purpose" = deb ]; then python=$root/usr/bin/python3; return; fi
    if is_jetson && [ "$python" = python3 ] && [ -x "$root/usr/bin/python3" ]; then python=$root/usr/bin/python3; fi
}
sees_tensorrt() { "$1" -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("tensorrt") is None)'; }

# The folder of CUDA's toolkit that has a compiler; pycuda has no wheels.
cuda_root() {
    local folder
    for folder in "$root/usr/local/cuda" "$root"/usr/local/cuda-*; do
        if [ -x "$folder/bin/nvcc" ]; then echo "$folder"; return 0; fi
    done
    return 1
}

check_gpu() {
    if [ "$purpose" != gpu ]; then return; fi
    has_nvidia_gpu || fail "there is no NVIDIA GPU here, or no driver for it: make gpu-bench needs one; what the processor can do is measured by make gpu-bench GPU_ARGS=--cpu."
    cuda_root >/dev/null || fail "pycuda is compiled when it is installed, and there is no nvcc in /usr/local/cuda*/bin: install NVIDIA's CUDA toolkit (on a Jetson: sudo apt install nvidia-jetpack), then run again."
}

check_tensorrt() {
    if [ "$purpose" != gpu ] || ! is_jetson || sees_tensorrt "$python"; then return; fi
    fail "'$python' does not see TensorRT: sudo apt install python3-libnvinfer, and let PYTHON be the system's own python3 ($root/usr/bin/python3)."
}

# One line a package; names that differ between releases are alternatives, the newer one first.
apt_names() {
    if [ "$purpose" = deb ]; then
        deb_names
        return
    fi
    cat <<'NAMES'
portaudio19-dev
libsystemd-dev
pkg-config
gcc
espeak-ng
libgl1
libglib2.0-0t64|libglib2.0-0
mosquitto
NAMES
    case $purpose in test) cat <<'NAMES' ;;
mosquitto-clients
openssl
ffmpeg
pulseaudio
pulseaudio-utils
libasound2-plugins
xvfb
xdotool
strace
imagemagick
systemd-container
mmdebstrap
debhelper
libsm6
libxext6
python3-dev
python3-venv
python3-gi
gir1.2-gst-rtsp-server-1.0
gstreamer1.0-plugins-good
gstreamer1.0-plugins-ugly
NAMES
    device) cat <<'NAMES' ;;
qemu-system-x86
qemu-utils
mmdebstrap
debian-archive-keyring
e2fsprogs
fakeroot
uidmap
NAMES
    gpu) if is_jetson; then echo python3-libnvinfer; fi ;;
    esac
    python_names
}

# What deploy/debian/control names under Build-Depends.
deb_names() {
    cat <<'NAMES'
debhelper
gcc
libgl1
libglib2.0-0t64|libglib2.0-0
libsm6
libsystemd-dev
libxext6
pkg-config
portaudio19-dev
python3-dev
python3-venv
NAMES
}

# The system's own Python leaves out venv and headers; any other Python brings them.
python_names() {
    if ! command -v "$python" >/dev/null; then
        if [ "$python" = python3 ]; then printf '%s\n' python3 python3-venv python3-dev; fi
        return
    fi
    "$python" - <<'PROBE'
import importlib.util, pathlib, sys, sysconfig
name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
if importlib.util.find_spec("ensurepip") is None:
    print(f"{name}-venv|python3-venv")
if not pathlib.Path(sysconfig.get_path("include"), "Python.h").exists():
    print(f"{name}-dev|python3-dev")
PROBE
}

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
available() { apt-cache show "$1" >/dev/null 2>&1; }

any_installed() {
    local name
    for name in ${1//|/ }; do if installed "$name"; then return 0; fi; done
    return 1
}

first_available() {
    local name
    for name in ${1//|/ }; do if available "$name"; then echo "$name"; return; fi; done
    echo "${1##*|}"
}

missing_apt() {
    local names
    for names in $(apt_names); do any_installed "$names" || echo "$names"; done
}

install_apt() {
    local missing sudo='' names chosen=()
    if [ -n "${SKIP_APT:-}" ]; then return; fi
    command -v apt-get >/dev/null || fail "this machine has no apt-get: install the likes of $(apt_names | cut -d'|' -f1 | tr '\n' ' ')with its own package manager, then run again with SKIP_APT=1."
    missing=$(missing_apt)
    if [ -z "$missing" ]; then return; fi
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "packages are missing and there is neither root nor sudo: ask an administrator for apt-get install $(echo "$missing" | sed 's/.*|//' | tr '\n' ' ')"
        sudo=sudo
    fi
    say "installing from apt: $(echo "$missing" | cut -d'|' -f1 | tr '\n' ' ')"
    $sudo apt-get update -qq || say "apt-get update failed; trying with the lists that are there"
    for names in $missing; do chosen+=("$(first_available "$names")"); done
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${chosen[@]}" >/dev/null \
        || fail "apt-get could not install ${chosen[*]}: its own words are above."
}

check_python() {
    command -v "$python" >/dev/null || fail "there is no '$python': name a Python of 3.10 or newer, like PYTHON=python3.11 make $purpose."
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
        || fail "'$python' is $("$python" -V 2>&1), 3.10 or newer is needed: name one, like PYTHON=python3.11 make $purpose."
}

extras() {
    case $purpose in
        demo | device) echo demo ;;
        check) echo demo,dev,web ;;
        deb) ;; # its own environment is made while it is built
        test) echo demo,dev,explain,lsl,rtx,train,web ;;
        train) echo train ;;
        gpu) if is_jetson; then echo; else echo jetson,train; fi ;; # a Jetson's torch and TensorRT are NVIDIA's, not pip's
        *) fail "unknown purpose '$purpose': demo, check, test, device, train, gpu or deb." ;;
    esac
}

# What pip is to install, in one line; pycuda stands in setup.cfg's extra `jetson`, beside pip's TensorRT.
wanted_of_pip() {
    local names
    names=$(extras)
    echo "-e .${names:+[$names]}$(if [ "$purpose" = gpu ]; then sed -n 's/^ *\(pycuda[<>=].*\)/ \1/p' setup.cfg; fi)"
}

# On a Jetson the system's packages are seen: TensorRT is among them.
make_venv() {
    local shared=''
    if is_jetson; then shared=--system-site-packages; fi
    if [ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        if [ -z "$shared" ] || grep -qi '^include-system-site-packages = true' "$venv/pyvenv.cfg"; then return; fi
    fi
    say "making $venv with $("$python" -V)${shared:+ (sees the packages of the system)}"
    "$python" -m venv --clear $shared "$venv" || fail "'$python' could not make a virtual environment in $venv: see above."
}

install_pip() {
    local stamp=$venv/.ready-$purpose wanted cuda
    # Content and place, not dates: a fresh clone and a moved folder are told apart from an unchanged one.
    wanted=$({ cat setup.cfg pyproject.toml constraints.txt; extras; pwd; } | sha256sum)
    if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
    make_venv
    if [ "$purpose" = gpu ]; then
        cuda=$(cuda_root)
        export CUDA_ROOT=$cuda PATH=$cuda/bin:$PATH
    fi
    say "installing from pip for '$purpose' (minutes, the first time)"
    # shellcheck disable=SC2046
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check -c constraints.txt $(wanted_of_pip) \
        || fail "pip could not install the packages for '$purpose': its own words are above; run again when the network is back."
    echo "$wanted" >"$stamp"
}

extras >/dev/null
system_python
check_gpu
install_apt
check_python
check_tensorrt
if [ "$purpose" != deb ]; then install_pip; fi
