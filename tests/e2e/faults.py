#!/usr/bin/env python3
"""Everything that can go wrong from outside, one at a time: the exit code, what tfseal says, and that nothing is lost.

  faults.py               all cases; compares with docs/failure-matrix.md
  faults.py --write       writes docs/failure-matrix.md from what was seen
  faults.py NAME..        the named cases only
After every fault its cause is taken away and the run resumed; it has to end as an undisturbed run does, where the table
does not say otherwise. Exit 77: moto, boto3 or PostgreSQL is missing.
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import application  # noqa: E402
import estate  # noqa: E402
import postgres_server  # noqa: E402
import running  # noqa: E402
import tfseal  # noqa: E402
from repeated import repeated_changes  # noqa: E402

MATRIX = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "docs", "failure-matrix.md")
MINE = {"access_key": estate.ACCESS_KEY}
ALWAYS = 10**9
COPY = "z360-staging-addonsstack-vg9z1x4cx7y2-dbdbclus-98c496-encrypted"
CASES = []


class Case:
    """text: the fault, for the table. exits: what is right. says: a pattern of the message. arrange(t) makes the fault
    before the run, heal(t) takes it away; `resumes` says whether the run then ends as if nothing had been."""

    def __init__(self, name, text, exits, says, kind="aurora", arrange=None, heal=None, start=None, resumes=True, after=None):
        self.name, self.text, self.exits, self.says, self.kind = name, text, exits, says, kind
        self.arrange, self.heal, self.start, self.resumes, self.after = arrange, heal, start, resumes, after
        CASES.append(self)


class Trial:
    """What a case works with."""

    def __init__(self, made, folder):
        self.estate, self.aws = made, made.aws
        if os.path.exists(os.path.join(made.folder, "sealed")):
            shutil.rmtree(os.path.join(made.folder, "sealed"))
        made.build()
        self.run = made.run(folder=folder)
        self.aws.clear()

    def client(self, service):
        return self.aws.client(service)

    def faults(self, **fault):
        self.aws.faults({"action": "*", "times": ALWAYS, **MINE, **fault})

    def go(self):
        """Until it is done, or ends in another way than by waiting for a person or a time."""
        person = estate.person(self.estate, self.run)
        for _ in range(60):
            done = self.run.apply("resume" if os.path.exists(self.run.journal) else "apply")
            if done.returncode != 6:
                return done
            status = self.run.status()
            if not any([person(item) for item in status["waiting"]]):
                if not status.get("due"):
                    return done
                self.run.move_to(status["due"])
                self.aws.world(clock_offset=self.run.offset)
        raise RuntimeError("waits for ever")

    def approved(self):
        """The first run ends at once, because nobody has approved the wave yet; now somebody has."""
        done = self.run.apply("apply")
        if done.returncode != 6:
            raise AssertionError(f"not approved, and ends with {done.returncode}:\n{done.stderr[-2500:]}")
        person = estate.person(self.estate, self.run)
        if not all([person(item) for item in self.run.status()["waiting"]]):
            raise AssertionError(f"waits for more than approvals: {self.run.status()['waiting']}")
        return self

    def popen(self, **more):
        command = "resume" if os.path.exists(self.run.journal) else "apply"
        return subprocess.Popen([self.run.program, command, self.run.actions, *self.run.run_flags()], cwd=self.run.folder, env=self.run.environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)

    def until(self, action):
        """Waits until tfseal has made a call."""
        for _ in range(1200):
            if any(c["action"] == action and c["account"] == estate.ACCESS_KEY for c in self.aws.calls()):
                return
            time.sleep(0.05)
        raise RuntimeError(f"no {action} within a minute")

    def in_service(self):
        """The old database serves: open, its data whole, the services running."""
        self.aws.client("ecs").describe_services(cluster="z360-staging", services=["z360-staging-web"])
        end = self.estate.end()
        cluster = [c for c in end["clusters"] if c[0] == estate.CLUSTER]
        if not cluster or cluster[0][4] != ["z360-databases"]:
            raise AssertionError(f"the database is not open: {end['clusters']}")
        if end["services"] != {"z360-staging-web": 2}:
            raise AssertionError(f"the services do not run: {end['services']}")
        if end["rows"] != ["100 200 1000"]:
            raise AssertionError(f"the data is not whole: {end['rows']}")


class Ended:
    """A process that was started and ended elsewhere, in the shape of subprocess.run."""

    def __init__(self, process):
        self.stdout, self.stderr = process.communicate(timeout=300)
        self.returncode = process.returncode


def stop_with(number):
    def start(t):
        t.approved().aws.world(pending=3)
        process = t.popen()
        t.until("ModifyDBCluster")
        process.send_signal(number)
        ended = Ended(process)
        t.aws.world(pending=0)
        return ended
    return start


Case("throttled-for-a-while", "every call is throttled twice", (0,), "", arrange=lambda t: t.aws.faults(
    *[{"action": a, "times": 2, "code": "Throttling", "status": 400, **MINE} for a in ("DescribeDBClusters", "ModifyDBCluster", "CreateDBClusterSnapshot", "RestoreDBClusterFromSnapshot")]))
Case("throttled-for-good", "CreateDBClusterSnapshot is throttled for ever", (5,), "throttl|slow down|rate",
     arrange=lambda t: t.faults(action="CreateDBClusterSnapshot", code="Throttling"), heal=lambda t: t.aws.clear())
Case("credentials-expire", "the credentials expire in the middle of the run", (1, 5), "expired|credential",
     arrange=lambda t: t.faults(**{"from": 25}, code="ExpiredToken", status=403), heal=lambda t: t.aws.clear())
Case("access-denied", "a permission is missing", (1, 5), "RestoreDBClusterFromSnapshot",
     arrange=lambda t: t.faults(action="RestoreDBClusterFromSnapshot", code="AccessDenied", status=403), heal=lambda t: t.aws.clear(), after=Trial.in_service)
Case("key-disabled", "the key is disabled before the run", (5,), "disabled|not enabled|key",
     arrange=lambda t: disable(t, True), heal=lambda t: disable(t, False), after=Trial.in_service)
Case("key-denied", "the key's policy lets nobody use it", (5,), "KMSKeyNotAccessible|key",
     arrange=lambda t: t.faults(action="RestoreDBClusterFromSnapshot", code="KMSKeyNotAccessibleFault"), heal=lambda t: t.aws.clear(), after=Trial.in_service)
Case("snapshot-never-completes", "the snapshot stays `creating`; the wait ends after its deadline", (5,), "still|creating",
     arrange=lambda t: hold_snapshot(t), start=lambda t: beyond_the_deadline(t), heal=lambda t: release(t))
Case("restore-fails", "the restored cluster ends `incompatible-restore`", (5,), "incompatible-restore",
     arrange=lambda t: t.aws.world(holds={COPY: "incompatible-restore"}), after=Trial.in_service, resumes=False)
Case("name-taken", "somebody else has a cluster of the new name", (5,), "taken|exists|free",
     arrange=lambda t: t.client("rds").create_db_cluster(DBClusterIdentifier=COPY, Engine="aurora-postgresql", MasterUsername="u", MasterUserPassword="CANARY-other-0001"),
     heal=lambda t: t.client("rds").delete_db_cluster(DBClusterIdentifier=COPY, SkipFinalSnapshot=True), after=Trial.in_service)
Case("clock-skew", "the clock of this machine is wrong by more than AWS accepts", (1, 5), "clock|skew|time",
     arrange=lambda t: t.faults(code="RequestTimeTooSkewed", status=403), heal=lambda t: t.aws.clear(), after=Trial.in_service)
Case("network-cut", "the network is cut in the middle of the run", (1, 5), "connect|network|closed|reach|reply|answer",
     arrange=lambda t: t.faults(**{"from": 30}, drop=True), heal=lambda t: t.aws.clear())
Case("disk-full", "the journal's disk is full", (1, 5), "journal|space|large|write", start=lambda t: Ended(t.approved().popen(preexec_fn=small_files, restore_signals=False)))
Case("journal-damaged", "a byte of the journal is changed", (7,), "damaged|corrupt|journal", start=lambda t: damage(t), heal=lambda t: repair(t))
Case("journal-torn", "the last record of the journal is torn", (0,), "", start=lambda t: tear(t))
Case("two-runs", "a second run is started", (8,), "lock|another run", start=lambda t: second_run(t))
Case("plan-stale", "the cluster was changed after the plan was made", (1, 5), "plan|changed|expects|differs|not what",
     arrange=lambda t: rename_away(t, estate.CLUSTER, "somebody-was-here"), heal=lambda t: rename_away(t, "somebody-was-here", estate.CLUSTER))
Case("wrong-account", "the credentials belong to another account", (1, 5), "account", start=lambda t: other_account(t))
Case("plan-edited", "a name in the plan was changed by hand before the run", (1, 64), "plan", start=lambda t: edited(t, before=True), heal=lambda t: unedited(t))
Case("plan-exchanged", "a name in the plan was changed by hand between two runs", (1, 5, 7, 64), "plan", start=lambda t: edited(t, before=False), heal=lambda t: unedited(t))
Case("not-approved", "nobody has approved the wave", (6,), "approv", start=lambda t: t.run.apply("apply"), after=Trial.in_service)
Case("not-due", "the time to wait before the old database goes is not over", (6,), r"20\d\d-\d\d-\d\dT", start=lambda t: not_due(t))
Case("interrupted", "Ctrl-C", (130,), "", start=stop_with(signal.SIGINT))
Case("terminated", "SIGTERM", (143,), "", start=stop_with(signal.SIGTERM))
for change, sql in (("row-deleted", "DELETE FROM events WHERE id = 17"), ("row-changed", "UPDATE customers SET name = 'someone' WHERE id = 3"),
                    ("sequence-behind", "SELECT setval('tickets', 900)")):
    table = {"row-deleted": "events", "row-changed": "customers", "sequence-behind": "tickets"}[change]
    Case(f"copy-{change}", f"the restored database is not the same: {change.replace('-', ' ')}", (5,), table, resumes=False, after=Trial.in_service,
         arrange=lambda t, sql=sql: t.aws.world(tamper={COPY: [{"database": "z360", "sql": sql}]}))
Case("writer-ignores-the-fence", "a writer gets through the fence", (5,), "session|connection|writ", arrange=lambda t: stubborn(t), heal=lambda t: t.writer.stop(),
     resumes=False)
Case("rollout-fails", "the tasks of the new revision do not start", (5,), "FAILED|failed|rollout|circuit", kind="key",
     arrange=lambda t: t.aws.world(failing_rollouts=["pazpaz-api-production:2"]), resumes=False)
Case("task-falls-back", "a task logs that it fell back to the variable", (5,), "fell back|fallback", kind="fetching",
     arrange=lambda t: t.aws.world(task_lines=['{"event": "aws_unavailable_using_env_fallback"}']), resumes=False)


def disable(t, off):
    kms = t.client("kms")
    key = kms.list_keys()["Keys"][0]["KeyId"]
    (kms.disable_key if off else kms.enable_key)(KeyId=key)


def hold_snapshot(t):
    with open(t.run.actions, encoding="utf-8") as source:
        names = [a["payload"]["snapshot"] for a in json.load(source)["actions"] if a["kind"] == "snapshot_cluster"]
    t.snapshot = names[0]
    t.aws.world(holds={t.snapshot: "never"})


def beyond_the_deadline(t):
    process = t.approved().popen()
    t.until("CreateDBClusterSnapshot")
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    Ended(process)
    t.run.offset = 8 * 24 * 3600
    return t.run.apply("resume")


def release(t):
    """The snapshot is done after all: as if AWS had been slow."""
    t.aws.world(holds={}, release=[t.snapshot])


def small_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))


def some_journal(t):
    """A journal with some records in it."""
    t.approved().aws.world(pending=2)
    process = t.popen()
    t.until("ModifyDBCluster")
    process.kill()
    Ended(process)
    t.aws.world(pending=0)
    with open(t.run.journal, "rb") as source:
        return source.read()


def damage(t):
    t.good = some_journal(t)
    middle = len(t.good) // 2
    with open(t.run.journal, "wb") as out:
        out.write(t.good[:middle] + bytes([t.good[middle] ^ 1]) + t.good[middle + 1:])
    return t.run.apply("resume")


def repair(t):
    with open(t.run.journal, "wb") as out:
        out.write(t.good)


def tear(t):
    good = some_journal(t)
    with open(t.run.journal, "wb") as out:
        out.write(good[:-7])
    return t.go()


def second_run(t):
    t.approved().faults(delay_ms=300)
    first = t.popen()
    t.until("DescribeDBClusters")
    second = t.run.apply("resume")
    t.aws.clear()
    first.send_signal(signal.SIGTERM)
    Ended(first)
    return second


def edited(t, before):
    """The name of the copy, in the payload only: the calls beside it stay what they were."""
    if not before:
        t.approved()
    with open(t.run.actions, encoding="utf-8") as source:
        t.text = source.read()
    with open(t.run.actions, "w", encoding="utf-8") as out:
        out.write(re.sub(r'("new_cluster"\s*:\s*")', r"\1x", t.text))
    if not re.search(r'"new_cluster"\s*:\s*"', t.text):
        raise AssertionError("the plan has no new_cluster to change")
    return t.run.apply("apply" if before else "resume")


def unedited(t):
    with open(t.run.actions, "w", encoding="utf-8") as out:
        out.write(t.text)


def not_due(t):
    """Until nothing but time is missing; then once more, too early."""
    person = estate.person(t.estate, t.run)
    for _ in range(40):
        done = t.run.apply("resume" if os.path.exists(t.run.journal) else "apply")
        if done.returncode != 6:
            return done
        status = t.run.status()
        if not any([person(item) for item in status["waiting"]]):
            if not status.get("due"):
                raise AssertionError(f"nothing to do and no due time: {status['waiting']}")
            return t.run.apply("resume")
    raise RuntimeError("waits for ever")


def rename_away(t, old, new):
    rds = t.client("rds")
    rds.modify_db_cluster(DBClusterIdentifier=old, NewDBClusterIdentifier=new, ApplyImmediately=True)
    rds.describe_db_clusters()


def other_account(t):
    with running.Emulator(account="210987654321") as other:
        environment = {**t.run.environment, "AWS_ENDPOINT_URL": other.url}
        return t.run.apply("apply", environment=environment)


def stubborn(t):
    """Somebody with a way around the fence, who never stops."""
    t.aws.sql(estate.CLUSTER, f"CREATE ROLE {application.USER} LOGIN PASSWORD '{application.PASSWORD}'", "z360")
    t.aws.sql(estate.CLUSTER, f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {application.USER}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {application.USER}", "z360")
    t.aws.world(sources={"z360": {"address": "10.99.0.10"}, application.USER: {"address": "10.0.0.1", "always": True}})
    t.writer = application.Writer("stubborn", lambda: t.estate.endpoint, "z360", lambda: True, stubborn=True)
    t.writer.start()


NOISE = ((re.escape(COPY), "COPY"), (re.escape(estate.CLUSTER), "CLUSTER"), (r"\bsession \d+", "session N"), (r"/[0-9a-f]{16}-\d", "/..."),
         (r"\b(sg|subnet|vpc)-[0-9a-f]{8,}(-[0-9a-f]{8})?", r"\1-..."), (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b", "..."), (r"\b[0-9a-f]{32,64}\b", "..."),
         (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME"), (r"/[^ ]*/(?=[a-z.]+(journal|json))", ""), (r"127\.\d+\.\d+\.\d+", "ADDRESS"), (r"(pid|process) \d+", r"\1 N"),
         (r"\b(byte|run) (?=[0-9a-f]*\d)[0-9a-f]+\b", r"\1 N"), (r"The \d+ records", "The N records"),
         (r"-fenced-[0-9a-f]{8}", "-fenced-..."), (r"\b\d+(\.\d+)? (ms|s|m|min|h|d|days|seconds|minutes)\b", "N \\2"), (r"localhost:\d+|ADDRESS:\d+", "ADDRESS"), (r"\s+", " "))


def message(done):
    """The errors and hints at the end, without progress and without what differs from run to run."""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    chosen = [line for line in lines if re.match(r"tfseal: (?!\[)", line)][-5:] or lines[-2:]
    text = " ".join(re.sub(r"^tfseal: ", "", line) for line in chosen)
    for pattern, put in NOISE:
        text = re.sub(pattern, put, text)
    return text.replace("|", "\\|")


def same_end(end, want, went_back):
    """Where the first attempt was taken back, its snapshot may be there too: recovery points are never deleted."""
    if went_back and "snapshots" in want:
        end = {**end, "snapshots": [name for name in end["snapshots"] if not re.search("-fenced-[0-9a-f]{8}-2$", name)]}
    if end != want:
        raise AssertionError(f"another end: {end}\nwant {want}")


def run_case(case, made, folder, ends):
    t = Trial(made, folder)
    if case.arrange:
        case.arrange(t)
    done = case.start(t) if case.start else t.go()
    tfseal.scan(done.stdout + done.stderr, case.name)
    if done.returncode not in case.exits:
        raise AssertionError(f"exit {done.returncode}, want one of {case.exits}:\n{done.stderr[-2500:]}")
    if not re.search(case.says, done.stderr, re.IGNORECASE):
        raise AssertionError(f"nothing says {case.says!r}:\n{done.stderr[-2500:]}")
    if case.after:
        case.after(t)
    row = (done.returncode, message(done) if done.returncode else "")
    if case.heal:
        case.heal(t)
    if case.resumes:
        last = t.go()
        if last.returncode != 0:
            raise AssertionError(f"healed, and resumed with {last.returncode}:\n{last.stderr[-2500:]}")
        calls = [c for c in t.aws.calls() if c["account"] == estate.ACCESS_KEY]
        doubles = repeated_changes(calls)
        if doubles:
            raise AssertionError(f"done twice: {doubles}")
        same_end(made.end(), ends[case.kind], case.after is not None)
    t.run.scan_files()
    return row


def permissions(t):
    """Every call of a whole run is allowed by the policy that `doctor --iam apply` prints for its plan, nothing is allowed
    by a wildcard in an action, and values of secrets are allowed of named secrets only."""
    printed = t.run.call("doctor", "--iam", "apply", t.run.actions)
    if printed.returncode != 0:
        raise AssertionError(f"doctor --iam apply ends with {printed.returncode}: {printed.stderr}")
    statements = json.loads(printed.stdout)["Statement"]
    allowed = {action for statement in statements for action in statement["Action"]}
    called = {f"{c['service']}:{c['action']}" for c in t.aws.calls() if c["account"] == estate.ACCESS_KEY}
    if missing := sorted(called - allowed):
        raise AssertionError(f"called, and not in the policy: {missing}")
    if "ecs:RegisterTaskDefinition" in called and "iam:PassRole" not in allowed:
        raise AssertionError("roles are passed to tasks, and not in the policy")
    if wild := sorted(a for a in allowed if "*" in a):
        raise AssertionError(f"wildcards: {wild}")
    for statement in statements:
        if "secretsmanager:GetSecretValue" in statement["Action"] and any(r == "*" or r.endswith(":*") for r in statement["Resource"]):
            raise AssertionError(f"every secret may be read: {statement}")


def table(rows):
    lines = ["# What can go wrong, and what happens then", "",
             "Written by `tests/e2e/faults.py --write` from what was seen on the emulator; the test compares. Numbers, times and",
             "addresses are left out. After each fault its cause is removed and the run resumed, and no output, journal or file may",
             "hold a secret. A fault that is `open` did not end as it should, or was not run.", "", "| fault | exit | tfseal says | afterwards |", "|---|---|---|---|"]
    for case in CASES:
        if case.name not in rows:
            lines.append(f"| {case.text} | open | | not shown yet |")
            continue
        code, text = rows[case.name]
        after = "the database is open again and serves; " if case.after else ""
        after += "the cause removed, `resume` ends as if nothing had been" if case.resumes else "nothing is lost; a person decides"
        lines.append(f"| {case.text} | {code} | {text} | {after} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--keep", action="store_true")
    flags = parser.parse_args()
    running.clients()
    if postgres_server.missing():
        raise running.Skip(postgres_server.missing())
    folder = tempfile.mkdtemp(prefix="tfseal-faults-")
    rows, failed, ends = {}, [], {}
    for kind, made in (("aurora", estate.Aurora), ("key", estate.Key), ("fetching", estate.Fetching)):
        chosen = [c for c in CASES if c.kind == kind and (not flags.cases or c.name in flags.cases)]
        if not chosen:
            continue
        with running.Emulator(*made.flags, account=made.account, log=os.path.join(folder, kind + ".log")) as aws:
            place = made(aws, os.path.join(folder, kind))
            undisturbed = Trial(place, os.path.join(folder, kind, "undisturbed"))
            done = undisturbed.go()
            if done.returncode != 0:
                raise RuntimeError(f"undisturbed, {kind} ends with {done.returncode}:\n{done.stderr[-3000:]}")
            ends[kind] = place.end()
            began, word = time.monotonic(), "       OK "
            try:
                permissions(undisturbed)
            except AssertionError as error:
                print(f"faults permissions-{kind}: {error}", flush=True)
                failed.append(f"permissions-{kind}")
                word = "  FAILED  "
            print(f"[{word}] faults.permissions-{kind} ({int((time.monotonic() - began) * 1000)} ms)", flush=True)
            for case in chosen:
                began = time.monotonic()
                try:
                    rows[case.name] = run_case(case, place, os.path.join(folder, kind, case.name), ends)
                    word = "       OK "
                except Exception as error:
                    print(f"faults {case.name}: {type(error).__name__}: {error}", flush=True)
                    failed.append(case.name)
                    word = "  FAILED  "
                print(f"[{word}] faults.{case.name} ({int((time.monotonic() - began) * 1000)} ms)", flush=True)
    if (flags.write or not failed) and not flags.cases:
        failed += compare(table(rows), flags.write)
    if failed or flags.keep:
        print(f"faults: everything is in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


def compare(text, write):
    if write:
        with open(MATRIX, "w", encoding="utf-8") as out:
            out.write(text)
        return []
    with open(MATRIX, encoding="utf-8") as source:
        same = source.read() == text
    print(f"[{'       OK ' if same else '  FAILED  '}] faults.matrix (0 ms)", flush=True)
    if not same:
        print("faults: docs/failure-matrix.md is not what was seen: faults.py --write", flush=True)
    return [] if same else ["matrix"]


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
