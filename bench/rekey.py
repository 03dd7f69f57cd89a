#!/usr/bin/env python3
"""Measures re-encryption against the floor: one UPDATE of the whole table by the server, with foreign key and index, in the
same run on the same server, interleaved. Ratios are what counts; a run during which others used the machine says so."""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tests", "rekey"), os.path.join(HERE, "..", "tests", "emulator")]

import application  # noqa: E402
import place as places  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
SETTINGS = {"fsync": "on", "full_page_writes": "on", "autovacuum": "off", "max_wal_size": "8GB", "checkpoint_timeout": "30min",
            "work_mem": "32MB", "synchronous_commit": "on"}
SERVER_FLAGS = ["-c", "shared_buffers=1GB", "-c", "fsync=on", "-c", "full_page_writes=on", "-c", "wal_level=replica"]
FOREIGN_MAX = 0.05  # of the machine, by others: more and the run is void


def cpu_of(pid):
    """Seconds of a process: its own, and those of children that have ended."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    own, ended = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    return own / TICKS, ended / TICKS


def server_cpu(postmaster):
    total = sum(cpu_of(postmaster))
    with open(f"/proc/{postmaster}/task/{postmaster}/children", encoding="ascii") as file:
        for child in file.read().split():
            try:
                total += cpu_of(child)[0]
            except (FileNotFoundError, ProcessLookupError):
                pass
    return total


def machine_cpu():
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(f) for f in file.readline().split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / TICKS, sum(fields) / TICKS


class Bench:
    def __init__(self, options):
        self.options = options
        self.place = places.Place(mode=options.mode, wal=0, target_ms=options.target_ms)
        self.server = self.place.server
        self.restart()
        self.place.application.create()
        self.sql = self.server.sql
        self.fill()

    def restart(self):
        """With what a real server has: everything is synced."""
        import signal
        self.server.process.send_signal(signal.SIGINT)
        self.server.process.wait(60)
        arguments = [a for a in self.server.process.args if a not in ("fsync=off", "full_page_writes=off", "shared_buffers=16MB")]
        cleaned = []
        for i, argument in enumerate(arguments):
            if argument == "-c" and (i + 1 == len(arguments) or arguments[i + 1] == "-c"):
                continue
            cleaned.append(argument)
        with open(self.server.data + ".log", "ab") as log:
            user = places.postgres_server.unprivileged()
            who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
            self.server.process = subprocess.Popen(cleaned + SERVER_FLAGS, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                                   env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")}, **who)
        self.server.wait()
        for name, value in SETTINGS.items():
            self.server.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.server.sql("SELECT pg_reload_conf()")

    def fill(self):
        self.sql("ALTER TABLE connections ALTER payload_ciphertext SET STORAGE EXTERNAL")
        self.place.application.fill(self.options.rows, payload=self.options.payload)
        self.sql("INSERT INTO encryption_keys (key_id, status) VALUES ('floor', 'retired')")
        self.sql("CREATE UNLOGGED TABLE pristine AS TABLE connections")

    def fresh(self):
        """The table as it was, without anything that an earlier run left."""
        self.sql("DROP SCHEMA IF EXISTS tfseal CASCADE")
        self.sql("UPDATE encryption_keys SET status = 'rotating' WHERE key_id = '2025-03'; "
                 "UPDATE encryption_keys SET status = 'active' WHERE key_id = '2024-09'")
        self.sql("DELETE FROM encryption_rotation_jobs")
        self.sql("DROP INDEX IF EXISTS connections_encryption_key_id")
        self.sql("TRUNCATE connections")
        self.sql("INSERT INTO connections SELECT * FROM pristine ORDER BY id")
        if not self.options.without_index:
            self.sql("CREATE INDEX connections_encryption_key_id ON connections (encryption_key_id)")
        if self.options.without_fk:
            self.sql("ALTER TABLE connections DROP CONSTRAINT IF EXISTS connections_encryption_key_id_fkey")
        self.sql("VACUUM (FREEZE, ANALYZE) connections")
        self.sql("CHECKPOINT")

    def check(self):
        """What makes a number worth nothing, said aloud; refused unless it was asked for."""
        said = []
        if self.sql("SELECT count(*) FROM pg_constraint WHERE conrelid = 'connections'::regclass AND contype = 'f'") != "1":
            said.append("no foreign key")
        if self.sql("SELECT count(*) FROM pg_indexes WHERE indexname = 'connections_encryption_key_id'") != "1":
            said.append("no index on the key's reference")
        if self.sql("SHOW fsync") != "on" or self.sql("SHOW full_page_writes") != "on" or self.sql("SHOW synchronous_commit") != "on":
            said.append("no fsync")
        if said and not (self.options.without_fk or self.options.without_index):
            raise SystemExit("bench/rekey: refused: " + ", ".join(said))
        return said

    def measured(self, act):
        busy, total = machine_cpu()
        server, usage = server_cpu(self.server.process.pid), resource.getrusage(resource.RUSAGE_CHILDREN)
        wal = int(self.sql("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"))
        began = time.monotonic()
        extra = act()
        wall = time.monotonic() - began
        wal = int(self.sql("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint")) - wal
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        client = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
        server = server_cpu(self.server.process.pid) - server
        busy_after, total_after = machine_cpu()
        foreign = (busy_after - busy - client - server) / (total_after - total)
        rows = self.options.rows
        return {"wall_s": wall, "rows_per_s": rows / wall, "server_us": server / rows * 1e6, "client_us": client / rows * 1e6,
                "wal_bytes": wal / rows, "foreign": foreign, **(extra or {})}

    def floor(self):
        self.fresh()
        columns = "data_key_ciphertext = data_key_ciphertext"
        if self.options.mode == "reseal":
            columns += ", payload_ciphertext = payload_ciphertext, payload_iv = payload_iv, encrypted_credentials = " \
                       "encrypted_credentials, iv = iv"
        sql = f"UPDATE connections SET {columns}, encryption_key_id = (SELECT id FROM encryption_keys WHERE key_id = 'floor')"

        def act():
            self.sql(sql)
        return self.measured(act)

    def rekey(self, workers):
        self.fresh()
        if self.place.run("setup")[0] != 0:
            raise SystemExit("bench/rekey: setup failed")

        def act():
            running = [self.place.start("run", "--quiet") for _ in range(workers)]
            peak = 0
            for process in running:
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                if process.returncode != 0:
                    raise SystemExit("bench/rekey: " + self.place.said(process))
                peak = max(peak, usage.ru_maxrss)
            return {"rss_mib": peak / 1024}
        result = self.measured(act)
        left = self.sql("SELECT count(*) FROM connections c JOIN encryption_keys k ON k.id = c.encryption_key_id WHERE k.key_id <> '2025-03'")
        if left != "0":
            raise SystemExit(f"bench/rekey: {left} rows are not under the new key")
        return result


def median(runs, name):
    return statistics.median(run[name] for run in runs)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--payload", type=int, default=250)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--mode", choices=["reseal", "rewrap"], default="reseal")
    parser.add_argument("--target-ms", type=int, default=25, help="of a batch; more on a machine that others use")
    parser.add_argument("--without-fk", action="store_true")
    parser.add_argument("--without-index", action="store_true")
    options = parser.parse_args()
    places.need()
    bench = Bench(options)
    runs = {"floor": [], "one": [], "two": []}
    with bench.place:
        for number in range(options.runs):
            for name, act in (("floor", bench.floor), ("one", lambda: bench.rekey(1)), ("two", lambda: bench.rekey(2))):
                runs[name].append(act())
                if number == 0 and name == "floor":
                    for word in bench.check():
                        print(f"NOT COMPARABLE: {word}", flush=True)
                print(name, json.dumps({k: round(v, 3) for k, v in runs[name][-1].items()}), flush=True)
        if not bench.place.application.problems() == []:
            raise SystemExit("bench/rekey: the rows do not open")
    floor = runs["floor"]
    targets = {
        "T1" if options.mode == "reseal" else "T3": median(runs["one"], "rows_per_s") / median(floor, "rows_per_s"),
        "T2": median(runs["two"], "rows_per_s") / median(floor, "rows_per_s"),
        "T5": median(runs["one"], "client_us"),
        "T6": median(runs["one"], "server_us") / median(floor, "server_us"),
        "T7": median(runs["one"], "wal_bytes") / median(floor, "wal_bytes"),
        "T9": median(runs["one"], "rss_mib"),
    }
    foreign = max(run["foreign"] for some in runs.values() for run in some)
    print(json.dumps({"rows": options.rows, "runs": options.runs, "mode": options.mode, "target_ms": options.target_ms, "foreign_cpu": round(foreign, 3),
                      "void": foreign > FOREIGN_MAX, **{k: round(v, 3) for k, v in targets.items()}}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
