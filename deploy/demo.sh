#!/usr/bin/env bash
# Installs what is missing, then runs the demonstration: three nodes, two broker groups, a master that dies under
# traffic. `--once` ends by itself, `--json` prints the report as the last line; see `deploy/demo.sh --help`.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_node
need_packages
need_redis
build
# The demonstration takes the place of this shell, so that a signal reaches it and nothing is left behind.
exec node "$root/dist/deploy/demo/main.js" "$@"
