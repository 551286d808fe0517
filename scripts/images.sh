#!/usr/bin/env bash
# images.sh: tiny images for demo and tests, made without any registry.
#
#   images.sh build [NAME...]   make them in the engine of $DOCKER_HOST
#   images.sh rm [NAME...]      remove them from there
#
# All of them are busybox and a script; without NAMEs, all are meant:
#   moontide/web       httpd on $PORT (80), answers with its host name; ends
#                      at SIGTERM with 0
#   moontide/slow      the same, listening only after $DELAY (3) seconds
#   moontide/health    web with a health check that fails while /tmp/sick exists
#   moontide/crash     exits with $CODE (1) after $AFTER (0) seconds
#   moontide/stubborn  ignores SIGTERM
#   moontide/burn      keeps one core busy
#   moontide/log       a line to stdout and one to stderr every $EVERY (0.1) s
# and, only when it is named and web is there:
#   moontide/layers    web and three layers of 2 MiB of noise, to see a pull move
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

applets=(cat cp date dd df echo env false grep head hostname httpd id ip kill ls mkdir
	nc nslookup ping printf ps pwd rm sed seq sh sleep stat stty tail test timeout top
	touch tr true vi wc wget yes)

# script PATH: a shell script in the image's file system, read from stdin.
script() {
	{ echo '#!/bin/sh'; cat; } >"$root/$1"
	chmod +x "$root/$1"
}

rootfs() {
	local applet
	mkdir -p "$root"/{bin,etc,tmp,www}
	cp "$busybox" "$root/bin/busybox"
	for applet in "${applets[@]}"; do ln -s busybox "$root/bin/$applet"; done
	echo root:x:0:0:root:/:/bin/sh >"$root/etc/passwd"
	echo root:x:0: >"$root/etc/group"

	# The first process of a container gets no default action for a signal,
	# so httpd alone would ignore SIGTERM.
	script bin/web <<-'E'
		trap 'kill $!; exit 0' TERM INT
		hostname >/www/index.html
		sleep "${DELAY:-0}" & wait $!
		httpd -f -p "${PORT:-80}" -h /www & wait $!
	E
	# No -T: it crashes the wget of Debian 12's busybox-static.
	script bin/healthy <<-'E'
		[ ! -e /tmp/sick ] && wget -q -O /dev/null "http://127.0.0.1:${PORT:-80}/"
	E
	script bin/crash <<-'E'
		sleep "${AFTER:-0}"
		echo "crash: exit ${CODE:-1}" >&2
		exit "${CODE:-1}"
	E
	script bin/stubborn <<-'E'
		trap 'echo SIGTERM ignored' TERM
		while :; do sleep 1 & wait $!; done
	E
	script bin/burn <<-'E'
		while :; do :; done
	E
	script bin/log <<-'E'
		i=0
		while :; do
			i=$((i + 1))
			echo "out $i"
			echo "err $i" >&2
			sleep "${EVERY:-0.1}"
		done
	E
}

# changes NAME: how the image differs, in a Dockerfile's words.
changes() {
	case $1 in
	web) printf '%s\n' 'CMD ["web"]' 'EXPOSE 80' ;;
	slow) printf '%s\n' 'CMD ["web"]' 'EXPOSE 80' 'ENV DELAY=3' ;;
	health) printf '%s\n' 'CMD ["web"]' 'EXPOSE 80' \
		'HEALTHCHECK --interval=1s --timeout=1s --retries=2 CMD ["healthy"]' ;;
	crash | stubborn | burn | log) echo "CMD [\"$1\"]" ;;
	layers) printf 'COPY %s /\n' noise1 noise2 noise3 ;;
	*) die "no such image: $1" ;;
	esac
}

# import NAME: the root file system becomes moontide/NAME.
import() {
	local change query=() answer
	while read -r change; do query+=(--url-query "changes=$change"); done <<-E
		$(changes "$1")
		ENV PATH=/bin
		LABEL moontide.images=$version
	E
	answer=$(api -X POST -T "$tar" -H 'Content-Type: application/x-tar' "${query[@]}" \
		"/images/create?fromSrc=-&repo=moontide/$1&tag=latest") ||
		die "the import of moontide/$1 failed: $answer"
	# The engine answers 200 before it reads, and errors in the stream.
	[[ $answer != *'"error"'* ]] || die "the import of moontide/$1 failed: $answer"
}

# derive NAME: the engine makes moontide/NAME of web, one layer for each change.
derive() {
	local answer noise
	mkdir "$work/context"
	{ echo 'FROM moontide/web:latest' && changes "$1"; } >"$work/context/Dockerfile"
	for noise in noise{1,2,3}; do head -c 2M /dev/urandom >"$work/context/$noise"; done
	tar -C "$work/context" -cf "$work/context.tar" .
	answer=$(api -X POST -T "$work/context.tar" -H 'Content-Type: application/x-tar' \
		"/build?t=moontide/$1:latest") || die "moontide/$1 is not made: $answer"
	[[ $answer != *'"error"'* ]] || die "moontide/$1 is not made: $answer"
}

up_to_date() { [[ $(api "/images/moontide/$1:latest/json" 2>/dev/null) == *"\"$version\""* ]]; }

build() {
	local name job missing=() jobs=()
	need busybox curl
	busybox=$(command -v busybox)
	! ldd "$busybox" &>/dev/null ||
		die "$busybox is not statically linked; install busybox-static"
	version=$(cat "$0" "$busybox" | sha1sum | cut -c 1-12)
	for name; do
		changes "$name" >/dev/null
		up_to_date "$name" || missing+=("$name")
	done
	((${#missing[@]})) || return 0

	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	root=$work/root tar=$work/root.tar
	rootfs
	tar -C "$root" --owner=0 --group=0 -cf "$tar" .
	for name in "${missing[@]}"; do
		if [[ $name == layers ]]; then derive "$name"; else import "$name"; fi &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do wait "$job"; done
}

remove() {
	local name
	for name; do
		api -o /dev/null "/images/moontide/$name:latest/json" 2>/dev/null || continue
		api -X DELETE "/images/moontide/$name:latest" >/dev/null
	done
}

[[ $# -ge 1 ]] || usage
action=$1
shift
(($#)) || set -- web slow health crash stubborn burn log
case $action in
build) build "$@" ;;
rm) remove "$@" ;;
*) usage ;;
esac
