#!/usr/bin/env python3
"""Times the engine beside ClickHouse, DuckDB and Polars on the same posts, and checks that all say the same.

    python3 benches/peers/compare.py [--creators 100000] [--rounds 5] [--threads T]

Needs Python 3.11 and cargo. The peers are installed into target/peers/venv, the posts made in target/peers/data. In
each round the engine and every peer run once, one after the other: a busy machine is as busy for all of them.
Every program reads the file first; only the query over the loaded columns is timed.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = ["peer_clickhouse.py", "peer_duckdb.py", "peer_polars.py"]


def prepare(work, options):
    python = work / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(work / "venv", with_pip=True)
        # uv settles the requirements in seconds where pip takes minutes.
        subprocess.run([python, "-m", "pip", "install", "-q", "uv==0.13.9"], check=True)
    install = [python, "-m", "uv", "pip", "install", "-q", "--python", python, "-r", HERE / "requirements.txt"]
    subprocess.run(install, check=True)
    data = work / f"data-{options.creators}-{options.seed}"
    if not (data / "shuffled.parquet").exists():
        made = [python, HERE / "generate.py", data, "--creators", str(options.creators), "--seed", str(options.seed)]
        subprocess.run(made, check=True)
    cargo = ["cargo", "build", "--release", "-q", "-p", "compass-benches", "--bin", "engine"]
    built = subprocess.run([*cargo, "--message-format=json"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    engine = next(path for message in messages if (path := message.get("executable")))
    return python, data, engine


class Peer:
    """A peer with the posts loaded, waiting for its turn."""

    def __init__(self, python, script, source, out, threads):
        # DuckDB and ClickHouse take as many threads as the process may use cores; Polars is told.
        environment = {**os.environ, "POLARS_MAX_THREADS": str(threads)}
        self.process = subprocess.Popen(
            ["taskset", "-c", f"0-{threads - 1}", python, HERE / script, source, out],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )
        loaded = json.loads(self.process.stdout.readline())
        self.name, self.load_s, self.runs = loaded["name"], loaded["load_s"], []

    def run(self):
        print("run", file=self.process.stdin, flush=True)
        self.runs.append(json.loads(self.process.stdout.readline()))

    def finish(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            sys.exit(f"{self.name} failed")


class Engine:
    """Our engine: a process per run, so its memory is measured afresh."""

    name = "Creator Compass"

    def __init__(self, binary, source, out, threads):
        self.command = [binary, source, "--out", out, "--threads", str(threads)]
        self.runs = []

    def run(self):
        done = subprocess.run(self.command, check=True, stdout=subprocess.PIPE, text=True)
        answer = json.loads(done.stdout)
        self.runs.append({"run_s": answer["best_s"], "cpu_s": answer["cpu_s"], "peak_bytes": answer["peak_bytes"]})
        self.load_s, self.input_bytes, self.rows = answer["load_s"], answer["input_bytes"], answer["rows"]

    def finish(self):
        pass


def compare(name, work, prepared, options):
    python, data, binary = prepared
    source = data / f"{name}.parquet"
    outs = [work / f"answer-{name}-{index}.parquet" for index in range(len(PEERS) + 1)]
    engine = Engine(binary, source, outs[0], options.threads)
    peers = [Peer(python, script, source, out, options.threads) for script, out in zip(PEERS, outs[1:])]
    for _ in range(options.rounds):
        for one in [engine, *peers]:
            one.run()
    for one in peers:
        one.finish()
    subprocess.run([python, HERE / "check.py", *outs], check=True)
    print(f"\n{name}: {engine.rows:,} rows, {engine.input_bytes / 1e6:.0f} MB as columns, {options.threads} threads, "
          f"load average {os.getloadavg()[0]:.1f}\n")
    print("| engine | best s | median s | times ours | CPU s | times ours | peak MB | all runs, s |")
    print("|---|---|---|---|---|---|---|---|")

    def best(one, key="run_s"):
        return min(run[key] for run in one.runs)

    for one in sorted([engine, *peers], key=best):
        seconds = [run["run_s"] for run in one.runs]
        peak = max(run["peak_bytes"] for run in one.runs)
        print(f"| {one.name} | {best(one):.3f} | {statistics.median(seconds):.3f} | {best(one) / best(engine):.1f} "
              f"| {best(one, 'cpu_s'):.2f} | {best(one, 'cpu_s') / best(engine, 'cpu_s'):.1f} "
              f"| {peak / 1e6:.0f} | {' '.join(f'{s:.2f}' for s in seconds)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target" / "peers")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    prepared = prepare(options.work, options)
    for name in ["ordered", "shuffled"]:
        compare(name, options.work, prepared, options)


if __name__ == "__main__":
    main()
