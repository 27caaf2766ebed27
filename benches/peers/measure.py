"""What the peers' scripts share: the table is loaded, then the query runs several times in the same process.

A script prints one JSON object per line: first what loading cost, then for each line that it reads one run.
So whoever drives the scripts can let them take turns, and a busy minute falls on all of them alike.
"""
import json
import sys
import time

COLUMNS = ["creator_id", "ts", "views", "likes", "comments", "shares"]


def memory(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field + ":"))


def serve(name, load, query, to_arrow):
    """Loads the file named first on the command line; the last answer goes to the file named second."""
    source, out = sys.argv[1:3]
    start = time.perf_counter()
    state = load(source)
    loaded = {"name": name, "load_s": time.perf_counter() - start, "loaded_bytes": memory("VmRSS")}
    print(json.dumps(loaded), flush=True)
    answer = None
    for _ in sys.stdin:
        answer = None
        start, cpu = time.perf_counter(), time.process_time()
        answer = query(state)
        run = {"run_s": time.perf_counter() - start, "cpu_s": time.process_time() - cpu, "peak_bytes": memory("VmHWM")}
        print(json.dumps(run), flush=True)
    import pyarrow.parquet as pq

    pq.write_table(to_arrow(answer), out)
