#!/usr/bin/env bash
# Makes the package's virtual environment in TREE, ready to lie at PLACE, and links its commands into /usr/bin.
# Environment: WHEELS, a folder of wheels to take everything from, without a network.
set -eu
tree=$1 place=$2
venv=$PWD/$tree$place
site=$venv/lib/python$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')/site-packages

if [ -n "${WHEELS:-}" ]; then export PIP_NO_INDEX=1 PIP_FIND_LINKS=$WHEELS; fi
export PIP_DISABLE_PIP_VERSION_CHECK=1

# Without the system's modules while pip looks round: nothing may be left out because this machine happens to have it.
/usr/bin/python3 -m venv "$venv"
"$venv/bin/python" -m pip install -q --no-compile -c constraints.txt '.[web]'
"$venv/bin/python" -m pip uninstall -q -y pip setuptools
sed -i -e 's/^\(include-system-site-packages = \).*/\1true/' -e "s|$venv|$place|" "$venv/pyvenv.cfg"

install -d "$tree/usr/bin" "$tree/usr/share/edge-emotion"
"$venv/bin/python" -m edge config example >"$tree/usr/share/edge-emotion/config.toml"

# Only our own commands and Python stay, and their first lines name the place where the environment will lie.
find "$venv/bin" -mindepth 1 ! -name 'edge-*' ! -name 'python*' -delete
# Where the path is long pip writes three lines of shell instead of one.
sed -i "1{/^#!\/bin\/sh\$/{N;N};s|.*|#!$place/bin/python|}" "$venv"/bin/edge-*
rm -rf "$venv/include" "$venv/share/man" "$site"/*.dist-info/direct_url.json
find "$site" -type d \( -name tests -o -name __pycache__ \) -prune -exec rm -rf {} +
find "$site" -name '*.py' -perm /111 -exec chmod a-x {} +

# Marked as never to be compared with the source: dpkg-deb changes dates, and the service could not write new ones.
/usr/bin/python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash -s "$venv" -p "$place" "$venv/lib"

for command in "$venv"/bin/edge-*; do ln -s "$place/bin/${command##*/}" "$tree/usr/bin/"; done
