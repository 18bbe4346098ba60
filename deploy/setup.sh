#!/usr/bin/env bash
# Makes this machine ready for one purpose: demo, check, test, device, train or gpu. Installs what apt and pip must, into .venv;
# what is there already is left alone, and a second call takes a fraction of a second.
# Environment: PYTHON (python3), SKIP_APT=1 (leave the system's packages to me).
set -eu

purpose=${1:?usage: deploy/setup.sh demo|check|test|device|train|gpu}
python=${PYTHON:-python3}
cd "$(dirname "$0")/.."
venv=.venv

fail() { echo "setup: $*" >&2; exit 69; }
say() { echo "setup: $*" >&2; }

# One line a package; names that differ between releases are alternatives, the newer one first.
apt_names() {
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
    esac
    python_names
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
        check) echo demo,dev ;;
        test) echo demo,dev,explain,lsl,train ;;
        train) echo train ;;
        gpu) echo jetson ;;
        *) fail "unknown purpose '$purpose': demo, check, test, device, train or gpu." ;;
    esac
}

make_venv() {
    if [ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then return; fi
    say "making $venv with $("$python" -V)"
    "$python" -m venv --clear "$venv" || fail "'$python' could not make a virtual environment in $venv: see above."
}

install_pip() {
    local stamp=$venv/.ready-$purpose wanted
    # Content and place, not dates: a fresh clone and a moved folder are told apart from an unchanged one.
    wanted=$({ cat setup.cfg pyproject.toml constraints.txt; extras; pwd; } | sha256sum)
    if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
    make_venv
    say "installing from pip for '$purpose' (minutes, the first time)"
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check -c constraints.txt -e ".[$(extras)]" \
        || fail "pip could not install the packages for '$purpose': its own words are above; run again when the network is back."
    echo "$wanted" >"$stamp"
}

extras >/dev/null
install_apt
check_python
install_pip
