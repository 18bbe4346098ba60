#!/bin/sh
# Installs edge-emotion as a service from this checkout: sudo deploy/install.sh [--camera 0 --mic default …]
# All options are those of `edge-deploy provision`; --dry-run tells each change and makes none.
set -eu

fail() { echo "install.sh: $*" >&2; exit 1; }

here=$(cd "$(dirname "$0")/.." && pwd)
python=/usr/bin/python3

[ -f "$here/deploy/cli/__init__.py" ] || fail "there is no checkout around $0: get the whole project and run deploy/install.sh in it."
if [ ! -x "$python" ]; then
    for word in "$@"; do
        [ "$word" != --dry-run ] || fail "a dry run needs $python, which is not there: sudo apt-get install python3, or leave --dry-run out."
    done
    [ "$(id -u)" -eq 0 ] || fail "installing a service needs root: run it again with sudo."
    command -v apt-get >/dev/null || fail "there is no $python and no apt-get: install Python 3.10 or newer by this machine's own means."
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 >/dev/null; } \
        || fail "apt-get could not install python3, its own words are above: mend that and run it again."
    # A removal names it: it runs by it itself.
    set -- "$@" --brought python3
fi
"$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
    || fail "$python is $("$python" -V 2>&1), 3.10 or newer is needed: use JetPack 6, Ubuntu 22.04, Debian 12 or newer."

# Isolated: root imports nothing from the folder that it happens to stand in, which may be everybody's, nor from a home.
exec "$python" -IB -c '
import sys
sys.path.insert(0, sys.argv.pop(1))
from deploy.cli import main
sys.exit(main())
' "$here" provision "$@"
