#!/usr/bin/env bash
# podman.sh: a private, throw-away Podman in a directory, with the socket that
# speaks Docker's API.
#
#   podman.sh start DIR         start it if it isn't up; prints its DOCKER_HOST
#   podman.sh stop DIR          end service and containers; images stay
#   podman.sh rm DIR            stop, then delete its data
#   podman.sh exec DIR CMD...   run CMD in its network namespace, where
#                               published ports answer on 127.0.0.1
#   podman.sh status DIR        'up PID' or 'down' (exit 3)
#
# It has a network and a mount namespace of its own, and no route out. The
# registry at 127.0.0.1:5000 is spoken to without TLS.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# service_pid: Podman's pid, if it is alive and really in this cgroup.
service_pid() {
	local pid
	pid=$(cat "$dir/pid" 2>/dev/null) && [[ $pid =~ ^[0-9]+$ ]] || return 1
	grep -qx "$pid" "$(cg_root)/$id/engine/cgroup.procs" 2>/dev/null && echo "$pid"
}

ping() { curl -fsS -m 2 -o /dev/null --unix-socket "$dir/podman.sock" http://d/_ping 2>/dev/null; }

# up_or_dead PID: ends the wait at start-up.
up_or_dead() { ping || ! kill -0 "$1" 2>/dev/null; }

# containers: their cgroups. Podman puts container X into libpod_parent/libpod-X
# of the host, and with cgroups = "no-conmon" leaves its monitor in ours.
containers() {
	local path
	for path in "$dir"/root/overlay-containers/*/ "$dir"/root/vfs-containers/*/; do
		[[ ! -d $path ]] || echo "libpod_parent/libpod-$(basename "$path")"
	done
}

config() {
	# Podman asks for more than the hard limits, which takes CAP_SYS_RESOURCE.
	cat >"$dir/containers.conf" <<-E
		[containers]
		cgroups = "no-conmon"
		default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
		log_driver = "k8s-file"
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		runtime = "crun"
		[network]
		network_backend = "netavark"
	E
	cat >"$dir/registries.conf" <<-E
		unqualified-search-registries = ["docker.io"]
		[[registry]]
		location = "127.0.0.1:5000"
		insecure = true
	E
}

check_host() {
	need podman conmon crun ip iptables nsenter unshare setsid flock curl
	[[ -x /usr/lib/podman/netavark ]] || die "netavark not found; install it with: apt-get install netavark"
	need_privileges
	((${#dir} <= 60)) || die "path too long for a unix socket: $dir"
}

start() {
	local conf flags
	if service_pid >/dev/null; then
		echo "unix://$dir/podman.sock"
		return
	fi
	conf=(CONTAINERS_CONF="$dir/containers.conf" CONTAINERS_REGISTRIES_CONF="$dir/registries.conf")
	flags=(--root "$dir/root" --runroot "$dir/run" --tmpdir "$dir/tmp" --volumepath "$dir/vol"
		--network-config-dir "$dir/net")

	# What is mounted over below must exist, and stays (see engine.sh).
	mkdir -p "$dir"/{root,run,tmp,vol,net,state,temp} /run/{runc,crun,libpod,containers,netns}
	rm -f "$dir/pid" "$dir/podman.sock"
	config
	[[ -e /run/netns/$id ]] || ip netns add "$id"
	ip -n "$id" link set lo up
	(
		cd "$dir/temp"
		cg_join "$id/engine"
		echo "$BASHPID" >"$dir/pid"
		# crun refuses a v1 machine with a second, v2 hierarchy in use: it is hidden.
		# shellcheck disable=SC2016
		exec 9>&- setsid env -i PATH="$PATH" HOME="$dir" TMPDIR="$dir/temp" "${conf[@]}" \
			nsenter --net="/run/netns/$id" unshare --mount --propagation slave sh -eu -c '
				dir=$1; shift
				for name in runc crun libpod containers netns; do
					mkdir -p "$dir/state/$name"
					mount --bind "$dir/state/$name" "/run/$name"
				done
				[ ! -d /sys/fs/cgroup/unified ] || umount /sys/fs/cgroup/unified
				exec podman "$@"' sh "$dir" "${flags[@]}" system service --time 0 "unix://$dir/podman.sock"
	) </dev/null >>"$dir/log" 2>&1 &
	if ! wait_for 30 up_or_dead $! || ! ping; then
		tail -n 5 "$dir/log" >&2
		die "podman did not come up; see $dir/log"
	fi
	echo "unix://$dir/podman.sock"
}

stop() {
	local pid group
	if pid=$(service_pid); then kill -TERM "$pid" 2>/dev/null || true; fi
	cg_kill "$id" || die "processes do not end: $(cg_procs "$id" | tr '\n' ' ')"
	for group in $(containers); do
		cg_kill "$group" || die "a container does not end: $group"
		wait_for 5 cg_removed "$group" || die "the cgroup $group can't be removed"
	done
	cg_removed libpod_parent || true # another Podman's containers may be there
	[[ ! -e /run/netns/$id ]] || ip netns del "$id"
	wait_for 5 cg_removed "$id" || die "the cgroup $id can't be removed"
	rm -rf --one-file-system "${dir:?}"/{run,tmp,state,temp,pid,podman.sock}
}

[[ $# -ge 2 ]] || usage
action=$1
dir=$(readlink -m "$2")
id=$(engine_id "$dir")
shift 2

case $action in
start | stop | rm)
	[[ $action != start ]] || check_host
	lock "$dir"
	;;
esac

case $action in
start) start ;;
stop) stop ;;
rm)
	stop
	rm -rf "${dir:?}"/{root,vol,net,containers.conf,registries.conf,log,lock}
	rmdir --ignore-fail-on-non-empty "$dir"
	;;
exec) exec nsenter --net="/run/netns/$id" "$@" ;;
status)
	if pid=$(service_pid); then echo "up $pid"; else echo down && exit 3; fi
	;;
*) usage ;;
esac
