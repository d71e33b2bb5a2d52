#!/bin/sh
# Installs what the tests and the demo need on a fresh Debian machine, and nothing that is there.
set -eu

missing=
need() { # PROGRAM PACKAGE
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"
}
need ip iproute2
need haproxy haproxy
need keepalived keepalived
need nsenter util-linux
need setpriv util-linux
need ping iputils-ping
need nft nftables
need curl curl
need gcc build-essential
need g++ build-essential
need tcpdump tcpdump
need tshark tshark
need linux.uml user-mode-linux
need modprobe kmod
need ipvsadm ipvsadm
need nginx nginx
need systemctl systemd
need vtysh frr
need pkg-config pkg-config
need exim4 exim4-daemon-light
need nsd nsd
need dig bind9-dnsutils
need iptables-legacy iptables
need openssl openssl
need gnutls-serv gnutls-bin
library() { # NAME PACKAGE
    pkg-config --exists "$1" 2>/dev/null || missing="$missing $2"
}
library openssl libssl-dev
library libpcre2-8 libpcre2-dev

[ -z "$missing" ] && exit 0
[ "$(id -u)" = 0 ] || { echo "setup: install these packages as root:$missing" >&2; exit 1; }
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# A service of these packages must not be started on the machine that tests.
policy=/usr/sbin/policy-rc.d
made=
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
    made=1
fi
trap '[ -z "$made" ] || rm -f "$policy"' EXIT INT TERM
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
