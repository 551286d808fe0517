# lib.sh: helpers shared by the scripts. Sourced; starts nothing.
# shellcheck shell=bash

PATH=$PATH:/usr/sbin:/sbin

die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# usage: print the header of the script and exit with 2.
usage() { sed -n '2,/^set /{s/^# \{0,1\}//p}' "$0" >&2; exit 2; }

# need CMD...: fail with the Debian package that brings a missing command.
need() {
	local cmd pkg
	for cmd; do
		command -v "$cmd" >/dev/null && continue
		case $cmd in
		dockerd) pkg=docker.io ;;
		ip | tc) pkg=iproute2 ;;
		nsenter | unshare | setsid | flock) pkg=util-linux ;;
		busybox) pkg=busybox-static ;;
		htpasswd) pkg=apache2-utils ;;
		*) pkg=$cmd ;;
		esac
		die "'$cmd' not found; install it with: apt-get install $pkg"
	done
}

# as_root ARG...: go on as root, with sudo when there is one: this script again,
# with ARGs. sudo drops the environment; what tests are told by it is kept.
as_root() {
	local kept=()
	((EUID != 0)) || return 0
	command -v sudo >/dev/null || die "this needs root, and there is no sudo"
	mapfile -t kept < <(env | grep -E '^(MOONTIDE|TEST|ASAN|UBSAN|LSAN)_[A-Z_]+=' || true)
	exec sudo env "${kept[@]}" "$(readlink -f "$0")" "$@"
}

# need_privileges: root that may create network and mount namespaces.
need_privileges() {
	((EUID == 0)) || die "a private engine needs root; run it with sudo"
	unshare --net --mount true 2>/dev/null ||
		die "may not create network and mount namespaces (CAP_SYS_ADMIN is missing)"
}

# wait_for SECONDS CMD...: poll until CMD succeeds; 1 on time-out.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.05
	done
}

# lock DIR: from now on this script has what lives there for itself. Which
# script that is stands in the file: SCRIPT rm DIR removes it.
lock() {
	mkdir -p "$1"
	exec 9>>"$1/lock"
	flock 9
	echo "${0##*/}" >"$1/lock"
}

# api [CURL_OPTION...] PATH: ask the engine of $DOCKER_HOST; prints the answer,
# and fails when its status is an error's.
api() {
	local host=${DOCKER_HOST:-unix:///var/run/docker.sock} path=${*: -1} where=()
	case $host in
	unix://*) where=(--unix-socket "${host#unix://}") host=http://engine ;;
	tcp://*) host=http://${host#tcp://} ;;
	*) die "DOCKER_HOST=$host: only unix:// and tcp:// are known here" ;;
	esac
	if [[ -n ${DOCKER_TLS_VERIFY-} && ${#where[@]} == 0 ]]; then
		local certs=${DOCKER_CERT_PATH:-$HOME/.docker}
		where=(--cacert "$certs/ca.pem" --cert "$certs/cert.pem" --key "$certs/key.pem")
		host=https://${host#http://}
	fi
	curl -sS --fail-with-body --noproxy '*' "${where[@]}" "${@:1:$#-1}" "$host$path"
}

# --- process tracking ------------------------------------------------------
# Every process of an engine lives in the cgroup ID: its daemons in ID/engine,
# its containers in ID/ctr. So all can be ended by pid even after a crash,
# and no process name is ever matched.

# engine_id PATH: a short name for what belongs to PATH: its netns and cgroup.
engine_id() { printf 'mt-%.8s' "$(printf %s "$1" | sha1sum)"; }

# cg_root: the mounted hierarchy that is used for tracking (v2, or v1 pids).
cg_root() {
	if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
		echo /sys/fs/cgroup
	elif [[ -w /sys/fs/cgroup/pids/cgroup.procs ]]; then
		echo /sys/fs/cgroup/pids
	else
		die "no writable cgroup hierarchy under /sys/fs/cgroup"
	fi
}

# cg_procs ID[/SUB]: its pids. (0 stands for one that this pid namespace
# can't see.)
cg_procs() {
	find "$(cg_root)/$1" -name cgroup.procs -exec cat {} + 2>/dev/null | grep -vx 0 || true
}

# cg_thaw ID[/SUB]: a paused container's processes would not even notice SIGKILL.
cg_thaw() {
	local state
	for state in "/sys/fs/cgroup/freezer/$1" "/sys/fs/cgroup/$1"; do
		[[ -d $state ]] || continue
		find "$state" -name freezer.state -exec sh -c 'for f; do echo THAWED >"$f"; done' sh {} +
		find "$state" -name cgroup.freeze -exec sh -c 'for f; do echo 0 >"$f"; done' sh {} +
	done 2>/dev/null || true
}

# cg_kill ID[/SUB]: SIGKILL until nothing is left; 1 if that takes over 10 s.
cg_kill() {
	local pids end=$((SECONDS + 10))
	cg_thaw "$1"
	while pids=$(cg_procs "$1") && [[ -n $pids ]]; do
		((SECONDS < end)) || return 1
		# shellcheck disable=SC2086
		kill -KILL $pids 2>/dev/null || true
		sleep 0.02
	done
}

# cg_join ID/SUB: move this shell there.
cg_join() {
	local dir
	dir=$(cg_root)/$1
	mkdir -p "$dir"
	echo "$BASHPID" >"$dir/cgroup.procs"
}

# cg_removed ID: remove its empty cgroups in every hierarchy; 1 if one stays,
# as it does for a moment after its last process.
cg_removed() {
	local dir left=0
	for dir in "/sys/fs/cgroup/$1" /sys/fs/cgroup/*/"$1"; do
		[[ ! -d $dir ]] || find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || left=1
	done
	return "$left"
}
