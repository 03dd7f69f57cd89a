#!/usr/bin/env python3
"""kill -9 at every request and after every journal record, and lost replies, in both runbooks; then resumed.

Every trial must end as an undisturbed run ends: the same world, nothing done twice, no recovery point lost, no secret
anywhere.

  kill.py                     a spread of points that fits the time (--seconds, default 120)
  kill.py --full              every request, before and after; every journal record; every changing request's reply lost
  kill.py --random 500        that many SIGKILLs of the binary at random moments
  kill.py aurora | key        one runbook
Exit 77: moto, boto3 or PostgreSQL is missing.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import estate  # noqa: E402
import postgres_server  # noqa: E402
import running  # noqa: E402
import tfseal  # noqa: E402
from repeated import repeated_changes  # noqa: E402

RUNBOOKS = {"aurora": estate.Aurora, "key": estate.Key}
MINE = {"access_key": estate.ACCESS_KEY}


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


class Trials:
    def __init__(self, kind, aws, folder):
        self.aws, self.folder, self.kind = aws, folder, kind
        self.estate = RUNBOOKS[kind](aws, os.path.join(folder, kind))
        self.number = 0
        self.failed = []

    def trial(self, faults=(), environment=None, name="undisturbed"):
        """One run to the end. Returns (calls of tfseal, end of the world, run)."""
        self.number += 1
        self.estate.build()
        folder = os.path.join(self.folder, self.kind, f"{self.number:04d}")
        if os.path.exists(os.path.join(self.estate.folder, "sealed")):
            shutil.rmtree(os.path.join(self.estate.folder, "sealed"))
        plain = self.estate.run(folder=folder)
        run = Killed(folder, {**self.estate.environment, **(environment or {})}, plain.flags)
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

    def disturbed(self, name, faults=(), environment=None, expect_kill=True):
        began = time.monotonic()
        try:
            _, end, run = self.trial(faults, environment, name)
            if end != self.end:
                raise AssertionError(f"another end:\n{json.dumps(end, indent=1)}\nwant\n{json.dumps(self.end, indent=1)}")
            if expect_kill and not run.kills and not self.fewer_syncs(environment):
                raise AssertionError("nothing was killed")
            shutil.rmtree(run.folder, ignore_errors=True)
            word = "       OK "
        except (AssertionError, RuntimeError, subprocess.TimeoutExpired) as error:
            print(f"kill {self.kind} {name}: {error}", flush=True)
            self.failed.append(name)
            word = "  FAILED  "
        print(f"[{word}] kill.{self.kind}.{name} ({int((time.monotonic() - began) * 1000)} ms)", flush=True)

    def reference(self):
        began = time.monotonic()
        self.calls, self.end, run = self.trial(environment=self.counting())
        with open(os.path.join(self.folder, "syncs"), "rb") as counter:
            self.records = len(counter.read())
        print(f"kill {self.kind}: undisturbed {time.monotonic() - began:.1f} s, {len(self.calls)} requests, "
              f"{sum(c['changing'] for c in self.calls)} of them changing, {self.records} records synced", flush=True)
        shutil.rmtree(run.folder, ignore_errors=True)

    def counting(self, at=0):
        counter = os.path.join(self.folder, "syncs")
        if os.path.exists(counter):
            os.unlink(counter)
        return {"LD_PRELOAD": self.preload(), "KILL_SYNC_COUNTER": counter, "KILL_AT_SYNC": str(at)}

    @staticmethod
    def fewer_syncs(environment):
        """Whether this run synced less often than the undisturbed one: the lock's signs of life come by the clock."""
        return bool(environment) and os.path.getsize(environment["KILL_SYNC_COUNTER"]) < int(environment["KILL_AT_SYNC"])

    def preload(self):
        library = os.path.join(self.folder, "kill_after_sync.so")
        if not os.path.exists(library):
            source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kill_after_sync.c")
            subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        return library

    def points(self):
        """Every disturbance there is: (name, faults, environment maker, whether a process dies)."""
        found = []
        for n, call in enumerate(self.calls, 1):
            for when in ("before", "after"):
                if when == "after" and not call["changing"]:
                    continue  # a read that was answered to nobody is a read that was not made
                fault = {"action": "*", "nth": n, "signal": "KILL", "pid": "client", "when": when, **MINE}
                found.append((f"killed-{when}-request-{n}-{call['action']}", (fault,), None, True))
        changing = [c for c in self.calls if c["changing"]]
        for n, call in enumerate(changing, 1):
            fault = {"action": "*", "changing": True, "nth": n, "after": True, **MINE}
            found.append((f"reply-lost-{n}-{call['action']}", (fault,), None, False))
        for n in range(1, self.records + 1):
            found.append((f"killed-after-record-{n}", (), n, True))
        return found

    def spread(self, points, seconds):
        """As many as fit, evenly spread, another selection for every seed."""
        began, order = time.monotonic(), list(points)
        random.Random(os.environ.get("E2E_SEED", time.strftime("%Y%j"))).shuffle(order)
        done = 0
        for name, faults, record, dies in order:
            if seconds is not None and time.monotonic() - began > seconds:
                break
            done += 1
            self.disturbed(name, faults, self.counting(record) if record else None, dies)
        print(f"kill {self.kind}: {done} of {len(points)} points, {len(self.failed)} failed", flush=True)

    def at_random(self, kills, chance):
        """Processes that die at any moment, until so many have."""
        dead = 0
        while dead < kills:
            dead += self.one_life(kills - dead, chance)
        print(f"kill {self.kind}: {dead} SIGKILLs at random moments, {len(self.failed)} failed", flush=True)

    def one_life(self, at_most, chance):
        self.number += 1
        name = f"random-{self.number}"
        began = time.monotonic()
        self.estate.build()
        run = self.estate.run(folder=os.path.join(self.folder, self.kind, f"{self.number:04d}"))
        person, dead, patience = estate.person(self.estate, run), 0, 0.3
        size = -1
        try:
            for _ in range(5000):
                command = "resume" if os.path.exists(run.journal) else "apply"
                process = subprocess.Popen([run.program, command, run.actions, *run.run_flags()], cwd=run.folder, env=run.environment,
                                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                try:
                    process.communicate(timeout=chance.uniform(0.01, patience) if dead < at_most else 600)
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
                    raise AssertionError(f"{command} ended with {process.returncode}")
                self.wait_over(run, person)
            calls = [c for c in self.aws.calls() if c["account"] == estate.ACCESS_KEY]
            end, doubles = self.estate.end(), repeated_changes(calls)
            if end != self.end or doubles:
                raise AssertionError(f"another end, or done twice: {doubles}\n{json.dumps(end, indent=1)}")
            word = "       OK "
        except (AssertionError, RuntimeError) as error:
            print(f"kill {self.kind} {name}: {error}", flush=True)
            self.failed.append(name)
            word = "  FAILED  "
        print(f"[{word}] kill.{self.kind}.{name}-with-{dead}-kills ({int((time.monotonic() - began) * 1000)} ms)", flush=True)
        return max(dead, 1)

    def wait_over(self, run, person):
        status = run.status()
        if not any([person(item) for item in status["waiting"]]):
            run.move_to(status["due"])
            self.aws.world(clock_offset=run.offset)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runbooks", nargs="*", choices=[*RUNBOOKS, []])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--random", type=int, default=0, metavar="KILLS")
    parser.add_argument("--keep", action="store_true")
    flags = parser.parse_args()
    running.clients()
    wanted = flags.runbooks or list(RUNBOOKS)
    if "aurora" in wanted and postgres_server.missing():
        raise running.Skip(postgres_server.missing())
    folder = tempfile.mkdtemp(prefix="tfseal-kill-")
    failed = []
    for kind in wanted:
        base = os.path.join(folder, kind + "-files")
        os.makedirs(base)
        made = RUNBOOKS[kind]
        with running.Emulator(*made.flags, account=made.account, log=os.path.join(base, "emulator.log")) as aws:
            trials = Trials(kind, aws, base)
            trials.reference()
            if flags.random:
                trials.at_random(flags.random // len(wanted), random.Random(7))
            else:
                trials.spread(trials.points(), None if flags.full else flags.seconds / len(wanted))
            failed += trials.failed
    if failed or flags.keep:
        print(f"kill: everything is in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
