#!/usr/bin/env bash
# demo.sh: the manager's story on the engine of this machine: examples/manager.lua,
# and what a session at the prompt sees of it.
#
#   demo.sh [BINARY]      BINARY: build/moontide
#
# The engine is that of $DOCKER_HOST, else one that answers at a usual socket. If
# none does, a private one is started in a new directory and removed at the end,
# whatever the end is. The exit status is that of the example.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

child='' signals=0 interrupted=0 private='' made_image='' state='' command=()

say() { printf '==> %s\n' "$*"; }

# on_signal NAME STATUS: the example ends in order when it is told to; who
# insists twice has it killed. Without one running, only the cleaning is left.
on_signal() {
	[[ -n $child ]] || exit "$2"
	signals=$((signals + 1)) interrupted=1
	if ((signals < 3)); then
		kill -s "$1" "$child" 2>/dev/null || true
	else
		kill -KILL "$child" 2>/dev/null || true
	fi
}

# clean_up: no signal interrupts it, and a closed terminal does not stop it.
clean_up() {
	local status=$?
	trap '' INT TERM HUP PIPE
	if [[ -n $state ]]; then
		"${command[@]}" "$binary" scale moontide/web --min 0 --max 0 >/dev/null || status=1
		rm -rf "$state"
	fi
	if [[ -n $private ]]; then
		"$here/engine.sh" rm "$private" || status=1
		say "the private engine in $private is removed" || true
	elif [[ -n $made_image ]]; then
		"$here/images.sh" rm web || status=1
		say "the image moontide/web is removed" || true
	fi
	exit "$status"
}

# find_engine: the one that the program would use too.
find_engine() {
	local host hosts=("${DOCKER_HOST-}") run=${XDG_RUNTIME_DIR:-/run/user/$UID}
	[[ -n ${DOCKER_HOST-} ]] ||
		hosts=(unix://{/var/run/docker.sock,"$run"/docker.sock,/run/podman/podman.sock,"$run"/podman/podman.sock})
	for host in "${hosts[@]}"; do
		if (DOCKER_HOST=$host api -m 5 -o /dev/null /_ping) 2>/dev/null; then
			say "using the engine at $host"
			export DOCKER_HOST=$host
			return
		fi
	done
	as_root "$binary"
	say "no engine answers at ${hosts[0]}"
	start_engine
}

# start_engine: a private one, on a machine where none answers.
start_engine() {
	"$here/setup.sh" engine
	unset DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION
	# Not $TMPDIR: a unix socket's path is short.
	private=$(mktemp -d /tmp/mt-demo.XXXXXX)
	say "starting a private engine in $private"
	"$here/engine.sh" start "$private" >/dev/null
	export DOCKER_HOST=unix://$private/docker.sock
	command=("$here/engine.sh" exec "$private")
}

# run CMD...: in a session of its own, so that a signal reaches it once, from
# on_signal, however it came. (What bash starts with & ignores SIGINT.)
run() {
	local status=0
	env --default-signal setsid "$@" &
	child=$!
	while interrupted=0 && status=0; do
		wait "$child" 2>/dev/null || status=$?
		((interrupted)) || break
	done
	child=''
	return "$status"
}

(($# <= 1)) || usage
binary=$(readlink -f "${1:-$here/../build/moontide}")
[[ -x $binary ]] || die "no program at $binary; run make first"
need curl busybox
cd "$here/.."
trap clean_up EXIT
trap 'on_signal INT 130' INT
trap 'on_signal TERM 143' TERM
trap 'on_signal TERM 129' HUP
trap 'on_signal TERM 141' PIPE

find_engine
if ! api -o /dev/null /images/moontide/web:latest/json 2>/dev/null; then
	say "making the image moontide/web from $(type -P busybox)"
	made_image=yes
fi
"$here/images.sh" build web
state=$(mktemp -d)
export MOONTIDE_STATE=$state/state.db
say "moontide run examples/manager.lua"
run "${command[@]}" "$binary" run examples/manager.lua --keep
cat >"$state/session" <<'LUA'
mt.manager():list_managed_containers()
mt.docker.remove(_[1].container_id, {force = true})
mt.manager():plan "moontide/web"
mt.manager():reconcile("moontide/web").ok
LUA
say "moontide repl, which is told: two run; one goes; what is to be done; done"
sed 's/^/    > /' "$state/session"
# shellcheck disable=SC2016
run "${command[@]}" sh -c '"$1" repl <"$2"' sh "$binary" "$state/session"
say "moontide history --limit 4"
run "${command[@]}" "$binary" history --limit 4
