#!/usr/bin/env bash
# lint.sh: every static check. Prints what each finds and fails when one does.
#
#   lint.sh [CHECK...]    compilers, tidy, cppcheck, format, lua, shell, rules
#                         or libraries; without one all of them
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1

mapfile -t sources < <(git ls-files 'src/*.c')
mapfile -t c_files < <(git ls-files '*.c' '*.h')
mapfile -t lua_files < <(git ls-files '*.lua')
mapfile -t shell_files < <(git ls-files '*.sh' .ci/run)
flags=(-std=c11 -D_GNU_SOURCE '-DMOONTIDE_VERSION=""' -Isrc -isystem /usr/include/lua5.4)

# The build's own warnings, by both compilers.
compilers() {
	make --no-print-directory BUILD=build/lint CC=clang OPTIM=-O1 all unit >/dev/null &&
		make --no-print-directory all unit >/dev/null
}

tidy() {
	# shellcheck disable=SC2016
	printf '%s\0' "${sources[@]}" | FLAGS="${flags[*]}" CHECKS=$tidy_checks xargs -0 -P "$(nproc)" -n 4 sh -c \
		'clang-tidy --quiet --warnings-as-errors="*" --checks="$CHECKS" "$@" -- $FLAGS 2>/dev/null' sh
}

# Left out: what contradicts the style, annex K's functions, which glibc does not have, and two checks
# that are wrong here: of va_list (clang 14 does not know x86-64's) and of userdata that hold a pointer.
tidy_checks='-*,bugprone-*,cert-*,clang-analyzer-*,misc-unused-*,readability-misleading-indentation'
tidy_checks+=',-bugprone-easily-swappable-parameters,-bugprone-assignment-in-if-condition'
tidy_checks+=',-bugprone-reserved-identifier,-cert-dcl37-c,-cert-dcl51-cpp,-cert-err33-c'
tidy_checks+=',-clang-analyzer-valist.Uninitialized,-bugprone-sizeof-expression'
tidy_checks+=',-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling'

check_cppcheck() {
	cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr \
		--error-exitcode=1 --suppress=missingInclude -j "$(nproc)" -D_GNU_SOURCE -Isrc src
}

format() { clang-format --dry-run --Werror "${c_files[@]}"; }

lua() { luacheck --quiet --no-color "${lua_files[@]}"; }

shell() { shellcheck -x -e SC2317 "${shell_files[@]}"; }

rules() { lua5.4 scripts/lint/rules.lua "${c_files[@]}" "${lua_files[@]}"; }

# No new library is loaded at start: what the binary asks the loader for.
libraries() {
	make --no-print-directory all >/dev/null || return 1
	local extra
	extra=$(readelf -d build/moontide | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' |
		grep -vxE 'libcurl\.so\.4|libm\.so\.6|libc\.so\.6|ld-linux.*')
	[[ -z $extra ]] || {
		echo "build/moontide loads at start: $extra"
		return 1
	}
}

declare -A names=([compilers]=compilers [tidy]=tidy [cppcheck]=check_cppcheck [format]=format
	[lua]=lua [shell]=shell [rules]=rules [libraries]=libraries)
checks=("$@")
((${#checks[@]})) || checks=(rules libraries compilers format lua shell cppcheck tidy)

status=0
for check in "${checks[@]}"; do
	if [[ -z ${names[$check]-} ]]; then
		echo "lint.sh: unknown check '$check'" >&2
		exit 2
	fi
	begin=$SECONDS
	if output=$("${names[$check]}" 2>&1); then
		printf 'ok      %-10s %3d s\n' "$check" $((SECONDS - begin))
	else
		printf 'FAILED  %-10s %3d s\n%s\n' "$check" $((SECONDS - begin)) "$output"
		status=1
	fi
done
exit "$status"
