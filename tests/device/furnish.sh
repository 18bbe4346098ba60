#!/bin/sh
# Makes the new Debian in $1 the bench's guest: the project's packages by its own deploy/setup.sh, and a unit that begins
# what the host has put into the shared folder. $2 holds the files that setup.sh reads, and pip's settings of this machine.
set -eu
root=$1
from=$2

printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts"
echo bench >"$root/etc/hostname"
echo 'bench /bench 9p trans=virtio,version=9p2000.L,msize=262144 0 0' >"$root/etc/fstab"
echo 9pnet_virtio >"$root/etc/modules-load.d/bench.conf"
mkdir -p "$root/bench" "$root/opt/edge-emotion"
cp -r "$from/project/." "$root/opt/edge-emotion/"

cat >"$root/etc/systemd/system/device-bench.service" <<'UNIT'
[Unit]
Description=Rows of the device bench
RequiresMountsFor=/bench
After=multi-user.target
[Service]
Type=exec
ExecStart=/bin/sh /bench/start.sh
StandardOutput=journal+console
[Install]
WantedBy=graphical.target
UNIT
mkdir -p "$root/etc/systemd/system/graphical.target.wants"
ln -sf ../device-bench.service "$root/etc/systemd/system/graphical.target.wants/device-bench.service"
# The serial line is the host's log, and nobody reads a screen.
for unit in serial-getty@ttyS0.service getty@tty1.service apt-daily.timer apt-daily-upgrade.timer; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

# pip reaches its index here as it does on this machine; what that takes does not stay.
mv "$root/etc/ssl/certs/ca-certificates.crt" "$root/tmp/ca-certificates.crt"
cp "$from/ca.crt" "$root/etc/ssl/certs/ca-certificates.crt"
cp "$from/pip.conf" "$root/etc/pip.conf"
chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root PIP_NO_CACHE_DIR=1 \
    bash /opt/edge-emotion/deploy/setup.sh demo
rm "$root/etc/pip.conf"
mv "$root/tmp/ca-certificates.crt" "$root/etc/ssl/certs/ca-certificates.crt"
