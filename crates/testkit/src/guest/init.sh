#!/bin/sh
# The first process of a guest. Puts a root together that shows the host's files and keeps every
# change in memory, loads IPVS, and starts the test: by itself or as a service of systemd.
# Beside it lie plan.sh (project, binaries, systemd) and test.sh (the test, which halts the guest).
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
here=$(dirname "$0")
. "$here/plan.sh"

try() { # WHAT COMMAND...
    what=$1
    shift
    "$@" && return
    echo "guest: cannot $what"
    halt -f
}

# A directory of the host that one of the guest's own file systems would hide.
keep() { # DIRECTORY
    case $1 in
    /tmp/* | /run/* | /dev/*)
        mkdir -p "$root$1"
        try "show $1" mount --bind "$1" "$root$1"
        ;;
    esac
}

own_file_systems() {
    try "mount proc" mount -t proc proc "$root/proc"
    try "mount devtmpfs" mount -t devtmpfs dev "$root/dev"
    mkdir -p "$root/dev/pts" "$root/dev/shm"
    try "mount devpts" mount -t devpts devpts "$root/dev/pts"
    try "mount /dev/shm" mount -t tmpfs tmpfs "$root/dev/shm"
    try "mount /run" mount -t tmpfs -o mode=755 tmpfs "$root/run"
    try "mount /tmp" mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
}

# The kernel loads modules from where its own root is, so the root is changed and not just entered.
change_root() {
    mkdir "$root/run/old" "$root/run/guest"
    cp "$here/test.sh" "$root/run/guest/test.sh"
    cd "$root" || halt -f
    try "change the root" pivot_root . run/old
    cd / || halt -f
    try "mount sysfs" mount -t sysfs sys /sys
    umount -l /run/old
    rmdir /run/old
}

load_modules() {
    mkdir -p /lib/modules
    rm -rf "/lib/modules/$(uname -r)"
    ln -s "$modules" "/lib/modules/$(uname -r)"
    try "load ip_vs: this kernel has no IPVS" modprobe ip_vs
}

# The test runs beside the journal, and waits for nothing else of a full boot.
prepare_systemd() {
    mkdir -p /etc/systemd/system.conf.d
    printf '[Manager]\nShowStatus=no\nLogColor=no\n' >/etc/systemd/system.conf.d/guest.conf
    cat >/etc/systemd/system/guest.service <<'UNIT'
[Unit]
Description=A test in a guest
DefaultDependencies=no
Wants=systemd-journald.socket systemd-journald.service
After=systemd-journald.socket systemd-journald.service

[Service]
Type=oneshot
ExecStart=/bin/sh /run/guest/test.sh
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
TimeoutStartSec=infinity
UNIT
}

modules=/usr/lib/uml/modules/$(uname -r)
scaffold=/sys
root=$scaffold/root
try "load overlayfs" insmod "$modules/kernel/fs/overlayfs/overlay.ko"
try "get memory for files" mount -t tmpfs tmpfs $scaffold
mkdir $scaffold/changes $scaffold/work $root
try "lay the guest's files over the host's" mount -t overlay overlay \
    -o "lowerdir=/,upperdir=$scaffold/changes,workdir=$scaffold/work" $root
own_file_systems
keep "$project"
keep "$binaries"
change_root
load_modules
ip link set lo up
echo guest >/proc/sys/kernel/hostname
echo "guest: ready"
if [ "$systemd" = yes ]; then
    prepare_systemd
    exec /lib/systemd/systemd --unit=guest.service
fi
/bin/sh /run/guest/test.sh
halt -f
