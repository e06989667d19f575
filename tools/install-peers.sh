#!/usr/bin/env bash
# The programs that `npm run test:peers` needs, from Debian's packages: nginx, haproxy, Apache httpd and openssl to probe,
# nghttp, h2load and curl as clients of the gateway; with the word `bench` those that `npm run bench:gateway` measures, with
# `lab` those of the fault lab. What is missing is installed when run as root; otherwise it is named and the exit code is 1.
# No service is ever started.
set -euo pipefail

# Program and the package that brings it. apache2-bin is the server without the distribution's site and service.
peers=(nginx:nginx haproxy:haproxy apache2:apache2-bin openssl:openssl nghttp:nghttp2-client curl:curl)
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

missing() {
  local peer
  for peer in "${peers[@]}"; do
    command -v "${peer%%:*}" >/dev/null || echo "${peer##*:}"
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
