#!/usr/bin/env python3
"""Judges ten thousand generated states in one run, and compares.

  bench/fleet.py build/release/cli/tfseal             # 10,000 states
  bench/fleet.py build/release/cli/tfseal --files 1000

Every state is a captured one with other names, accounts and addresses; one in fifty is damaged. Times of one and of two
threads are taken in turns, so that what else the machine does hits both alike; what counts are the ratios.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEED = ROOT / "fixtures/terraform-json/z360/state-after-create.tfstate.json"
DAMAGED_EVERY = 50


def generate(folder, files):
    """`files` states under `folder`, a hundred a directory; returns their bytes."""
    seed = SEED.read_text()
    total = 0
    for i in range(files):
        path = folder / f"{i // 100:03}" / f"service-{i:05}.tfstate"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = seed.replace("z360", f"svc{i:05}").replace("123456789012", f"{100000000000 + i}")
        if i % DAMAGED_EVERY == DAMAGED_EVERY - 1:
            text = text[:len(text) // 2]
        path.write_text(text)
        total += len(text)
    return total


def run(tfseal, folder, *flags):
    """Seconds, CPU seconds, peak memory in MiB, exit code."""
    started = time.monotonic()
    process = subprocess.Popen([tfseal, "verify", str(folder), "--now", "2026-11-22T00:00:00Z", "--quiet", *flags],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return (time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024,
            os.waitstatus_to_exitcode(status))


def check(tfseal, folder, files):
    """The report holds every state, and the damaged ones as errors."""
    report = folder.parent / "report.json"
    seconds, _, memory, code = run(tfseal, folder, "--output", f"json={report}")
    summary = json.loads(report.read_text())["summary"]
    damaged = files // DAMAGED_EVERY
    wanted = {"pass": 0, "unknown": 0, "fail": files - damaged, "error": damaged}
    if code != 1 or summary["documents_by_verdict"] != wanted:
        sys.exit(f"wrong report: exit code {code}, {summary['documents_by_verdict']}, not {wanted}")
    return seconds, memory, report.stat().st_size


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("tfseal")
    arguments.add_argument("--files", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    tfseal = str(pathlib.Path(options.tfseal).resolve())
    work = pathlib.Path(tempfile.mkdtemp(prefix="tfseal-fleet-"))
    try:
        tenth = work / "tenth"
        whole = work / "whole"
        generate(tenth, options.files // 10)
        size = generate(whole, options.files)
        print(f"{options.files} states, {size / 1e6:.0f} MB, {len(os.sched_getaffinity(0))} processors")
        run(tfseal, whole)  # the files are in memory from here on
        rounds = [(run(tfseal, whole, "--jobs", "1"), run(tfseal, whole, "--jobs", "2"), run(tfseal, tenth, "--jobs", "1"))
                  for _ in range(options.rounds)]
        for name, index in (("1 thread", 0), ("2 threads", 1), ("1 thread, a tenth of the states", 2)):
            times = [each[index] for each in rounds]
            print(f"{name:32} {statistics.median(t[0] for t in times):7.2f} s  CPU {statistics.median(t[1] for t in times):6.2f} s"
                  f"  peak {max(t[2] for t in times):5.0f} MiB")
        ratio = lambda a, b, what: statistics.median(each[a][what] / each[b][what] for each in rounds)
        print(f"two threads are {ratio(0, 1, 0):.2f} times as fast as one (median of {options.rounds} pairs)")
        print(f"ten times the states take {ratio(0, 2, 1):.2f} times the CPU time, {ratio(0, 2, 0):.2f} times the time, "
              f"and {ratio(0, 2, 2):.2f} times the memory")
        seconds, memory, bytes_written = check(tfseal, whole, options.files)
        print(f"--output json: {seconds:.2f} s, peak {memory:.0f} MiB, {bytes_written / 1e6:.0f} MB written, every state in it")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
