# Shared by the scripts of this directory; sourced, never run. Everything here works twice in a row.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
started_at=$SECONDS
minimum_node=20.19
minimum_redis=7.0

# Progress goes to standard error: standard output belongs to what the script is asked for.
say() {
  printf '[%3ds] %s\n' "$((SECONDS - started_at))" "$*" >&2
}

fail() {
  printf '[%3ds] FAILED: %s\n' "$((SECONDS - started_at))" "$*" >&2
  exit 1
}

# step NAME COMMAND...: runs it, and says how long it took; its failure ends the script.
step() {
  local name=$1 began=$SECONDS
  shift
  say "$name ..."
  "$@" || fail "$name (status $?, after $((SECONDS - began)) s)"
  say "$name: done in $((SECONDS - began)) s"
}

# at_least WANTED FOUND: true where the version FOUND is WANTED or newer.
at_least() {
  [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

need_node() {
  command -v node >/dev/null || fail "no 'node' on the PATH: install Node.js $minimum_node or newer"
  local found
  found=$(node --version)
  at_least "$minimum_node" "${found#v}" || fail "Node.js is ${found#v}, and has to be $minimum_node or newer"
  command -v npm >/dev/null || fail "no 'npm' on the PATH: install it (Debian: apt-get install npm)"
}

# npm leaves its own copy of the lock file behind, so that an interrupted installation is seen as none.
need_packages() {
  local installed=$root/node_modules/.package-lock.json
  if [ -e "$installed" ] && ! [ "$root/package-lock.json" -nt "$installed" ]; then
    return
  fi
  step 'install npm packages' npm --prefix "$root" ci --no-audit --no-fund --loglevel=error >&2
}

redis_version() {
  redis-server --version | sed -n 's/.* v=\([0-9.]*\).*/\1/p'
}

# install_package PACKAGE: through apt.
install_package() {
  export DEBIAN_FRONTEND=noninteractive
  # A machine that never fetched its package lists finds nothing the first time.
  apt-get install -y -qq "$1" || { apt-get update -qq && apt-get install -y -qq "$1"; }
}

# need_tool COMMAND PACKAGE: installs what is missing where that is possible, and says what to do where it is not.
need_tool() {
  command -v "$1" >/dev/null && return
  command -v apt-get >/dev/null || fail "no '$1' on the PATH, and no apt-get to install it: install it, then run this again"
  [ "$(id -u)" = 0 ] || fail "no '$1' on the PATH: run 'sudo apt-get install $2', then this again"
  step "install $2" install_package "$2" >&2
}

# need_file PATTERN PACKAGE: the same for what is not on the PATH.
need_file() {
  compgen -G "$1" >/dev/null && return
  command -v apt-get >/dev/null || fail "no '$1', and no apt-get to install it: install it, then run this again"
  [ "$(id -u)" = 0 ] || fail "no '$1': run 'sudo apt-get install $2', then this again"
  step "install $2" install_package "$2" >&2
}

need_redis() {
  need_tool redis-server redis-server
  at_least "$minimum_redis" "$(redis_version)" ||
    fail "redis-server is $(redis_version), and has to be $minimum_redis or newer"
}

build() {
  step 'build' npm --prefix "$root" run -s build >&2
}
