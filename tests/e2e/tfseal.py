"""The binary as a scheduled CI job uses it: apply, then resume until it is done; nothing secret may ever come out."""

import datetime
import json
import os
import subprocess
import time

CANARIES = ("CANARY", "Q0FOQVJZ")  # the second is the base64 of the first


def binary():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    found = os.environ.get("TFSEAL") or os.path.join(root, "build", "dev", "cli", "tfseal")
    if not os.access(found, os.X_OK):
        raise RuntimeError(f"{found} is not there: ./dev build dev")
    return found


class Leak(AssertionError):
    pass


def scan(text, where):
    for canary in CANARIES:
        at = text.find(canary)
        if at >= 0:
            raise Leak(f"a secret is in {where}: ...{text[max(0, at - 80):at]}<here>")


class Run:
    """One action plan and its journal. `offset` is how far the job's clock is ahead, in seconds."""

    def __init__(self, folder, environment, flags=(), program=None):
        self.folder, self.environment, self.flags = folder, environment, list(flags)
        self.program = program or binary()
        self.offset = 0
        self.log = []
        os.makedirs(folder, exist_ok=True)
        self.actions = os.path.join(folder, "actions.json")
        self.journal = os.path.join(folder, "actions.journal")

    def call(self, *arguments, timeout=600, environment=None):
        started = time.monotonic()
        done = subprocess.run([self.program, *arguments], cwd=self.folder, env=environment or self.environment, text=True,
                              timeout=timeout, stdin=subprocess.DEVNULL, capture_output=True)
        self.log.append((arguments, done.returncode, round(time.monotonic() - started, 2)))
        with open(os.path.join(self.folder, "transcript.txt"), "a", encoding="utf-8") as out:
            out.write(f"$ tfseal {' '.join(arguments)}\n{done.stdout}{done.stderr}exit {done.returncode}\n\n")
        scan(done.stdout, f"the output of {arguments[0]}")
        scan(done.stderr, f"the messages of {arguments[0]}")
        return done

    def plan(self, *inputs, config):
        done = self.call("plan", *inputs, "--config", config, "--out", self.actions)
        if done.returncode != 0:
            raise RuntimeError(f"plan ended with {done.returncode}: {done.stderr[-2000:]}")
        with open(self.actions, encoding="utf-8") as source:
            text = source.read()
        scan(text, "the action plan")
        return json.loads(text)

    def now(self):
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.offset)
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def run_flags(self):
        return [*self.flags, "--journal", self.journal, *(["--now", self.now()] if self.offset else [])]

    def apply(self, command="apply", **more):
        return self.call(command, self.actions, *self.run_flags(), **more)

    def status(self):
        done = self.call("status", self.actions, "--journal", self.journal, "--output", "json")
        return json.loads(done.stdout)

    def approve(self, action, *more):
        done = self.call("approve", self.actions, "--journal", self.journal, "--action", action, "--by", "a. person",
                         "--reason", "OPS-7", *more)
        if done.returncode != 0:
            raise RuntimeError(f"approve ended with {done.returncode}: {done.stderr[-1000:]}")

    def scan_files(self):
        """No canary in any file that the runs left: journal, lock, evidence, transcripts."""
        for base, _, names in os.walk(self.folder):
            if ".terraform" in base:
                continue
            for name in names:
                if name.endswith((".tfstate", ".tfplan", ".backup", ".tf", ".lock.hcl")) or name.endswith(".secret.json"):
                    continue  # Terraform's own hold what Terraform was given
                with open(os.path.join(base, name), "rb") as source:
                    scan(source.read().decode("utf-8", "replace"), os.path.join(base, name))

    def move_to(self, due):
        """The next run believes that it is a minute after `due`."""
        until = datetime.datetime.fromisoformat(due.replace("Z", "+00:00"))
        ahead = (until - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        self.offset = max(self.offset, int(ahead) + 60)

    def to_the_end(self, person, clock=lambda offset: None, rounds=80, command="apply"):
        """Applies and resumes. person(item) does what a waiting item (of status) asks a person for and returns True, or
        False if it is only a matter of time. clock(offset) is told when time is moved on."""
        for _ in range(rounds):
            done = self.apply(command)
            command = "resume"
            if done.returncode == 0:
                return done
            if done.returncode != 6:
                raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stderr[-4000:]}")
            status = self.status()
            if not status["waiting"]:
                raise RuntimeError(f"exit 6, and status shows nothing that waits:\n{done.stderr[-2000:]}")
            acted = [person(item) for item in status["waiting"]]
            if not any(acted):
                due = status.get("due")
                if not due:
                    raise RuntimeError(f"nothing to do and no due time: {json.dumps(status['waiting'], indent=1)}")
                self.move_to(due)
                clock(self.offset)
        raise RuntimeError(f"not done after {rounds} runs")
