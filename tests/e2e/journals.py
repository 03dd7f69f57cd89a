#!/usr/bin/env python3
"""Journals that are no files, and what a run asks beside AWS, through the real binary: a bucket, a table, the audit table
of the application, a health page.

  journals.py           all cases
  journals.py NAME..    the named cases only
Exit 77: moto, boto3 or PostgreSQL is missing.
"""

import argparse
import http.server
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import estate  # noqa: E402
import postgres_server  # noqa: E402
import running  # noqa: E402
import tfseal  # noqa: E402
from repeated import repeated_changes  # noqa: E402

OWNER_PASSWORD = "CANARY-journal-password-01"
AUDIT = """CREATE TABLE key_rotation_audit (rotation_date timestamptz NOT NULL, old_key_version text NOT NULL, new_key_version text NOT NULL,
rotation_type text NOT NULL, initiated_by text NOT NULL, notes text)"""


def check(true, text):
    if not true:
        raise AssertionError(text)


class Audited(estate.Key):
    """The application has a database with an audit table."""

    url = ""

    def application(self):
        return """applications:
  - name: pazpaz
    database: { identifier: "pazpaz-*", url_env: PAZPAZ_URL }
    ecs: { cluster: pazpaz-production, services: [pazpaz-api] }
"""

    def secrets(self):
        return {"PAZPAZ_URL": self.url}


class Page(http.server.ThreadingHTTPServer):
    """A health page that answers 503 as often as `sick` says, then 200."""

    def __init__(self):
        self.sick, self.asked = 2, 0
        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/health"


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked += 1
        well = self.path == "/health" and self.server.asked > self.server.sick
        self.send_response(200 if well else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Watched(estate.Aurora):
    """An application with a health page."""

    page = None

    def application(self):
        health = f'    health: {{ url: "{self.page.url}", expect: 200 }}\n'
        return estate.APPLICATION.replace("  - name: z360-staging\n", "  - name: z360-staging\n" + health, 1)


def planned(made, folder, journal=None, **environment):
    if os.path.exists(os.path.join(made.folder, "sealed")):
        shutil.rmtree(os.path.join(made.folder, "sealed"))
    made.build()
    made.environment.update(environment)
    run = made.run(folder=folder)
    run.journal = journal or run.journal
    made.aws.clear()
    return run


def killed_after(run, made, action):
    """One run that is killed once it has made the call."""
    import subprocess
    process = subprocess.Popen([run.program, "resume", run.actions, *run.run_flags()], cwd=run.folder, env=run.environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not any(c["action"] == action and c["account"] == estate.ACCESS_KEY for c in made.aws.calls()):
        check(process.poll() is None, f"ended with {process.returncode} before {action}")
        check(time.monotonic() < deadline, f"no {action} within two minutes")
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()


def approved(run, made):
    person = estate.person(made, run)
    done = run.apply("apply")
    check(done.returncode == 6, f"ends with {done.returncode}: {done.stderr[-1500:]}")
    for item in run.status()["waiting"]:
        person(item)
    return person


def finish(run, made, person):
    run.to_the_end(person, clock=lambda offset: made.aws.world(clock_offset=offset), command="resume")
    status = run.status()
    check(status["state"] == "done", f"the state is {status['state']}")
    doubles = repeated_changes([c for c in made.aws.calls() if c["account"] == estate.ACCESS_KEY])
    check(not doubles, f"done twice: {doubles}")
    audit = run.call("verify", "--journal", run.journal, "--actions", run.actions, "--output", "json")
    check(audit.returncode == 0, f"the journal is {audit.stdout}{audit.stderr}")
    live = live_verdict(run, made)
    check(live.returncode in (0, 3, 4) and json.loads(live.stdout)["journal"] == json.loads(audit.stdout), f"verify --live ends with {live.returncode}: {live.stderr[-1500:]}")
    run.scan_files()
    return json.loads(audit.stdout)


def live_verdict(run, made):
    """The promises of the plan, the live world and the journal of the run in one answer."""
    return run.call("verify", "--live", "--actions", run.actions, "--journal", run.journal, "--config", made.config, "--output", "json")


def undisturbed(made, folder):
    run = planned(made, folder)
    finish(run, made, approved(run, made))
    end = made.end()
    with open(run.journal, "rb") as source:
        good = source.read()
    with open(run.journal, "wb") as out:
        out.write(good[:200] + bytes([good[200] ^ 1]) + good[201:])
    damaged = live_verdict(run, made)
    check(damaged.returncode == 7 and json.loads(damaged.stdout)["journal"]["verdict"] == "damaged", f"a damaged journal: {damaged.returncode} {damaged.stderr[-1500:]}")
    return end


def bucket(aws, folder):
    """Each record is an object of its own; the lease of a killed run is taken over by whoever asks for it."""
    made = estate.Key(aws, os.path.join(folder, "bucket"))
    want = undisturbed(made, os.path.join(folder, "bucket", "file"))
    run = planned(made, os.path.join(folder, "bucket", "run"), journal="s3://journals/pazpaz")
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="journals")
    person = approved(run, made)
    killed_after(run, made, "CreateSecret")
    second = run.apply("resume")
    check(second.returncode == 8 and "take-over" in second.stderr, f"a second run ends with {second.returncode}: {second.stderr[-1500:]}")
    early = run.call("resume", run.actions, *run.run_flags(), "--take-over")
    check(early.returncode == 8, f"taken over while its lease runs: {early.returncode}: {early.stderr[-1500:]}")
    run.offset += 16 * 60
    waits = run.apply("resume")
    check(waits.returncode == 8 and "--take-over" in waits.stderr, f"its lease is over, and a run ends with {waits.returncode}: {waits.stderr[-1500:]}")
    taken = run.call("resume", run.actions, *run.run_flags(), "--take-over")
    check(taken.returncode in (0, 6), f"taken over, and ends with {taken.returncode}: {taken.stderr[-1500:]}")
    audit = finish(run, made, person)
    check(made.end() == want, f"another end: {made.end()}\nwant {want}")
    objects = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="journals", Prefix="pazpaz/records/"):
        objects += [o["Key"] for o in page.get("Contents", [])]
    check(len(objects) == audit["records"], f"{len(objects)} objects, {audit['records']} records")
    for key in objects:
        tfseal.scan(s3.get_object(Bucket="journals", Key=key)["Body"].read().decode("utf-8", "replace"), key)


def table(aws, folder):
    """Each record is a row; the server gives the lock of a killed run back. The key's move is one row of the audit table."""
    farm = postgres_server.Farm()
    try:
        server = farm.start(farm.copy(farm.template(), "journal"), "journal")
        server.sql(f"CREATE ROLE owner LOGIN PASSWORD '{OWNER_PASSWORD}'")
        server.sql("CREATE DATABASE pazpaz OWNER owner")
        server.sql(f"GRANT CREATE ON SCHEMA public TO owner; SET ROLE owner; {AUDIT}", "pazpaz")
        made = Audited(aws, os.path.join(folder, "table"))
        made.url = f"postgresql://owner:{OWNER_PASSWORD}@127.0.0.1:{server.port}/pazpaz"
        want = undisturbed(made, os.path.join(folder, "table", "file"))
        rows = server.sql("SELECT old_key_version || ' ' || new_key_version || ' ' || rotation_type FROM key_rotation_audit", "pazpaz").splitlines()
        check(len(rows) == 1 and rows[0].startswith("env-var "), f"key_rotation_audit has {rows}")
        server.sql("DELETE FROM key_rotation_audit", "pazpaz")
        run = planned(made, os.path.join(folder, "table", "run"), journal=f"postgresql://owner@127.0.0.1:{server.port}/pazpaz#pazpaz", PGPASSWORD=OWNER_PASSWORD)
        person = approved(run, made)
        killed_after(run, made, "CreateSecret")
        audit = finish(run, made, person)
        check(made.end() == want, f"another end: {made.end()}\nwant {want}")
        kept = int(server.sql("SELECT count(*) FROM public.tfseal_journal WHERE journal = 'pazpaz'", "pazpaz"))
        check(kept == audit["records"], f"{kept} rows, {audit['records']} records")
        check(server.sql("SELECT count(*) FROM key_rotation_audit", "pazpaz") == "1", "key_rotation_audit does not have one row")
        tfseal.scan(server.sql("SELECT encode(record, 'escape') FROM public.tfseal_journal", "pazpaz"), "the table")
    finally:
        farm.close()


def health(aws, folder):
    """The health page of the application is asked until it answers as it should."""
    made = Watched(aws, os.path.join(folder, "health"))
    made.page = Page()
    try:
        run = planned(made, os.path.join(folder, "health", "run"))
        finish(run, made, approved(run, made))
        check(made.page.asked > made.page.sick, f"the page was asked {made.page.asked} times")
    finally:
        made.page.shutdown()


CASES = {"bucket": (bucket, (), "123456789012"), "table": (table, (), "123456789012"), "health": (health, ("--postgres",), "108782097218")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES])
    flags = parser.parse_args()
    running.clients()
    if postgres_server.missing():
        raise running.Skip(postgres_server.missing())
    folder = tempfile.mkdtemp(prefix="tfseal-journals-")
    failed = []
    for name in flags.cases or CASES:
        case, emulator, account = CASES[name]
        began = time.monotonic()
        try:
            with running.Emulator(*emulator, account=account, log=os.path.join(folder, name + ".log")) as aws:
                case(aws, folder)
            word = "       OK "
        except running.Skip:
            raise
        except Exception as error:
            print(f"journals {name}: {type(error).__name__}: {error}", flush=True)
            failed.append(name)
            word = "  FAILED  "
        print(f"[{word}] journals.{name} ({int((time.monotonic() - began) * 1000)} ms)", flush=True)
    if failed:
        print(f"journals: everything is in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
