"""Searches vectors with ours and with faiss, in turn: similar.py PROGRAM [--creators N] [--rounds R] [--folder FOLDER]

PROGRAM is target/release/similar. Needs numpy and faiss-cpu (requirements.txt). Makes vectors of 128 numbers like those of
creators in 2,000 niches, finds the ten nearest of each question exactly, and lets each engine answer single questions on
one thread, then all questions at once on two. Prints the best and the median of the rounds.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np

D, MOST, SINGLE = 128, 10, 100


def make(folder, creators, questions):
    """Gaussian mixture: niches in 24 dimensions, lifted to 128 with noise, of length 1."""
    rng = np.random.default_rng(7)
    lift = (rng.normal(size=(24, D)) / np.sqrt(24)).astype("f4")
    centres = rng.normal(size=(2000, 24)).astype("f4")
    share = 1 / np.arange(1, 2001) ** 0.7
    share /= share.sum()

    def some(n):
        parts = []
        for at in range(0, n, 100_000):
            m = min(100_000, n - at)
            inner = centres[rng.choice(2000, m, p=share)] + rng.normal(scale=0.6, size=(m, 24)).astype("f4")
            outer = inner @ lift + rng.normal(scale=0.15, size=(m, D)).astype("f4")
            parts.append(outer / np.linalg.norm(outer, axis=1, keepdims=True))
        return np.concatenate(parts).astype("f4")

    base, query = some(creators), some(questions)
    truth = np.empty((questions, MOST), "u4")
    for at in range(0, questions, 50):
        products = query[at:at + 50] @ base.T
        truth[at:at + 50] = np.argpartition(-products, MOST, axis=1)[:, :MOST]
    base.tofile(folder / "base.f32")
    query.tofile(folder / "query.f32")
    truth.tofile(folder / "truth.u32")


def faiss_index(kind, base):
    import faiss

    if kind == "faiss flat":
        index = faiss.IndexFlatIP(D)
    else:
        index = faiss.IndexScalarQuantizer(D, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
        index.train(base[:100_000])
    index.add(base)
    return index


def faiss_round(index, query, truth):
    import faiss

    def recall(found):
        return float(np.mean([len(set(a) & set(b)) for a, b in zip(found.tolist(), truth.tolist())])) / MOST

    faiss.omp_set_num_threads(1)
    wall, cpu = time.perf_counter(), time.process_time()
    found = np.concatenate([index.search(query[i:i + 1], MOST)[1] for i in range(SINGLE)])
    single, single_cpu = (time.perf_counter() - wall) / SINGLE, (time.process_time() - cpu) / SINGLE
    faiss.omp_set_num_threads(2)
    wall, cpu = time.perf_counter(), time.process_time()
    index.search(query, MOST)
    batch, batch_cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"recall": recall(found), "single_ms": 1e3 * single, "single_cpu_ms": 1e3 * single_cpu,
            "batch_per_second": len(query) / batch, "batch_cpu_ms": 1e3 * batch_cpu / len(query)}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--creators", type=int, default=1_000_000)
    arguments.add_argument("--questions", type=int, default=1000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("target/similar"))
    told = arguments.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    if not (told.folder / "truth.u32").exists():
        make(told.folder, told.creators, told.questions)
    base = np.fromfile(told.folder / "base.f32", "f4").reshape(-1, D)
    query = np.fromfile(told.folder / "query.f32", "f4").reshape(-1, D)
    truth = np.fromfile(told.folder / "truth.u32", "u4").reshape(-1, MOST)
    rounds = {"Creator Compass": [], "faiss 8-bit": [], "faiss flat": []}
    indices = {kind: faiss_index(kind, base) for kind in rounds if kind.startswith("faiss")}
    for _ in range(told.rounds):
        for kind in rounds:
            if kind in indices:
                rounds[kind].append(faiss_round(indices[kind], query, truth))
            else:
                answer = subprocess.run([told.program, told.folder, "--single", str(SINGLE)], check=True, capture_output=True)
                rounds[kind].append(json.loads(answer.stdout))
            print(f"{kind}: {rounds[kind][-1]}", file=sys.stderr)

    print(f"{len(base):,} vectors of {D} numbers, {told.rounds} rounds: best / median\n")
    print("| engine | recall of ten | one question, 1 thread, ms | its CPU ms | 1,000 at once, 2 threads, per second | CPU ms each |")
    print("|---|---|---|---|---|---|")
    for kind, runs in rounds.items():
        def cell(name, best):
            values = [run[name] for run in runs]
            return f"{best(values):.1f} / {statistics.median(values):.1f}"

        print(f"| {kind} | {min(run['recall'] for run in runs):.4f} | {cell('single_ms', min)} | {cell('single_cpu_ms', min)} | "
              f"{cell('batch_per_second', max)} | {cell('batch_cpu_ms', min)} |")


if __name__ == "__main__":
    main()
