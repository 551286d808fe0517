#!/usr/bin/env bash
# test.sh: run the tests, on a private engine of their own.
#
#   test.sh [-s] [-j JOBS] [-b BINARY] [SUITE...]
#
# BINARY is the program under test (build/moontide), with -s one that is made with
# sanitizers: each report of theirs is a failure, files may take three times as
# long, and tests with #slow in their name are left out. A SUITE is 'unit', the
# programs unit/*_test beside BINARY, or a spec file or directory; without one
# all run: unit and spec. With -j they are shared among so many of this script
# at once, each on an engine of its own; what each says comes when it has ended.
#
# A unit program prints 'ok NAME' and 'not ok NAME: why'. A spec file runs under
# busted in the engine's network namespace with
#   MOONTIDE             the binary's absolute path
#   DOCKER_HOST          the engine, with every image of images.sh
#   MOONTIDE_ENGINE_DIR  its directory, for engine.sh; more engines, and what
#                        podman.sh and registry.sh start, can live beside it
#   MOONTIDE_STATE       a state file that is not there yet
#   TMPDIR               a directory that is deleted at the end
# Whatever outlives its file (a process, a container, an engine) is a failure,
# as is a pending test, and a file that takes over $TEST_TIMEOUT (120) seconds.
#
# The last line is 'N passed, N failed'; the exit status is 1 when one failed
# or none ran.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
as_root "$@"

limit=${TEST_TIMEOUT:-120}
passed=0 failed=0 work='' sanitized='' selection=() jobs=1 parts=()

engine() { "$here/engine.sh" "$@"; }

# remove LOCK: what the script that is named in this file has started there.
remove() { "$here/$(cat "$1")" rm "${1%/lock}"; }

fail() {
	printf 'not ok %s\n' "$*"
	failed=$((failed + 1))
}

# clean_up: end and delete all engines, and with the first one whatever of the
# tests still runs. Nothing may interrupt that.
clean_up() {
	local status=0 lock
	trap '' INT TERM HUP PIPE
	[[ -n $work ]] || return 0
	for lock in "$work"/*/lock; do
		[[ ! -e $lock ]] || remove "$lock" || status=1
	done
	rm -rf "$work" || status=1
	work=''
	return "$status"
}

start() {
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	trap 'exit 141' PIPE
	unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY \
		DOCKER_API_VERSION DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_CONTEXT
	# Not $TMPDIR: a unix socket's path is short.
	work=$(mktemp -d /tmp/mt-test.XXXXXX)
	results=$work/results
	export MOONTIDE=$binary MOONTIDE_ENGINE_DIR=$work/engine TMPDIR=$work/tmp MOONTIDE_STATE=$work/state/state.db
	mkdir "$TMPDIR"
	if [[ -n $sanitized ]]; then
		# A program that is expected to fail may not hide a report. gcc's UBSan
		# heeds no log_path beside ASan: its exit status is one that nobody expects.
		export ASAN_OPTIONS=log_path=$work/report:detect_stack_use_after_return=1
		export UBSAN_OPTIONS=exitcode=86:print_stacktrace=1
		limit=$((limit * 3)) selection=(--exclude-tags=slow)
	fi
	id=$(engine_id "$MOONTIDE_ENGINE_DIR")
	engine tls "$MOONTIDE_ENGINE_DIR"
	DOCKER_HOST=$(engine start "$MOONTIDE_ENGINE_DIR")
	export DOCKER_HOST
	"$here/images.sh" build
}

idle() { [[ -z $(cg_procs "$id/test") ]]; }

# leftovers NAME: fail for what the file NAME left behind, and end it.
leftovers() {
	local name=$1 pids line lock report
	# What was told to end has a moment to do so.
	if ! wait_for 2 idle; then
		mapfile -t pids < <(cg_procs "$id/test")
		while read -r line; do fail "$name left a process: $line"; done \
			< <(ps -o pid=,args= -p "${pids[*]}")
		cg_kill "$id/test" || fail "$name: a process does not end"
	fi
	for report in "$work"/report.*; do
		[[ -e $report ]] || continue
		cat "$report"
		fail "$name: $(grep -m 1 -o 'Sanitizer.*\|runtime error.*' "$report" || echo "a sanitizer's report")"
		rm "$report"
	done
	for lock in "$work"/*/lock; do
		[[ $lock != "$MOONTIDE_ENGINE_DIR/lock" ]] || continue
		fail "$name left what $(cat "$lock") started: ${lock%/lock}"
		remove "$lock"
	done
	if ! api -m 10 -o /dev/null /_ping 2>/dev/null; then
		fail "$name: the engine does not answer any more"
		engine kill "$MOONTIDE_ENGINE_DIR" && engine start "$MOONTIDE_ENGINE_DIR" >/dev/null
	fi
	while IFS='"' read -r _ _ _ line _ _ _ name _; do
		fail "$1 left a container: $name"
		api -m 30 -X DELETE "/containers/$line?force=1&v=1" >/dev/null || true
	done < <(api -m 10 '/containers/json?all=1' | grep -o '"Id":"[0-9a-f]*","Names":\["[^"]*"')
}

# run NAME CMD...: run one file's tests and count the lines of $results. They
# are in a session of their own, since Ctrl-C is for this script, and inherit no
# ignored signal, whatever started this.
run() {
	local name=$1 begin=${EPOCHREALTIME/./} status=0 good bad
	shift
	rm -rf "$work/state"
	(
		cg_join "$id/test"
		exec env --default-signal setsid "$here/engine.sh" exec "$MOONTIDE_ENGINE_DIR" \
			timeout --foreground -k 5 "$limit" "$@"
	) </dev/null &
	wait $! 2>/dev/null || status=$?
	good=$(grep -c '^ok ' "$results" || true)
	bad=$(grep -c '^not ok ' "$results" || true)
	printf '%s: %d ok, %d not ok, %d ms\n' "$name" "$good" "$bad" $(((${EPOCHREALTIME/./} - begin) / 1000))
	passed=$((passed + good)) failed=$((failed + bad))
	case $status in
	0) ((bad == 0)) || fail "$name: exit status 0 in spite of failures" ;;
	124 | 137)
		cg_kill "$id/test" || true
		fail "$name: not done after $limit s, at: $(sed -n 's/^run //p' "$results" | tail -n 1)"
		;;
	*) ((bad)) || fail "$name: exit status $status" ;;
	esac
	((good + bad)) || [[ -n $sanitized ]] || fail "$name: no test ran"
	leftovers "$name"
}

units() {
	local program
	# shellcheck disable=SC2016
	for program in "$(dirname "$binary")"/unit/*_test; do
		[[ -x $program ]] || { fail "no unit programs in ${program%/*}"; return; }
		run "unit/${program##*/}" bash -c '"$1" >"$2"' bash "$program" "$results"
		grep -v '^ok ' "$results" || true
	done
}

specs() {
	local file
	[[ -e $1 ]] || { fail "no such suite: $1"; return; }
	while read -r file; do
		: >"$results"
		run "$file" env MOONTIDE_RESULTS="$results" busted --lua=/usr/bin/lua5.4 \
			--output=spec/support/output.lua "${selection[@]}" "$file"
	done < <(find "$1" -name '*_spec.lua' | sort)
}

# files SUITE...: a line for each thing to run.
files() {
	local suite
	for suite; do
		if [[ -d $suite ]]; then find "$suite" -name '*_spec.lua' | sort; else echo "$suite"; fi
	done
}

# count FILE: what a part says, and its summary.
count() {
	local good bad
	sed '$d' "$1"
	if read -r good _ bad _ < <(tail -n 1 "$1" | grep -E '^[0-9]+ passed, [0-9]+ failed$'); then
		passed=$((passed + good)) failed=$((failed + bad))
	else
		tail -n 1 "$1"
		fail "a part of the tests did not end in order"
	fi
}

# share SUITE...: each part has every n-th file, since the long ones stand together.
share() {
	local i all=() mine=()
	mapfile -t all < <(files "$@")
	work=$(mktemp -d)
	# Without parts that still run, kill fails, and would be this script's exit status.
	trap 'kill "${parts[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	trap 'exit 141' PIPE
	for ((i = 0; i < jobs; i++)); do
		mapfile -t mine < <(printf '%s\n' "${all[@]}" | awk -v jobs="$jobs" -v i="$i" 'NR % jobs == i')
		((${#mine[@]})) || continue
		"$here/test.sh" ${sanitized:+-s} -b "$binary" "${mine[@]}" >"$work/$i" 2>&1 &
		parts[i]=$!
	done
	for i in "${!parts[@]}"; do
		wait "${parts[i]}" || true
		count "$work/$i"
	done
	parts=()
}

binary=build/moontide
while getopts sj:b: option; do
	case $option in
	s) sanitized=yes ;;
	j) jobs=$OPTARG ;;
	b) binary=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
(($#)) || set -- unit spec
[[ -x $binary ]] || die "no program at $binary; run make first"
need busted lua5.4 ps timeout
binary=$(readlink -f "$binary")
cd "$here/.."
if ((jobs > 1)); then
	share "$@"
else
	start
	for suite; do
		case $suite in
		unit) units ;;
		*) specs "$suite" ;;
		esac
	done
	clean_up || fail "the private engine can't be removed"
fi
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
