#!/usr/bin/env bash
# redis-cli in a script: asks one Sentinel after the other, writes to the master that it was told of, and asks again after
# a failure. redis-cli has no timeout of its own, so `timeout` ends the one that waits for a silent server.
set -u
name=$1 key=$2
shift 2
host='' port='' n=0

ask() {
  local sentinel answer
  for sentinel in "$@"; do
    answer=$(timeout 1 redis-cli -e -h "${sentinel%:*}" -p "${sentinel##*:}" \
      SENTINEL GET-MASTER-ADDR-BY-NAME "$name" 2>/dev/null) || continue
    [ -n "$answer" ] || continue
    { read -r host && read -r port; } <<<"$answer" && return
  done
  host=''
}

while true; do
  n=$((n + 1))
  error='"no Sentinel names a master"'
  [ -n "$host" ] || ask "$@"
  if [ -n "$host" ]; then
    if answer=$(timeout 1 redis-cli -e -h "$host" -p "$port" SADD "$key" "$n" 2>&1); then
      error=null
    else
      error='"the write failed"'
      host=''
    fi
  fi
  printf '{"n":%d,"atMs":%s,"error":%s}\n' "$n" "$(date +%s%3N)" "$error"
  sleep 0.02
done
