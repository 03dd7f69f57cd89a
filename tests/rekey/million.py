#!/usr/bin/env python3
"""A million rows that an independent program sealed, moved to another key of KMS by two processes while the application goes
on; at the end the program opens every row.

  million.py                    1,000,000 rows, 2 workers, 4 writers
  million.py --rows N --workers N --writers N --shared N (rows that share a data key, as in applications with a cache)

The schema is that of the runbook for zero-downtime key rotation, KMS is the emulator's, PostgreSQL is real. Prints what was
counted and how long it took; ends with 1 if a row is lost, does not open, or is under the old key."""

import argparse
import subprocess
import sys
import time

import kms_place
import place as places
import running


class Clock:
    def __init__(self):
        self.since = time.monotonic()

    def lap(self):
        before, self.since = self.since, time.monotonic()
        return self.since - before


def show(line):
    print(line, flush=True)


def million(kms, options):
    import application
    clock = Clock()
    with kms.place("rewrap", shared=options.shared, cache_ttl=1) as place:
        place.application.fill(options.rows, payload=options.payload)
        show(f"filled: {options.rows} rows with {options.rows // options.shared} data keys in {clock.lap():.0f} s")
        assert place.run("setup")[0] == 0
        kms.aws.clear()
        clock.lap()
        with application.Writers(place.application, count=options.writers, cache_seconds=0.3) as writers:
            workers = [kms.start(place, "run") for _ in range(options.workers)]
            codes = [process.wait() for process in workers]
            took = clock.lap()
        status = place.status()
        asked = {action: kms.calls(action) for action in ("ReEncrypt", "Decrypt", "GenerateDataKey")}
        for process in workers:
            show(place.said(process).strip())
        show(f"moved: {status['rows']['changed']} rows in {took:.0f} s, {status['rows']['changed'] / took:.0f} rows a second; "
             f"{status['rows']['conflicts']} conflicts, {status['rows']['issues']} issues, pass {status['pass']}")
        writes = dict(place.application.writes)
        show(f"written meanwhile: {sum(writes.values())} times, {writes}; calls of KMS by all: {asked}")
        clock.lap()
        verify = subprocess.run([places.TFSEAL, "rekey", "verify", "--config", place.config], env=place.surroundings, capture_output=True,
                                text=True)
        show(f"rekey verify: exit {verify.returncode} in {clock.lap():.0f} s\n{verify.stdout.strip()}")
        problems = place.application.problems()
        show(f"opened by Python: {len(place.application.truth)} rows in {clock.lap():.0f} s, {len(problems)} problems")
        for problem in problems[:20]:
            show("  " + problem)
        left = place.server.sql("SELECT count(*) FROM connections c JOIN encryption_keys k ON k.id = c.encryption_key_id WHERE k.key_id = '2024-09'")
        show(f"under the old key: {left}")
        good = codes == [0] * options.workers and not problems and not writers.failures and verify.returncode == 0 and left == "0"
        good = good and status["phase"] == "completed" and status["rows"]["issues"] == 0
        if writers.failures:
            show(f"the application was refused: {writers.failures[:5]}")
        return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--shared", type=int, default=1000)
    parser.add_argument("--payload", type=int, default=100)
    options = parser.parse_args()
    places.need()
    running.clients()
    kms = kms_place.Kms()
    kms_place.Kms.setUpClass()
    name = f"million.{options.rows}_rows"
    began = time.monotonic()
    try:
        kms.setUp()
        good = million(kms, options)
    finally:
        kms_place.Kms.tearDownClass()
    print(f"[{'       OK ' if good else '  FAILED  '}] {name} ({int((time.monotonic() - began) * 1000)} ms)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
