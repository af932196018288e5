"""redis-py as its documentation has it: with a socket_timeout, for without one a master that falls silent is waited for."""
import json
import sys
import time

from redis.sentinel import Sentinel

name, key, *addresses = sys.argv[1:]
sentinel = Sentinel(
    [(host, int(port)) for host, port in (address.split(":") for address in addresses)],
    socket_timeout=1,
)
master = sentinel.master_for(name, socket_timeout=1)
n = 0
while True:
    n += 1
    error = None
    try:
        master.sadd(key, n)
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"
    print(json.dumps({"n": n, "atMs": time.time() * 1000, "error": error}), flush=True)
    time.sleep(0.02)
