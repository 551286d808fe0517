#!/usr/bin/env bash
# registry.sh: a private, throw-away registry at 127.0.0.1:5000 of the network
# namespace that it is started in; an engine needs no TLS for that address.
#
#   registry.sh start DIR [USER PASSWORD]   start it if it isn't up; with USER it
#                         asks for that log-in
#   registry.sh kill DIR  power cut: SIGKILL it, keep its images
#   registry.sh rm DIR    end it and delete its data
#   registry.sh slow RATE     128kbit, 30mbit, ...: what goes through loopback
#                         here is held to that; RATE 0: no longer
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

ADDRESS=127.0.0.1:5000

answers() { curl -s --noproxy '*' -m 2 -o /dev/null "http://$ADDRESS/v2/"; }

# up_or_dead PID: ends the wait at start-up.
up_or_dead() { answers || ! kill -0 "$1" 2>/dev/null; }

config() {
	cat <<-E
		version: 0.1
		log: {level: warn}
		storage: {filesystem: {rootdirectory: $dir/data}}
		http: {addr: "$ADDRESS"}
	E
	[[ ! -e $dir/htpasswd ]] || echo "auth: {htpasswd: {realm: tests, path: $dir/htpasswd}}"
}

start() {
	need docker-registry curl setsid
	if [[ -n $(cg_procs "$id") ]]; then
		answers || die "the registry of $dir does not answer here; see $dir/log"
		return
	fi
	mkdir -p "$dir/data"
	rm -f "$dir/htpasswd"
	if (($#)); then
		need htpasswd
		# Cost 4, the least there is: each request has the password checked.
		htpasswd -B -C 4 -b -n "$1" "$2" >"$dir/htpasswd"
	fi
	config >"$dir/config.yml"
	(
		cg_join "$id/registry"
		exec 9>&- setsid env -i PATH="$PATH" docker-registry serve "$dir/config.yml"
	) </dev/null >>"$dir/log" 2>&1 &
	if ! wait_for 10 up_or_dead $! || ! answers; then
		tail -n 5 "$dir/log" >&2
		die "the registry did not come up; see $dir/log"
	fi
}

kill_all() {
	cg_kill "$id" || die "the registry does not end"
	wait_for 5 cg_removed "$id" || die "the cgroup $id can't be removed"
}

# slow RATE: with loopback's usual MTU of 64 KiB the filter would drop packets.
slow() {
	need tc
	tc qdisc del dev lo root 2>/dev/null || true
	if [[ $1 == 0 ]]; then
		ip link set lo mtu 65536
	else
		ip link set lo mtu 1500
		tc qdisc add dev lo root tbf rate "$1" burst 64k latency 400ms
	fi
}

[[ $# -ge 2 ]] || usage
action=$1
dir=$(readlink -m "$2")
id=$(engine_id "$dir")
case $action in
start)
	lock "$dir"
	start "${@:3}"
	echo "$ADDRESS"
	;;
kill) kill_all ;;
rm)
	lock "$dir"
	kill_all
	rm -rf "${dir:?}"/{data,htpasswd,config.yml,log,lock}
	rmdir --ignore-fail-on-non-empty "$dir"
	;;
slow) slow "$2" ;;
*) usage ;;
esac
