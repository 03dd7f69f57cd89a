#!/usr/bin/env python3
"""Measure `tfseal gate` beside other readers of the same plans.

examples:
  ./dev bench                       plans of 100 KB, 1 MB and 10 MB, five rounds
  ./dev bench --full                100 KB to 500 MB, pretty and compact: the figures of docs/performance.md
  ./dev bench --sizes 1M,100M --rounds 3 --json figures.json

All programs run on all plans in turn, round after round, so that what else the machine does touches all of them
alike; figures are medians over the rounds after one warm-up. Compare the ratios: they travel between machines.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
JQ_FILTER = ('[.resource_changes[]|select(.type=="aws_rds_cluster" and .change.after.storage_encrypted != true)]|length')
# Above these sizes a program takes minutes or most of the memory, and its ratio is known from the sizes below.
LARGEST = {"jsoncpp": 150_000_000, "jq": 150_000_000}


def size_of(text):
    unit = {"K": 10**3, "M": 10**6, "G": 10**9}.get(text[-1].upper())
    return int(float(text[:-1]) * unit) if unit else int(text)


def grow(size, pretty, folder):
    path = os.path.join(folder, "%s%s.json" % (size, "-pretty" if pretty else ""))
    command = [sys.executable, os.path.join(HERE, "grow_plan.py"), "--size", size, "-o", path]
    counts = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    if pretty:  # as many replicas as the compact plan of this size has, and so the same content
        command += ["--pretty", "--replicas", str(counts["replicas"])]
        counts = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return dict(counts, path=path, label=size + (" pretty" if pretty else ""), size=size, pretty=pretty)


def programs(build):
    tfseal = os.path.join(build, "cli", "tfseal")
    found = {
        "gate": [tfseal, "gate", "{}"],
        "gate json": [tfseal, "gate", "{}", "--output", "json"],  # the whole report, and the digest of the input
        "walk": [os.path.join(build, "bench", "bench_walk_ondemand"), "{}"],
        "jsoncpp": [os.path.join(build, "bench", "bench_dom_jsoncpp"), "{}"],
        "wc": ["wc", "-l", "{}"],
        "empty": [os.path.join(build, "bench", "bench_empty")],
    }
    if shutil.which("jq"):
        found["jq"] = ["jq", "-c", JQ_FILTER, "{}"]
    else:
        print("SKIP jq: it is not installed", file=sys.stderr)
    return found


def measure(build, command, path, cwd):
    words = [word.replace("{}", path) for word in command]
    done = subprocess.run([os.path.join(build, "bench", "bench_measure")] + words, check=True, capture_output=True,
                          text=True, cwd=cwd)
    run = json.loads(done.stdout)
    if run["exit"] not in (0, 3, 4) or (run["exit"] != 0 and command[1:2] != ["gate"]):
        sys.exit("bench: %s ended with %d" % (" ".join(words), run["exit"]))
    return run


def interleave(build, commands, plans, rounds, cwd):
    """(program, plan) -> the runs after the warm-up."""
    runs = {}
    for number in range(rounds + 1):
        for plan in plans:
            for name, command in commands.items():
                if plan["bytes"] > LARGEST.get(name, 1 << 62):
                    continue
                run = measure(build, command, plan["path"], cwd)
                if number > 0:
                    runs.setdefault((name, plan["label"]), []).append(run)
    return runs


def medians(runs):
    return {key: {field: statistics.median(run[field] for run in of_key) for field in ("wall_ms", "cpu_ms", "rss_kib")}
            for key, of_key in runs.items()}


class Targets:
    """Ratios with what they must and should be. `more` ratios are better when larger."""

    def __init__(self, figures, plans):
        self.figures, self.plans, self.rows = figures, {p["label"]: p for p in plans}, []

    def add(self, name, value, must, good, more=False):
        if value is None:
            return
        reached = [value >= t if more else value <= t for t in (must, good)]
        self.rows.append({"name": name, "value": round(value, 2), "must": must, "good": good, "more_is_better": more,
                          "met": "good" if reached[1] else "must" if reached[0] else "MISSED"})

    def cpu(self, program, label):
        figure = self.figures.get((program, label))
        return figure["cpu_ms"] if figure else None

    def ratio(self, above, below):
        over, under = self.cpu(*above), self.cpu(*below)
        return over / under if over and under else None

    def collect(self):
        for gate in ("gate", "gate json"):
            for label in ("10M", "100M", "500M"):
                self.add(gate + " / On-Demand walk, CPU, " + label, self.ratio((gate, label), ("walk", label)), 1.3, 1.0)
                self.add("jsoncpp / " + gate + ", CPU, " + label, self.ratio(("jsoncpp", label), (gate, label)), 10, 15, True)
                self.add("jq / " + gate + ", CPU, " + label, self.ratio(("jq", label), (gate, label)), 12, 20, True)
                self.add(gate + " / wc -l, CPU, " + label, self.ratio((gate, label), ("wc", label)), 10, 7.5)
            for label, plan in self.plans.items():
                rss = self.figures[(gate, label)]["rss_kib"] * 1024 / 1e6
                self.add("peak memory MB, %s, %s" % (gate, label), rss, round(64 + 0.1 * plan["bytes"] / 1e6),
                         32 + plan["output_mb"])
        self.add("CPU(500M) / CPU(100M)", self.ratio(("gate", "500M"), ("gate", "100M")), 8, 7)
        for label in ("10M", "100M"):
            self.add("pretty / compact, CPU, " + label, self.ratio(("gate", label + " pretty"), ("gate", label)), 1.7, 1.4)
        self.add("100 KB plan / empty process, CPU", self.ratio(("gate", "100K"), ("empty", "100K")), 10, 5)
        for label, must, good in (("100K", 10, 5), ("1M", 25, 10)):
            if ("gate", label) in self.figures:
                self.add("wall ms, " + label, self.figures[("gate", label)]["wall_ms"], must, good)
        return self.rows


def print_tables(figures, plans, rows):
    print("%-12s %-10s %10s %10s %10s" % ("plan", "program", "wall ms", "CPU ms", "RSS MB"))
    for plan in plans:
        for (name, label), figure in figures.items():
            if label == plan["label"]:
                print("%-12s %-10s %10.2f %10.2f %10.1f" % (label, name, figure["wall_ms"], figure["cpu_ms"],
                                                          figure["rss_kib"] * 1024 / 1e6))
    print("\n%-46s %8s %8s %8s  %s" % ("target", "value", "must", "good", "met"))
    for row in rows:
        sign = ">=" if row["more_is_better"] else "<="
        print("%-46s %8.2f %5s %g %5s %g  %s" % (row["name"], row["value"], sign, row["must"], sign, row["good"], row["met"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release", help="where the programs were built")
    parser.add_argument("--sizes", default="100K,1M,10M", help="of the plans, compact; K, M, G")
    parser.add_argument("--pretty", default="", help="sizes to measure pretty-printed too, with the content of the compact plan")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--full", action="store_true", help="100K,1M,10M,100M,500M and 100M pretty")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a `must` is missed")
    options = parser.parse_args()
    if options.full:
        options.sizes, options.pretty = "100K,1M,10M,100M,500M", "100M"
    build = os.path.abspath(options.build)
    with tempfile.TemporaryDirectory(prefix="tfseal-bench-") as folder:
        plans = [grow(size, False, folder) for size in options.sizes.split(",")]
        plans += [grow(size, True, folder) for size in filter(None, options.pretty.split(","))]
        commands = programs(build)
        for plan in plans:
            out = subprocess.run([w.replace("{}", plan["path"]) for w in commands["gate json"]], capture_output=True, cwd=folder)
            plan["output_mb"] = round(len(out.stdout) / 1e6, 1)
        figures = medians(interleave(build, commands, plans, options.rounds, folder))
    rows = Targets(figures, plans).collect()
    print_tables(figures, plans, rows)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"rounds": options.rounds, "targets": rows,
                       "plans": [{k: v for k, v in plan.items() if k != "path"} for plan in plans],
                       "figures": [dict(figure, program=name, plan=label) for (name, label), figure in figures.items()]},
                      file, indent=2)
            file.write("\n")
    if options.strict and any(row["met"] == "MISSED" for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
