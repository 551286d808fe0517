#!/usr/bin/env bash
# tls.sh: certificates for tests, good ones and bad ones, valid for two days.
#
#   tls.sh DIR      make them there, unless they are
#
# All are for the key key.pem:
#   ca.pem         the CA of all that follow
#   server.pem     a server's, for the name localhost alone
#   expired.pem    the same, expired yesterday
#   elsewhere.pem  the same, for the name elsewhere.example
#   cert.pem       a client's; so DIR is a DOCKER_CERT_PATH
#   other.pem      another CA, which signed stranger.pem, a client's
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# authority NAME: a CA, NAME.pem and NAME.key.
authority() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -x509 -days 2 \
		-subj "/CN=the tests' $1" -keyout "$1.key" -out "$1.pem"
}

# certificate NAME CA DAYS USE [HOST]: NAME.pem, for a server (serverAuth) at
# HOST or for a client (clientAuth).
certificate() {
	local name=$1 ca=$2 days=$3 use=$4 host=${5-}
	printf 'extendedKeyUsage=%s\n%s\n' "$use" "${host:+subjectAltName=DNS:$host}" >"$name.ext"
	openssl req -new -key key.pem -subj "/CN=${host:-$name}" |
		openssl x509 -req -CA "$ca.pem" -CAkey "$ca.key" -CAcreateserial -days "$days" \
			-extfile "$name.ext" -out "$name.pem"
	rm "$name.ext"
}

make_all() {
	openssl ecparam -name prime256v1 -genkey -noout -out key.pem
	authority ca
	authority other
	certificate server ca 2 serverAuth localhost
	certificate expired ca -1 serverAuth localhost
	certificate elsewhere ca 2 serverAuth elsewhere.example
	certificate stranger other 2 clientAuth
	certificate cert ca 2 clientAuth
}

[[ $# == 1 ]] || usage
need openssl
mkdir -p "$1"
cd "$1"
[[ ! -e cert.pem ]] || exit 0
log=$(mktemp)
trap '(($? == 0)) || tail -n 5 "$log" >&2; rm -f "$log"' EXIT
make_all >"$log" 2>&1
