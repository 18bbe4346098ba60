#!/bin/sh
# In the guest, at each boot: the project's files of today over those of the disk, then the bench.
set -eu
cp -r /bench/project/. /opt/edge-emotion/
cd /opt/edge-emotion
exec env PYTHONPATH=/opt/edge-emotion .venv/bin/python -m tests.device.inside
