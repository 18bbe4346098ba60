#!/usr/bin/env bash
# Builds the Debian package of this tree for this machine's Debian, processor and system Python: dist/edge-emotion_*.deb.
# Environment: WHEELS (a folder of wheels: no network is used), DEB_COMPRESSION (dpkg-deb's options, -Zzstd -z12),
# DEBFULLNAME and DEBEMAIL (who builds it).
set -eu
cd "$(dirname "$0")/.."

fail() { echo "deb: $*" >&2; exit 1; }
say() { echo "deb: $*" >&2; }

command -v dh >/dev/null || fail "Debian's packaging tools are not here: apt-get install debhelper."
/usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
    || fail "the system's own /usr/bin/python3 is older than 3.10: build on Debian 12, Ubuntu 22.04 or newer."

python=$(/usr/bin/python3 -c 'import sys; print("py%d%d" % sys.version_info[:2])')
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' edge/__init__.py)+$python
out=$PWD/dist
stage=$PWD/build/deb/edge-emotion-$version
maintainer="${DEBFULLNAME:-edge-emotion} <${DEBEMAIL:-edge-emotion@$(hostname -f 2>/dev/null || hostname)}>"
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export DEB_COMPRESSION=${DEB_COMPRESSION:--Zzstd -z12}
if [ -n "${WHEELS:-}" ]; then WHEELS=$(realpath "$WHEELS"); export WHEELS; fi

rm -rf build/deb
mkdir -p "$stage" "$out"
cp -r edge engines deploy systemd setup.cfg pyproject.toml constraints.txt README.md LICENSE "$stage"
find "$stage" -name __pycache__ -type d -prune -exec rm -rf {} +
cp -r "$stage/deploy/debian" "$stage/debian"
sed -i "s|@MAINTAINER@|$maintainer|" "$stage/debian/control"
cat >"$stage/debian/changelog" <<ENTRY
edge-emotion ($version) unstable; urgency=medium

  * Built for $python. What is new is told in CHANGELOG.md.

 -- $maintainer  $(date -R -d "@$epoch")
ENTRY

say "building edge-emotion $version (minutes, its log is build/deb/log)"
(cd "$stage" && dpkg-buildpackage -b -us -uc) >build/deb/log 2>&1 \
    || { tail -n 20 build/deb/log >&2; fail "the package could not be built: the end of build/deb/log is above."; }
mv build/deb/edge-emotion_*.deb "$out"
for package in "$out"/edge-emotion_"$version"_*.deb; do say "$package ($(du -m "$package" | cut -f1) MB)"; done
