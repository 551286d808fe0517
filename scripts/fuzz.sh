#!/usr/bin/env bash
# fuzz.sh: try each parser with inputs that nobody thought of.
#
#   fuzz.sh DIR SECONDS [TARGET...]   SECONDS for each program of DIR, two at a time
#   fuzz.sh -m DIR                    merge what was found into spec/data/fuzz
#
# A target is a program of spec/fuzz: it starts with what is in
# spec/data/fuzz/TARGET, and keeps what it finds in DIR/corpus/TARGET. An input
# that breaks it is left in DIR/findings; the program takes it as its argument.
# The exit status is 1 when there is one.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# What goes into the repository stays small: inputs of this many bytes at most.
MAX_SEED=1024

corpus=$(dirname "$(readlink -f "$0")")/../spec/data/fuzz

# fuzz TARGET: run it and print a line.
fuzz() {
	local target=$1 status=0 log
	log=$dir/$target.log
	mkdir -p "$dir/corpus/$target" "$dir/findings" "$corpus/$target"
	"$dir/$target" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$dir/findings/$target-" "$dir/corpus/$target" "$corpus/$target" \
		>"$log" 2>&1 || status=$?
	awk -v target="$target" -v status="$status" '
		/stat::number_of_executed_units/ {runs = $2}
		/ ft: / {for (i = 1; i < NF; i++) if ($i == "ft:") features = $(i + 1)}
		END {printf "%-8s %12d runs %7d features  %d findings\n", target, runs, features, status != 0}' "$log"
	((status == 0)) || { grep -E 'does not hold|ERROR|runtime error|Test unit written' "$log" || tail -n 20 "$log"; } >&2
	return "$status"
}

merge() {
	local target seed
	for target in "$dir"/corpus/*/; do
		target=$(basename "$target")
		seed=$(mktemp -d)
		"$dir/$target" -merge=1 -max_len=$MAX_SEED "$seed" "$corpus/$target" "$dir/corpus/$target" >/dev/null 2>&1
		find "$seed" -type f -size "-$((MAX_SEED + 1))c" -exec mv -t "$corpus/$target" {} +
		rm -r "$seed"
	done
}

[[ ${1-} != -m ]] || { dir=$2 && merge && exit; }
(($# >= 2)) || usage
dir=$1 seconds=$2
shift 2
targets=("$@")
(($#)) || mapfile -t targets < <(find "$dir" -maxdepth 1 -type f -perm -u+x -printf '%f\n' | sort)
set -- "${targets[@]}"
status=0
while (($#)); do
	fuzz "$1" &
	first=$!
	if (($# > 1)); then
		fuzz "$2" || status=1
		shift
	fi
	shift
	wait "$first" || status=1
done
exit "$status"
