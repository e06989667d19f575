#!/usr/bin/env bash
# The programs of `npm run test:peers`, from Debian's packages: servers that are probed and that stand behind the gateway
# (nginx, haproxy, Apache httpd, openssl, Python's websockets), clients before it (curl, nghttp, h2load, chromium). With the
# word `bench` those that `npm run bench:gateway` measures, with `lab` those of the fault lab. What is missing is installed
# when run as root; otherwise it is named and the exit code is 1. No service is ever started.
set -euo pipefail

# Program and the package that brings it. apache2-bin is the server without the distribution's site and service.
peers=(nginx:nginx haproxy:haproxy apache2:apache2-bin openssl:openssl curl:curl nghttp:nghttp2-client
  chromium:chromium /usr/bin/python3:python3 websockets.py:python3-websockets)
for="npm run test:peers"
if [ "${1:-}" = bench ]; then
  peers=(nginx:nginx haproxy:haproxy caddy:caddy wrk:wrk taskset:util-linux)
  for="npm run bench:gateway"
elif [ "${1:-}" = lab ]; then
  peers=(ip:iproute2 nft:nftables dnsmasq:dnsmasq-base nginx:nginx haproxy:haproxy caddy:caddy apache2:apache2-bin)
  peers+=(openssl:openssl curl:curl nsenter:util-linux)
  for="npm run lab"
fi
PATH="$PATH:/usr/sbin:/sbin"

# there PROGRAM, or MODULE.py of Debian's own Python: another one may stand before it in the path.
there() {
  case $1 in
    *.py) /usr/bin/python3 -c "import ${1%.py}" 2>/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

missing() {
  local peer
  for peer in "${peers[@]}"; do
    there "${peer%%:*}" || echo "${peer##*:}"
  done
}

packages=$(missing)
[ -n "$packages" ] || exit 0
packages=${packages//$'\n'/ }

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "Missing for $for: $packages. Install with: sudo apt-get install --no-install-recommends $packages" >&2
  exit 1
fi

# Debian asks this file before a package starts its service; 101 = not allowed.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
else
  answer=0
  "$policy" haproxy start >/dev/null || answer=$?
  if [ "$answer" -ne 101 ]; then
    echo "$policy lets packages start their services; install yourself: $packages" >&2
    exit 1
  fi
fi

echo "Installing $packages"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one word a package
apt-get update -qq && apt-get install -qq -y --no-install-recommends $packages >/dev/null

packages=$(missing)
if [ -n "$packages" ]; then
  echo "Still missing after the installation: ${packages//$'\n'/ }" >&2
  exit 1
fi
