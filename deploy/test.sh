#!/usr/bin/env bash
# Installs what is missing, then checks, builds and tests everything. Works twice in a row and from a clean clone.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

# What cannot be tried on this machine is said, and fails where it has to be possible.
interop() {
  local status=0
  npm run -s interop -- "$@" || status=$?
  [ "$status" = 0 ] || [ "$status" = 3 ]
}

need_node
need_packages
need_redis
need_tool openssl openssl
need_tool strace strace
need_tool ip iproute2
need_tool nft nftables
need_file '/usr/lib/*/faketime/libfaketime.so.1' libfaketime
need_file '/usr/lib/python3/dist-packages/redis/__init__.py' python3-redis
need_tool javac default-jdk-headless
need_tool mvn maven
step 'style' npm run -s check:style
step 'imports' npm run -s check:imports
step 'unused code' npm run -s check:unused
# It checks the types, too.
build
step 'unit tests' npm run -s test:unit
step 'tests with real processes' npm run -s test:real
step 'clients at the Sentinel door' interop sentinel
step 'brokers and clients at the RocketMQ door' interop rocketmq --ci
say 'everything passed'
