#!/usr/bin/env bash
# engine.sh: a private, throw-away Docker Engine in a directory.
#
#   engine.sh start DIR [DOCKERD_FLAG...]   start it if it isn't up; prints
#                         its DOCKER_HOST
#   engine.sh stop DIR    end daemon and containers, remove mounts, network
#                         and cgroups; images and stopped containers stay
#   engine.sh rm DIR      kill everything and delete its data (the quick way)
#   engine.sh kill DIR    power cut: SIGKILL everything, keep data and network
#   engine.sh crash DIR   SIGKILL dockerd alone; containers run on
#   engine.sh exec DIR CMD...     run CMD in the engine's network namespace,
#                         where published ports answer on 127.0.0.1
#   engine.sh status DIR  'up PID' or 'down' (exit 3)
#   engine.sh tls DIR     makes certificates in DIR/tls (see tls.sh): from its next
#                         start on it listens on tcp://localhost:2376, too, for
#                         clients that show one
#
# The engine has its own network, mount and UTS namespace: a second dockerd in
# the same network namespace would flush the first one's iptables chains.
# There is no route out of it, so nothing can be pulled from outside; and a pull
# that breaks off is not tried again, which would take minutes.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

# daemon_pid: dockerd's pid, if it is alive and really in this engine's cgroup.
daemon_pid() {
	local pid
	pid=$(cat "$dir/pid" 2>/dev/null) && [[ $pid =~ ^[0-9]+$ ]] || return 1
	grep -qx "$pid" "$(cg_root)/$id/engine/cgroup.procs" 2>/dev/null && echo "$pid"
}

ping() { curl -fsS -m 2 -o /dev/null --unix-socket "$dir/docker.sock" http://d/_ping 2>/dev/null; }

# gone: dockerd has ended. (A zombie is in no cgroup, but answers kill -0.)
gone() { ! daemon_pid >/dev/null; }

# up_or_dead PID: ends the wait at start-up.
up_or_dead() { ping || ! kill -0 "$1" 2>/dev/null; }

check_host() {
	need dockerd containerd runc iptables ip nsenter unshare setsid flock curl
	need_privileges
	((${#dir} <= 60)) || die "path too long for a unix socket: $dir"
}

start() {
	if daemon_pid >/dev/null; then
		wait_for 30 ping || die "dockerd is running but does not answer; see $dir/log"
		echo "unix://$dir/docker.sock"
		return
	fi

	# What is mounted over below must exist. It stays: to remove a directory
	# undoes the mounts on it in every other engine's namespace.
	mkdir -p "$dir"/{data,run,etc,plugins,shim,temp} /etc/docker /run/docker /run/containerd
	# A containerd that was killed and not yet reaped passes for a running one.
	rm -f "$dir/pid" "$dir/docker.sock" "$dir/run/containerd/containerd.pid"
	[[ -e /run/netns/$id ]] || ip netns add "$id"
	ip -n "$id" link set lo up

	[[ ! -d $dir/tls ]] || set -- --host tcp://127.0.0.1:2376 --tlsverify --tlscacert "$dir/tls/ca.pem" \
		--tlscert "$dir/tls/server.pem" --tlskey "$dir/tls/key.pem" "$@"

	# After a crash the shims live on in the old mount namespace: go back to
	# it, so that live restore finds the containers' mounts.
	local shim ns=(unshare --mount --uts --propagation slave)
	shim=$(cg_procs "$id/engine" | head -n 1)
	[[ -z $shim ]] || ns=(nsenter --target "$shim" --mount --uts)

	# 'ip netns exec' would hide /sys/fs/cgroup, hence nsenter. A clean
	# environment keeps proxy settings out. /etc/docker holds the key that
	# the engine's ID is made of, /run/containerd the shims' sockets.
	# The lock (9) is given up only when the cgroup has been joined: an 'rm'
	# after an interrupted start then finds all there is to kill.
	(
		cd "$dir/temp"
		cg_join "$id/engine"
		# shellcheck disable=SC2016
		exec 9>&- setsid env -i PATH="$PATH" HOME="$dir" TMPDIR="$dir/temp" \
			nsenter --net="/run/netns/$id" "${ns[@]}" sh -eu -c '
				dir=$1 name=$2; shift 2
				hostname "$name"
				for to in etc:/etc/docker plugins:/run/docker shim:/run/containerd; do
					mountpoint -q "${to#*:}" || mount --bind "$dir/${to%%:*}" "${to#*:}"
				done
				exec dockerd "$@"' sh "$dir" "$id" \
			--data-root "$dir/data" --exec-root "$dir/run" --pidfile "$dir/pid" \
			--host "unix://$dir/docker.sock" --cgroup-parent "/$id/ctr" \
			--exec-opt native.cgroupdriver=cgroupfs --max-download-attempts 1 "$@"
	) </dev/null >>"$dir/log" 2>&1 &

	if ! wait_for 30 up_or_dead $! || ! ping; then
		tail -n 5 "$dir/log" >&2
		die "dockerd did not come up; see $dir/log"
	fi
	echo "unix://$dir/docker.sock"
}

# kill_all: nothing of the engine runs on; its mount namespace, and with it
# every mount, goes with the last process. What a reboot clears is cleared.
kill_all() {
	cg_kill "$id" || die "processes do not end: $(cg_procs "$id" | tr '\n' ' ')"
	rm -rf --one-file-system "${dir:?}"/{run,shim,pid,docker.sock}
}

stop() {
	local pid end
	if pid=$(daemon_pid); then
		kill -TERM "$pid"
		# Containers whose first process ignores SIGTERM would take 10 s.
		end=$((SECONDS + 15))
		while ! gone && ((SECONDS < end)); do
			cg_kill "$id/ctr" || break
			sleep 0.02
		done
	fi
	tear_down
}

# tear_down: leave nothing of the engine on the host but its files.
tear_down() {
	kill_all
	[[ ! -e /run/netns/$id ]] || ip netns del "$id"
	wait_for 5 cg_removed "$id" || die "the cgroup $id can't be removed"
}

[[ $# -ge 2 ]] || usage
action=$1
dir=$(readlink -m "$2")
id=$(engine_id "$dir")
shift 2

case $action in
start | stop | rm | kill | crash)
	[[ $action != start ]] || check_host
	lock "$dir"
	;;
esac

case $action in
start) start "$@" ;;
stop) stop ;;
rm)
	tear_down
	rm -rf "${dir:?}"/{data,run,etc,plugins,shim,temp,tls,log,lock}
	rmdir --ignore-fail-on-non-empty "$dir"
	;;
kill) kill_all ;;
crash) pid=$(daemon_pid) && kill -KILL "$pid" && wait_for 5 gone ;;
tls) "$here/tls.sh" "$dir/tls" ;;
exec) exec nsenter --net="/run/netns/$id" "$@" ;;
status)
	if pid=$(daemon_pid); then echo "up $pid"; else echo down && exit 3; fi
	;;
*) usage ;;
esac
