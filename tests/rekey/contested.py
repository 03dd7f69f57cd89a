#!/usr/bin/env python3
"""Writers and re-encryption fight for the same rows, there and back between two keys, until so many writes were made while a
run was going on. After each run every row is opened and compared with the last acknowledged write.

  contested.py                     2,000 writes
  contested.py --writes 10000000   the long one
  contested.py --seed N            other writes"""

import argparse
import sys
import time

import place as places
import running


def fight(place, options):
    import application
    place.application.create()
    place.application.rows_max = 3 * options.rows
    place.application.fill(options.rows)
    assert place.run("setup")[0] == 0
    total, runs, target, began = 0, 0, "2025-03", time.monotonic()
    while total < options.writes:
        before = sum(place.application.writes.values())
        isolation = ("read-committed", "repeatable-read")[runs % 2]
        with application.Writers(place.application, count=options.writers, cache_seconds=0.2, seed=options.seed + runs,
                                 burst=options.burst) as writers:
            first = place.start("run", "--rows-per-segment", "100", "--isolation", isolation)
            second = place.start("run", "--rows-per-segment", "100", "--isolation", isolation)
            codes = [first.wait(), second.wait()]
            total += sum(place.application.writes.values()) - before
        runs += 1
        problems = place.application.problems(under=target)
        if codes != [0, 0] or problems or writers.failures:
            print(f"run {runs}: {codes}, {problems[:10]}, {writers.failures[:5]}\n{place.said(first)}\n{place.said(second)}")
            return False
        if runs % 20 == 1 or total >= options.writes:
            print(f"{total} writes against {runs} runs in {time.monotonic() - began:.0f} s, none lost: {dict(place.application.writes)}", flush=True)
        place.forget_processes()
        target = place.turn()
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writes", type=int, default=2_000)
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--burst", type=int, default=100, help="writes that every second writer has the server make at a time")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    places.need()
    began = time.monotonic()
    with places.Place(cache_ttl=1) as place:
        good = fight(place, options)
    print(f"[{'       OK ' if good else '  FAILED  '}] contested.{options.writes}_writes ({int((time.monotonic() - began) * 1000)} ms)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
