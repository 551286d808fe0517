#!/usr/bin/env bash
# bench.sh: how fast and how small, as ratios against calls without a client.
#
#   bench.sh BINARY [ROW...]
#
# ROW is one or more of create, stats, ps, list, events, logs, pull, sleep,
# memory, ping, stop, manager, api, repl; without one all run. Ours and the
# yardstick take turns in every one of $ROUNDS (3) rounds, which begin with the
# other one each time; the table shows medians. It starts a private engine and removes it at the end.
#
#   create  create and start of 20 containers; the raw median is the best one
#           over 1, 4, 8 and 16 connections
#   stats   figures of 20 containers; raw: with 20 connections
#   ps      'moontide ps --json' as a whole process, $RUNS (40) times, against
#           'curl' of the same list and 'docker ps'; peak memory against curl's
#   list    10,000 containers of a fake engine: peak memory against 3 times what
#           the summaries take and 16 MiB; how long it kept another task waiting
#   events  50,000 from a fake engine: read in C alone, and through 'for'
#   logs    a log of $LOG_MB (1000) MB, line by line, against 'docker logs'
#   pull    CPU that a pull with its progress takes, of the time it lasts
#   sleep   1,000 tasks that sleep for a second, as a whole process
#   memory  what a task costs beyond a suspended coroutine: by the Lua state's
#           own count, and in pages of the process, with what C allocates and
#           what allocation wastes
#   ping    1,000 pings by 100 tasks; raw: curl_multi_poll, 16 in flight
#   stop    stop, with 5 s, and remove of 20 containers that ignore SIGTERM;
#           raw: with 20 connections
#   manager mt.manager: reconcile from 0 to 20 and back, and container_stats,
#           against the same raw calls; list_managed_containers of 100 as a whole
#           process against 'curl' of the list
#   api     GET /containers of examples/api.lua with 20 containers, by wrk with 8
#           connections, against a list and 20 inspects each on the raw engine
#   repl    the time from a key to its echo at the prompt, while 20 tasks sleep
#           and ping the engine: p99 of 1,000 keys
#
# A missed bar is no failure: the exit status tells whether all was measured.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

all=(create stats ps list events logs pull sleep memory ping stop manager api repl)
count=20
rounds=${ROUNDS:-3} runs=${RUNS:-40} log_mb=${LOG_MB:-1000}
work=''

clean_up() {
	local status=$?
	trap '' INT TERM HUP PIPE
	cat "$work/table" 2>/dev/null || true
	[[ -z $work ]] || { "$here/engine.sh" rm "$work/engine" && rm -rf "$work"; } || status=1
	exit "$status"
}

compile() {
	local name objects=${binary%/*}/obj
	for name in raw hold spawn curl16 flood; do
		"${CC:-gcc}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -O2 -pthread -o "$work/$name" \
			"$here/bench/$name.c" -lcurl
	done
	"${CC:-gcc}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -O2 -I"$here/../src" -o "$work/parse" \
		"$here/bench/parse.c" "$objects"/docker/{split,event,fields}.o "$objects"/base/*.o \
		-Wl,-Bstatic -ljson-c -Wl,-Bdynamic -lm
}

start() {
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	trap 'exit 141' PIPE
	unset DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION DOCKER_CONTEXT MOONTIDE_LUA
	# Not $TMPDIR: a unix socket's path is short.
	work=$(mktemp -d /tmp/mt-bench.XXXXXX)
	compile
	socket=$work/engine/docker.sock
	DOCKER_HOST=$("$here/engine.sh" start "$work/engine")
	export DOCKER_HOST MOONTIDE_STATE=$work/state/state.db
	"$here/images.sh" build stubborn web
	version=$(api /version | sed 's/.*"ApiVersion":"\([0-9.]*\)".*/\1/')
	body=$(lua body)
	create=("POST /v$version/containers/create $body" "POST /v$version/containers/%s/start")
}

# --- tools -------------------------------------------------------------------

# lua NAME ARG...: a script of the benchmark.
lua() { "$binary" run "$here/bench/$1.lua" "${@:2}"; }

raw() { "$work/raw" "$@"; }

# note SERIES NUMBERS: one measurement.
note() { echo "$2" >>"$work/$1"; }

# median SERIES [COLUMN]
median() {
	awk -v column="${2-1}" '{print $column}' "$work/$1" | sort -g |
		awk '{v[NR] = $1} END {print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2}'
}

# row_at_least WHAT UNIT OURS RAW LIMIT: more is better.
row_at_least() {
	LC_ALL=C awk -v what="$1" -v unit="$2" -v ours="$3" -v raw="$4" -v limit="$5" 'BEGIN {
		printf "%-38s %9.0f%s %9.1f%s %7.2f %10s  %s\n", what, ours, unit, raw, unit, ours / raw, ">= " limit "x",
			(ours / raw >= limit ? "met" : "missed")
	}' >>"$work/table"
}

less() { awk -v a="$1" -v b="$2" 'BEGIN {exit !(a + 0 < b + 0)}'; }

# row WHAT UNIT OURS RAW LIMIT ['absolute']: a line of the table. The bar is for
# the ratio, or for ours alone.
row() {
	LC_ALL=C awk -v what="$1" -v unit="$2" -v ours="$3" -v raw="$4" -v limit="$5" -v absolute="${6-}" '
		function text(number) { return sprintf(number < 100 ? "%.2f %s" : "%.0f %s", number, unit) }
		BEGIN {
			value = absolute ? ours : ours / raw
			printf "%-38s %10s %10s %7s %10s  %s\n", what, text(ours), raw == "" ? "-" : text(raw),
				absolute ? "-" : sprintf("%.3f", value), "<= " limit (absolute ? " " unit : "x"),
				value <= limit ? "met" : "missed"
		}' >>"$work/table"
}

say() { echo "==> $*" >&2; }

# ids [QUERY]: of the containers that run, or with "?all=1" of all.
ids() { api "/containers/json${1-}" | { grep -o '"Id":"[0-9a-f]*"' || true; } | cut -d '"' -f 4; }

# remove_all: no container is left.
remove_all() {
	local list number
	list=$(ids '?all=1')
	[[ -n $list ]] || return 0
	number=$(wc -l <<<"$list")
	raw "$socket" $((number < 8 ? number : 8)) "$number" \
		"DELETE /v$version/containers/%s?force=1&v=1" <<<"$list" >/dev/null
}

# fleet: exactly 20 containers run.
fleet() {
	(($(ids | wc -l) != count)) || return 0
	remove_all
	raw "$socket" 8 "$count" "${create[@]}" >/dev/null
}

# interleave ROUNDS PREPARE VARIANT...: each round has all VARIANTs, PREPARE
# before each of them. A VARIANT is the name of a series and of a function.
interleave() {
	local turn prepare=$2 variant order=("${@:3}")
	for ((turn = 1; turn <= $1; turn++)); do
		for variant in "${order[@]}"; do
			"$prepare"
			note "$variant" "$("$variant")"
		done
		mapfile -t order < <(printf '%s\n' "${order[@]}" | tac)
	done
}

# --- rows --------------------------------------------------------------------

create_ours() { lua create "$count"; }
create_1() { raw "$socket" 1 "$count" "${create[@]}"; }
create_4() { raw "$socket" 4 "$count" "${create[@]}"; }
create_8() { raw "$socket" 8 "$count" "${create[@]}"; }
create_16() { raw "$socket" 16 "$count" "${create[@]}"; }

row_create() {
	local number median best=1e9 connections=''
	interleave "$rounds" remove_all create_ours create_1 create_4 create_8 create_16
	for number in 1 4 8 16; do
		median=$(median "create_$number")
		say "create: raw with $number: $median s"
		if less "$median" "$best"; then best=$median connections=$number; fi
	done
	row "create+start of $count, raw with $connections" s "$(median create_ours)" "$best" 1.05
}

stats_ours() { lua stats; }
stats_raw() { ids | raw -w "$socket" "$count" "$count" "GET /v$version/containers/%s/stats?stream=false"; }

row_stats() {
	interleave $((3 * rounds)) fleet stats_ours stats_raw
	row "stats of $count" s "$(median stats_ours)" "$(median stats_raw)" 1.05
}

row_ps() {
	local cli clis=() commands=() ms kib i
	fleet
	mapfile -t clis < <(type -ap docker | xargs -r readlink -f | sort -u)
	for cli in "${clis[@]}"; do commands+=(-- "$cli" ps); done
	"$work/spawn" "$runs" "$binary" ps --json -- curl -s --unix-socket "$socket" \
		"http://docker/v$version/containers/json" "${commands[@]}" >"$work/ps"
	mapfile -t ms < <(cut -d ' ' -f 1 "$work/ps")
	mapfile -t kib < <(cut -d ' ' -f 2 "$work/ps")
	row "ps --json, curl" ms "${ms[0]}" "${ms[1]}" 1.1
	row "ps --json, peak memory, curl" KiB "${kib[0]}" "${kib[1]}" 1.10
	for i in "${!clis[@]}"; do
		cli=$("${clis[i]}" --version | cut -d ' ' -f 3)
		row "ps --json, docker ${cli%,} ps" ms "${ms[0]}" "${ms[i + 2]}" 0.45
	done
}

# serve PROGRAM ARG...: a fake engine on $work/PROGRAM.sock; its pid is $fake.
serve() {
	rm -f "$work/$1.sock"
	"$work/$1" "$work/$1.sock" "${@:2}" >"$work/$1.log" &
	fake=$!
	wait_for 5 grep -q ready "$work/$1.log"
}

list_ours() { DOCKER_HOST=unix://$work/flood.sock lua list 10000; }

row_list() {
	# shellcheck disable=SC2016
	local mib='{print $1 / 1048576, (3 * $2) / 1048576 + 16, $3 * 1000}'
	serve flood 10000 0
	interleave "$rounds" : list_ours
	kill "$fake"
	awk "$mib" "$work/list_ours" >"$work/list"
	row "list of 10000, peak memory, what it may" MiB "$(median list)" "$(median list 2)" 1.0
	row "list of 10000, longest pause" ms "$(median list 3)" "" 20 absolute
}

events_parse() { "$work/parse" <"$work/events.json"; }
events_for() { DOCKER_HOST=unix://$work/flood.sock lua events 50000; }

row_events() {
	"$work/flood" events 50000 >"$work/events.json"
	serve flood 0 50000
	interleave $((3 * rounds)) : events_parse events_for
	kill "$fake"
	row "50000 events, in C alone" s "$(median events_parse)" "" 0.25 absolute
	row "50000 events, through for" s "$(median events_for)" "" 0.5 absolute
	say "events seen: $(cut -f 2 "$work/events_for" | sort -u | xargs), of 50000"
}

# A line is 100 bytes; 'docker logs' runs as it does for a person, into a pipe that is read.
row_logs() {
	local id bytes=$((log_mb * 1000000)) ours raw
	# shellcheck disable=SC2016
	id=$(docker run -d moontide/web sh -c "yes \"\$(printf %099d 7)\" | head -c $bytes")
	say "logs: the container writes $log_mb MB"
	docker wait "$id" >/dev/null
	"$work/spawn" "$rounds" "$binary" run "$here/bench/logs.lua" "$id" "$bytes" -- docker logs "$id" >"$work/logs"
	docker rm "$id" >/dev/null
	ours=$(head -n 1 "$work/logs") raw=$(tail -n 1 "$work/logs")
	row "log of $log_mb MB, docker logs" ms "${ours%% *}" "${raw%% *}" 1.43
	row "log of $log_mb MB, peak memory" MiB "$(awk 'NR == 1 {print $2 / 1024}' "$work/logs")" "" 20 absolute
}

inside() { "$here/engine.sh" exec "$work/engine" "$here/registry.sh" "$@"; }

# On a terminal, for whose bars it is; loopback is slow enough that they move.
pull_ours() {
	docker rmi -f 127.0.0.1:5000/layers moontide/layers >/dev/null 2>&1 || true
	"$work/spawn" 1 script -qec "$binary pull 127.0.0.1:5000/layers" /dev/null |
		awk '{print 100 * $3 / $1, $1}'
}

row_pull() {
	"$here/images.sh" build layers
	inside start "$work/registry"
	docker tag moontide/layers 127.0.0.1:5000/layers
	docker push -q 127.0.0.1:5000/layers >/dev/null
	inside slow 10mbit
	interleave "$rounds" : pull_ours
	inside slow 0
	inside rm "$work/registry"
	row "CPU of a pull of $(median pull_ours 2 | cut -d . -f 1) ms" % "$(median pull_ours)" "" 2 absolute
}

row_sleep() {
	local ms
	ms=$("$work/spawn" "$rounds" "$binary" run "$here/bench/sleep.lua" 1000 | cut -d ' ' -f 1)
	row "1000 tasks sleep for 1 s" ms "$ms" "" 1100 absolute
}

# beyond SERIES COLUMN: KiB for each, without what a coroutine costs.
beyond() {
	awk -v a="$(median "$1" "$2")" -v b="$(median memory_coroutine "$2")" 'BEGIN {print (a - b) / 1024}'
}

memory_coroutine() { lua memory coroutine 1000; }
memory_task() { lua memory task 1000; }
memory_transfer() { DOCKER_HOST=unix://$work/hold.sock lua memory transfer 1000; }

row_memory() {
	ulimit -n 4096
	serve hold
	interleave "$rounds" : memory_coroutine memory_task memory_transfer
	kill "$fake"
	row "each of 1000 tasks that sleep, in Lua" KiB "$(beyond memory_task 1)" "" 0.5 absolute
	row "each of 1000 tasks that sleep, pages" KiB "$(beyond memory_task 2)" "" 0.5 absolute
	row "each of 1000 with a transfer, pages" KiB "$(beyond memory_transfer 2)" "" 18 absolute
}

ping_ours() { lua ping 1000 100; }
ping_raw() { "$work/curl16" "$socket" 1000 16; }

row_ping() {
	interleave $((3 * rounds)) : ping_ours ping_raw
	row "1000 pings by 100 tasks" s "$(median ping_ours)" "$(median ping_raw)" 1.4
}

stop_ours() { lua stop; }
stop_raw() {
	ids | raw "$socket" "$count" "$count" "POST /v$version/containers/%s/stop?t=5" \
		"DELETE /v$version/containers/%s?force=false&v=false"
}

repl_keys() { MOONTIDE=$binary lua5.4 "$here/bench/repl.lua" 1000 20; }

row_repl() {
	interleave "$rounds" : repl_keys
	row "a key's echo while 20 tasks run, p99" ms "$(median repl_keys)" "" 10 absolute
}

row_stop() {
	interleave "$rounds" fleet stop_ours stop_raw
	row "stop+remove of $count" s "$(median stop_ours)" "$(median stop_raw)" 1.07
}

reconcile_up() { lua manager scale "$count"; }
reconcile_down() { lua manager scale 0; }
managed_stats() { lua manager stats; }

# managed: exactly 20 containers run, of the manager.
managed() {
	(($(ids '?filters=%7B"label":%5B"orchestrator.image"%5D%7D' | wc -l) != count)) || return 0
	remove_all
	reconcile_up >/dev/null
}

# A hundred that were made only.
row_managed_list() {
	local ms body query='all=1&filters=%7B%22label%22:%5B%22orchestrator.image%22%5D%7D'
	remove_all
	body='{"Image":"moontide/stubborn","Labels":{"orchestrator.image":"moontide/stubborn"}}'
	raw "$socket" 8 100 "POST /v$version/containers/create $body" >/dev/null
	mapfile -t ms < <("$work/spawn" "$runs" "$binary" run "$here/bench/manager.lua" list 100 -- \
		curl -s --unix-socket "$socket" "http://docker/v$version/containers/json?$query" | cut -d ' ' -f 1)
	row "list_managed of 100, curl" ms "${ms[0]}" "${ms[1]}" 1.2
	remove_all
}

row_manager() {
	interleave "$rounds" remove_all reconcile_up create_8 create_16
	row "reconcile 0 -> $count, raw with 8 or 16" s "$(median reconcile_up)" \
		"$(printf '%s\n' "$(median create_8)" "$(median create_16)" | sort -g | head -n 1)" 1.05
	interleave $((3 * rounds)) managed managed_stats stats_raw
	row "container_stats of $count" s "$(median managed_stats)" "$(median stats_raw)" 1.05
	interleave "$rounds" managed reconcile_down stop_raw
	row "reconcile $count -> 0" s "$(median reconcile_down)" "$(median stop_raw)" 1.07
	row_managed_list
}

# Requests a second that the engine alone could answer: a list and $count inspects for each.
api_raw() {
	local lists inspects all
	lists=$(raw "$socket" 8 400 "GET /v$version/containers/json")
	all=$(ids)
	inspects=$(for _ in {1..20}; do echo "$all"; done |
		raw "$socket" 8 $((20 * count)) "GET /v$version/containers/%s/json")
	awk -v lists="$lists" -v inspects="$inspects" 'BEGIN {print 1 / (lists / 400 + inspects / 20)}'
}

api_ours() { wrk -c 8 -t 2 -d 5s "http://$address/containers" | awk '/^Requests\/sec/ {print $2}'; }

row_api() {
	local address=127.0.0.1:8980 server
	managed
	"$binary" run "$here/../examples/api.lua" "$address" >"$work/api.log" 2>&1 &
	server=$!
	wait_for 5 curl -fs -o /dev/null "http://$address/containers"
	interleave "$rounds" : api_ours api_raw
	kill "$server"
	row_at_least "GET /containers, the engine by inspects" /s "$(median api_ours)" "$(median api_raw)" 10
	remove_all
}

# --- main --------------------------------------------------------------------

(($#)) || usage
binary=$(readlink -f "$1")
rows=("${@:2}")
((${#rows[@]})) || rows=("${all[@]}")
for name in "${rows[@]}"; do
	[[ " ${all[*]} " == *" $name "* ]] || die "no row '$name'; there are ${all[*]}"
done
[[ -x $binary ]] || die "no program at $binary; run make first"
need "${CC:-gcc}" curl
as_root "$@"
start
printf '%-38s %10s %10s %7s %10s\n' what ours raw ratio bar >"$work/table"
for name in "${rows[@]}"; do
	say "$name, $rounds rounds; load $(cut -d ' ' -f 1-3 /proc/loadavg)"
	"row_$name"
done
