#!/usr/bin/env python3
"""kill -9 at every request and after every journal record, and lost replies, in both runbooks; then resumed.

Every trial must end as an undisturbed run ends: the same world, nothing done twice, no recovery point lost, no secret
anywhere.

  kill.py --points 10         that many points in each runbook, of every sort, chosen by --seed; the default
  kill.py --full              every request, before and after; every journal record; every changing request's reply lost,
                              and every reading one's, many of them in one run
  kill.py --random 500        that many SIGKILLs of the binary at random moments, the same in each runbook
  kill.py aurora | key | fetching   one runbook; fetching is the key of an application that reads its secret itself
  kill.py --jobs 2            trials on that many emulators at the same time
Exit 77: moto, boto3 or PostgreSQL is missing.
"""

import argparse
import collections
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import estate  # noqa: E402
import postgres_server  # noqa: E402
import running  # noqa: E402
import tfseal  # noqa: E402
from repeated import repeated_changes  # noqa: E402

RUNBOOKS = {"aurora": estate.Aurora, "key": estate.Key, "fetching": estate.Fetching}
MINE = {"access_key": estate.ACCESS_KEY}
READS_AT_ONCE = 8  # the reply of every eighth request is lost, in one run for each remainder

# A disturbance: its sort, its name, faults of the emulator, the record after which it dies or None, whether anything dies.
Point = collections.namedtuple("Point", "sort name faults record dies")


class Killed(tfseal.Run):
    """A run whose every process may die; `preload` makes it die after a journal record."""

    kills = 0

    def approve(self, *arguments):
        try:
            super().approve(*arguments)
        except RuntimeError as error:
            if "ended with -9" not in str(error):
                raise
            self.kills += 1
            super().approve(*arguments)

    def apply(self, command="apply", **more):
        while True:
            done = super().apply(command, **more)
            if done.returncode != -9:
                return done
            self.kills += 1
            command = "resume" if os.path.exists(self.journal) else command
            if self.kills > 50:
                raise RuntimeError("killed again and again")


class Reference:
    """What an undisturbed run does and leaves, and with it every point at which one can be disturbed."""

    def __init__(self, calls, end, records):
        self.calls, self.end, self.records = calls, end, records

    def points(self):
        found = []
        for n, call in enumerate(self.calls, 1):
            for when in ("before", "after"):
                if when == "after" and not call["changing"]:
                    continue  # a read that was answered to nobody is a read that was not made
                fault = {"action": "*", "nth": n, "signal": "KILL", "pid": "client", "when": when, **MINE}
                found.append(Point(f"killed-{when}", f"killed-{when}-request-{n}-{call['action']}", (fault,), None, True))
        for n, call in enumerate([c for c in self.calls if c["changing"]], 1):
            fault = {"action": "*", "changing": True, "nth": n, "after": True, **MINE}
            found.append(Point("reply-lost", f"reply-lost-{n}-{call['action']}", (fault,), None, False))
        for first in range(1, READS_AT_ONCE + 1):
            # Twice as many as were counted: what is asked again is counted, too.
            lost = tuple({"action": "*", "nth": n, "drop": True, "after": True, **MINE} for n in range(first, 2 * len(self.calls), READS_AT_ONCE))
            found.append(Point("replies-lost", f"replies-lost-from-{first}-by-{READS_AT_ONCE}", lost, None, False))
        for n in range(1, self.records + 1):
            found.append(Point("killed-after-record", f"killed-after-record-{n}", (), n, True))
        return found

    def chosen(self, chance):
        """All points, each sort in an order of chance, and the sorts by turns: however few are taken, all sorts are in them."""
        sorts = {}
        for point in self.points():
            sorts.setdefault(point.sort, []).append(point)
        for points in sorts.values():
            chance.shuffle(points)
        order = []
        while any(sorts.values()):
            order += [points.pop() for points in sorts.values() if points]
        return order


class Tally:
    """What came of the trials of one runbook, whoever made them."""

    def __init__(self):
        self.lock = threading.Lock()
        self.done, self.failed, self.not_reached, self.kills = collections.Counter(), [], 0, 0


class Trials:
    """One emulator, and one run after the other on it."""

    def __init__(self, kind, aws, folder, tally):
        self.aws, self.folder, self.kind, self.tally = aws, folder, kind, tally
        self.estate = RUNBOOKS[kind](aws, os.path.join(folder, kind))
        self.number = 0

    def run(self, folder):
        self.estate.build()
        if os.path.exists(os.path.join(self.estate.folder, "sealed")):
            shutil.rmtree(os.path.join(self.estate.folder, "sealed"))
        return self.estate.run(folder=folder)

    def trial(self, faults=(), environment=None, name="undisturbed"):
        """One run to the end. Returns (calls of tfseal, end of the world, run)."""
        self.number += 1
        plain = self.run(os.path.join(self.folder, self.kind, f"{self.number:04d}"))
        run = Killed(plain.folder, {**self.estate.environment, **(environment or {})}, plain.flags)
        self.aws.clear()
        self.aws.faults(*faults)
        run.to_the_end(estate.person(self.estate, run), clock=lambda offset: self.aws.world(clock_offset=offset))
        calls = [c for c in self.aws.calls() if c["account"] == estate.ACCESS_KEY]
        self.aws.clear()
        end = self.estate.end()
        run.scan_files()
        doubles = repeated_changes(calls)
        if doubles:
            raise AssertionError(f"{name}: done twice: {doubles}")
        return calls, end, run

    def reference(self):
        began = time.monotonic()
        calls, end, run = self.trial(environment=self.counting())
        found = Reference(calls, end, self.synced())
        print(f"kill {self.kind}: undisturbed {time.monotonic() - began:.1f} s, {len(calls)} requests, "
              f"{sum(c['changing'] for c in calls)} of them changing, {found.records} records synced", flush=True)
        shutil.rmtree(run.folder, ignore_errors=True)
        return found

    def disturbed(self, point, reference):
        began = time.monotonic()
        try:
            calls, end, run = self.trial(point.faults, self.counting(point.record) if point.record else None, point.name)
            if end != reference.end:
                raise AssertionError(f"another end:\n{json.dumps(end, indent=1)}\nwant\n{json.dumps(reference.end, indent=1)}")
            reached = self.reached(point, calls)
            if reached and point.dies and not run.kills:
                raise AssertionError("nothing was killed")
            shutil.rmtree(run.folder, ignore_errors=True)
            word, kills = "       OK ", run.kills
        except Exception:
            print(f"kill {self.kind} {point.name}: {traceback.format_exc()}", flush=True)
            word, kills, reached = "  FAILED  ", 0, True
        with self.tally.lock:
            self.tally.done[point.sort] += 1
            self.tally.kills += kills
            self.tally.not_reached += not reached
            if word == "  FAILED  ":
                self.tally.failed.append(point.name)
        name = point.name + ("" if reached else "-not-reached")
        print(f"[{word}] kill.{self.kind}.{name} ({int((time.monotonic() - began) * 1000)} ms)", flush=True)

    def reached(self, point, calls):
        """Whether the run got to the point. The lock's signs of life and what is polled come by the clock, so that a run
        may have a few records or requests less than the undisturbed one; with that many, the point cannot be missed."""
        if point.record:
            return self.synced() >= point.record
        if any(call["fault"] for call in calls):
            return True
        changing = point.faults[0].get("changing")
        if sum(not changing or call["changing"] for call in calls) >= point.faults[0]["nth"]:
            raise AssertionError("the fault did not happen, although the request was made")
        return False

    def synced(self):
        with open(os.path.join(self.folder, "syncs"), "rb") as counter:
            return len(counter.read())

    def counting(self, at=0):
        counter = os.path.join(self.folder, "syncs")
        if os.path.exists(counter):
            os.unlink(counter)
        return {"LD_PRELOAD": self.preload(), "KILL_SYNC_COUNTER": counter, "KILL_AT_SYNC": str(at)}

    def preload(self):
        library = os.path.join(self.folder, "kill_after_sync.so")
        if not os.path.exists(library):
            source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kill_after_sync.c")
            subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        return library

    def lives(self, kills, chance, reference):
        """Runs whose processes die at any moment, until so many have."""
        dead = 0
        while dead < kills:
            dead += self.one_life(kills - dead, chance, reference)

    def one_life(self, at_most, chance, reference):
        self.number += 1
        name = f"random-{self.number}"
        began = time.monotonic()
        run = self.run(os.path.join(self.folder, self.kind, f"{self.number:04d}"))
        person, dead, patience = estate.person(self.estate, run), 0, 0.3
        size = -1
        try:
            for _ in range(5000):
                command = "resume" if os.path.exists(run.journal) else "apply"
                process = subprocess.Popen([run.program, command, run.actions, *run.run_flags()], cwd=run.folder, env=run.environment,
                                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                try:
                    _, said = process.communicate(timeout=chance.uniform(0.01, patience) if dead < at_most else 600)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.communicate()
                    dead += 1
                    now = os.path.getsize(run.journal) if os.path.exists(run.journal) else 0
                    patience = 0.3 if now != size else min(patience * 1.3, 60)
                    size = now
                    continue
                if process.returncode == 0:
                    break
                if process.returncode != 6:
                    raise AssertionError(f"{command} ended with {process.returncode}: {said[-2000:]}")
                self.wait_over(run, person)
            calls = [c for c in self.aws.calls() if c["account"] == estate.ACCESS_KEY]
            end, doubles = self.estate.end(), repeated_changes(calls)
            if end != reference.end or doubles:
                raise AssertionError(f"another end, or done twice: {doubles}\n{json.dumps(end, indent=1)}\nwant\n{json.dumps(reference.end, indent=1)}")
            run.scan_files()
            shutil.rmtree(run.folder, ignore_errors=True)
            word = "       OK "
        except Exception:
            print(f"kill {self.kind} {name}: {traceback.format_exc()}", flush=True)
            word = "  FAILED  "
        with self.tally.lock:
            self.tally.done["run"] += 1
            self.tally.kills += dead
            if word == "  FAILED  ":
                self.tally.failed.append(name)
        print(f"[{word}] kill.{self.kind}.{name}-with-{dead}-kills ({int((time.monotonic() - began) * 1000)} ms)", flush=True)
        return max(dead, 1)

    def wait_over(self, run, person):
        status = run.status()
        if not any([person(item) for item in status["waiting"]]):
            run.move_to(status["due"])
            self.aws.world(clock_offset=run.offset)


def carry_out(kind, folder, flags):
    """All trials of one runbook, on flags.jobs emulators. Returns the tally."""
    made, tally, began = RUNBOOKS[kind], Tally(), time.monotonic()
    with contextlib.ExitStack() as stack:
        makers = []
        for number in range(flags.jobs):
            base = os.path.join(folder, f"{kind}-{number}")
            os.makedirs(base)
            aws = stack.enter_context(running.Emulator(*made.flags, account=made.account, log=os.path.join(base, "emulator.log")))
            makers.append(Trials(kind, aws, base, tally))
        reference = makers[0].reference()
        order = reference.chosen(random.Random(f"{flags.seed} {kind}"))
        total, left = len(order), iter(order if flags.full else order[:flags.points])

        def points(trials):
            while True:
                with tally.lock:
                    point = next(left, None)
                if point is None:
                    return
                trials.disturbed(point, reference)

        def lives(trials, number):
            share = flags.random // len(flags.runbooks)
            kills = share // flags.jobs + (number < share % flags.jobs)
            trials.lives(kills, random.Random(f"{flags.seed} {kind} {number}"), reference)

        threads = [threading.Thread(target=lives, args=(trials, number)) if flags.random else threading.Thread(target=points, args=(trials,))
                   for number, trials in enumerate(makers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    what = ", ".join(f"{n} {sort}" for sort, n in sorted(tally.done.items()))
    print(f"kill {kind}: {what}{'' if flags.random else f' of {total} points'}; {tally.kills} SIGKILLs, {tally.not_reached} not reached, "
          f"{len(tally.failed)} failed, {time.monotonic() - began:.0f} s", flush=True)
    return tally


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runbooks", nargs="*", choices=[*RUNBOOKS, []])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--points", type=int, default=10)
    parser.add_argument("--random", type=int, default=0, metavar="KILLS")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", default=time.strftime("%Y%j"), help="of what is left to chance; default: the day")
    parser.add_argument("--keep", action="store_true")
    flags = parser.parse_args()
    flags.runbooks = flags.runbooks or list(RUNBOOKS)
    running.clients()
    if "aurora" in flags.runbooks and postgres_server.missing():
        raise running.Skip(postgres_server.missing())
    folder = tempfile.mkdtemp(prefix="tfseal-kill-")
    print(f"kill: --seed {flags.seed}", flush=True)
    failed = [name for kind in flags.runbooks for name in carry_out(kind, folder, flags).failed]
    if failed or flags.keep:
        print(f"kill: everything is in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
