#!/usr/bin/env bash
# setup.sh: install what is missing, on Debian 12 or later and Ubuntu 24.04 or
# later; elsewhere print the packages and stop.
#
#   setup.sh WHAT...      build, test, bench, lint, fuzz, demo, engine
#
# Nothing is downloaded when nothing is missing. Services that come with a
# package (docker.io's) are not started.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

packages() {
	case $1 in
	build)
		echo gcc make libc6-dev pkg-config liblua5.4-dev libcurl4-openssl-dev libuv1-dev \
			libjson-c-dev libsqlite3-dev libmicrohttpd-dev libedit-dev uthash-dev lua-cjson-dev lua5.4 lua-argparse
		;;
	engine) echo docker.io iproute2 iptables util-linux curl ;;
	demo) packages build && echo busybox-static curl ;;
	test)
		packages build && packages engine
		echo lua-busted lua-luv busybox-static ca-certificates openssl procps valgrind openssh-client openssh-server
		# A second engine, a registry with a log-in, a proxy before the socket.
		echo podman crun conmon netavark aardvark-dns docker-registry apache2-utils haproxy zsh fish
		;;
	bench) packages test && echo wrk ;;
	lint) packages build && echo clang clang-tidy clang-format cppcheck lua-check shellcheck ;;
	fuzz) packages build && echo clang libclang-rt-dev ;;
	*) usage ;;
	esac
}

# present PACKAGE: dpkg has it. An engine from elsewhere (docker-ce) is as good
# as docker.io, and would be removed by it.
present() {
	[[ $1 != docker.io ]] || ! type -P dockerd containerd runc >/dev/null || return 0
	[[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) == ii* ]]
}

supported() {
	local ID='' VERSION_ID=''
	# shellcheck source=/dev/null
	. /etc/os-release 2>/dev/null || return 1
	command -v apt-get >/dev/null || return 1
	# Debian's testing has no number yet.
	case $ID in
	debian) ((${VERSION_ID:-99} >= 12)) ;;
	ubuntu) ((${VERSION_ID%%.*} >= 24)) ;;
	*) return 1 ;;
	esac
}

# apt ARG...: apt-get, which has much to say; it is shown when it fails.
apt() {
	apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 || {
		tail -n 40 "$log" >&2
		die "apt-get $1 failed"
	}
}

install() {
	local policy=/usr/sbin/policy-rc.d
	made=''
	# Two of these at once would end each other's policy.
	exec 9>/run/lock/moontide-setup
	flock 9
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	log=$(mktemp)
	[[ -e $policy ]] || made=$policy
	trap 'rm -f "$log" $made' EXIT
	if [[ -n $made ]]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod +x "$policy"
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt update
	apt install --no-install-recommends "$@"
}

(($#)) || usage
for what; do packages "$what" >/dev/null; done
mapfile -t wanted < <(for what; do packages "$what"; done | tr ' ' '\n' | sort -u)
missing=()
for package in "${wanted[@]}"; do present "$package" || missing+=("$package"); done
((${#missing[@]})) || exit 0
if ! supported; then
	echo "setup.sh: only Debian 12+ and Ubuntu 24.04+ are set up by this script; install yourself what" >&2
	echo "corresponds to these packages, then run make and scripts/demo.sh or scripts/test.sh:" >&2
	printf '  %s\n' "${missing[*]}" >&2
	exit 1
fi
as_root "$@"
echo "==> installing ${missing[*]}"
install "${missing[@]}"
