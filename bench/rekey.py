#!/usr/bin/env python3
"""Measures re-encryption in one run against the floor (one UPDATE of the whole table by the server, with foreign key and
index) and against raw binary COPY, on the same server and interleaved. Ratios are what counts: docs/performance-rekey.md."""

import argparse
import json
import os
import resource
import signal
import statistics
import struct
import subprocess
import sys
import time

import kms_service
import rekey_place

TICKS = os.sysconf("SC_CLK_TCK")
FOREIGN_MAX = 0.05  # of the machine, by others: more, and wall clock and CPU time say little
# Between the cheapest floor and the dearest, of the one in the middle: the floor is the same work in every round, so what it
# differs by is what others on the host take of caches and memory. Beyond this the rounds are not of one machine.
SPREAD_MAX = 0.2
PAYLOAD = 284       # with the tag 300 bytes
LARGE, HUGE = 16 * 1024, 1024 * 1024
LARGE_SECONDS = 4   # of rows that are so large that there are few of them: see measured()
QUOTA_SECONDS = 60  # workers that start and end, and the first batches, are not what is measured

# What is asked: the gate, what is good, and whether less is better.
TARGETS = {
    "T1": ("reseal / floor, rows/s, 1 worker", 0.55, 0.75, False),
    "T2": ("reseal / floor, rows/s, 2 workers", 0.85, 1.0, False),
    "T3": ("rewrap / its floor, rows/s, 1 worker", 0.55, 0.75, False),
    "T4": ("wal of a row of 16 KiB, rewrap / reseal", 1 / 30, 1 / 50, True),
    "T5": ("client CPU, us a row, reseal with read-back", 4.5, 3.5, True),
    "T6": ("server CPU / floor's", 1.5, 1.35, True),
    "T7": ("wal / floor's", 1.05, 1.02, True),
    "T8": ("full verification / raw binary COPY, rows/s", 0.40, 0.60, False),
    "T9": ("peak RSS of a worker, MiB, rows of 1 MiB too", 128, 64, True),
    "T13": ("batches of work repeated after kill -9", 1, 1, True),
    "T16": ("KMS calls / distinct wrapped keys", 1.05, 1.01, True),
    "T17": ("rows/s / KMS quota, 20 ms p50, 300 ms p99", 0.9, 0.97, False),
}


def cpu_of(pid):
    """Seconds of a process: its own, and those of children that have ended."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS, (int(fields[13]) + int(fields[14])) / TICKS


def server_cpu(postmaster):
    """Of all its processes. One that ends while they are added up would be counted twice or not at all: then again."""
    while True:
        before = cpu_of(postmaster)
        with open(f"/proc/{postmaster}/task/{postmaster}/children", encoding="ascii") as file:
            children = file.read().split()
        try:
            total = sum(before) + sum(cpu_of(child)[0] for child in children)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if cpu_of(postmaster)[1] == before[1]:
            return total


def machine_cpu():
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(f) for f in file.readline().split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / TICKS, sum(fields) / TICKS


class Awake:
    """Keeps processors that have nothing to do from sleeping, by what the kernel has for it (PM QoS). Otherwise a worker's figures
    hold what it takes to wake up: it waits for its server most of the time, the floor for nobody. On a virtual machine that is a
    tenth, as the host takes an idle processor away. `held`: whether that was possible, which needs root."""

    def __init__(self, wanted):
        self.file, self.held = None, False
        try:
            if wanted:
                self.file = open("/dev/cpu_dma_latency", "wb", buffering=0)
                self.held = self.file.write(struct.pack("=i", 0)) == 4
        except OSError as why:
            print("bench/rekey: processors may sleep:", why, flush=True)

    def __enter__(self):
        print("processors:", "kept awake" if self.held else "may sleep; what waking up costs is in a worker's figures", flush=True)
        return self

    def __exit__(self, *_):
        if self.file:
            self.file.close()


def refuse(what):
    raise SystemExit("bench/rekey: refused: " + what)


class Bench:
    def __init__(self, options, place):
        self.options, self.place = options, place
        self.sql = place.sql
        self.runs = {}
        self.rows = 0

    def fresh(self):
        self.place.fresh(not self.options.without_fk, not self.options.without_index)

    def check(self):
        """What makes a number worth nothing: refused, or said aloud where it was asked for."""
        missing = []
        self.fresh()
        if self.sql("SELECT count(*) FROM pg_constraint WHERE conrelid = 'connections'::regclass AND contype = 'f' AND convalidated") != "1":
            missing.append(("no foreign key", self.options.without_fk))
        if self.sql("SELECT count(*) FROM pg_indexes WHERE indexname = 'connections_encryption_key_id'") != "1":
            missing.append(("no index on the key's reference", self.options.without_index))
        if any(self.sql(f"SHOW {name}") != "on" for name in ("fsync", "full_page_writes", "synchronous_commit")):
            missing.append(("no fsync", self.options.without_fsync))
        if not self.compares():
            missing.append(("no compare-and-swap", self.options.without_cas))
        for what, wanted in missing:
            if not wanted:
                refuse(what)
            print("NOT COMPARABLE:", what, flush=True)
        return [what for what, _ in missing]

    def compares(self):
        """Whether a row that the application writes in the middle of our own UPDATE stays the application's: a trigger on the
        row before it writes it, through another session that has committed before our statement gets there."""
        self.place.fresh(rows=200)
        self.sql("CREATE EXTENSION IF NOT EXISTS dblink")
        copied = ", ".join(f"{c} = (SELECT {c} FROM pristine WHERE id = 1)" for c in ("payload_ciphertext", "payload_iv", "data_key_ciphertext"))
        write = f"UPDATE connections SET {copied}, name = ''meanwhile'' WHERE id = 101 AND name <> ''meanwhile''"
        self.sql("CREATE OR REPLACE FUNCTION meanwhile() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.dblink_exec("
                 f"'{self.place.dsn}', '{write}'); RETURN NEW; END $f$")
        self.sql("CREATE TRIGGER meanwhile BEFORE UPDATE ON connections FOR EACH ROW WHEN (OLD.id = 100) EXECUTE FUNCTION meanwhile()")
        config = self.place.configure("reseal")
        self.place.setup(config)
        self.finish([self.place.begin(config)])
        self.sql("DROP TRIGGER meanwhile ON connections")
        if self.sql("SELECT name FROM connections WHERE id = 101") != "meanwhile":
            refuse("the trial of compare-and-swap did not write its row")
        # It holds what the application wrote: the text of row 1, which is not its own.
        wrong = self.place.wrong(PAYLOAD)
        return wrong == 1 and self.place.wrong(PAYLOAD, except_ids=(101,)) == 0 and self.holds(101, 1)

    def holds(self, row_id, other):
        sealed, iv, blob = (bytes.fromhex(v[2:]) for v in self.sql(
            f"SELECT payload_ciphertext, payload_iv, data_key_ciphertext FROM connections WHERE id = {row_id}").split("|"))
        opened = rekey_place.AESGCM(self.place.keys[1].unwrap(blob)).decrypt(iv, sealed, None)
        return opened == rekey_place.plaintext(other, PAYLOAD)

    def finish(self, processes):
        """Peak memory in MiB."""
        peak, failed = 0, []
        for process in processes:
            said = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                failed.append(f"exit {process.returncode} {said.strip()}")
            peak = max(peak, usage.ru_maxrss / 1024)
        if failed:
            raise SystemExit("bench/rekey: workers failed: " + "; ".join(failed))
        return peak

    def position(self):
        return int(self.sql("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"))

    def readings(self):
        """What is read before and, the other way round, after: the nearer to the work, the less of the reading is in it."""
        return {"wal": self.position, "machine": machine_cpu, "server": lambda: server_cpu(self.place.process.pid),
                "client": lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]), "wall": time.monotonic}

    def measured(self, name, act, anew=None, at_least=0.0):
        """`anew` sets up the work once more, unmeasured, until what was measured has taken `at_least` seconds. The kernel counts the
        machine's time by samples, a hundred a second on each processor, and that of a process exactly: of a second on two processors
        the difference, which is what others took, has a standard error of 3.5 % of the machine; of four seconds half of that."""
        spent, rows, extra = dict.fromkeys(("wal", "busy", "total", "server", "client", "wall"), 0), 0, {}
        while True:
            readings = self.readings()
            before = {what: read() for what, read in readings.items()}
            extra = {what: max(value, extra.get(what, value)) for what, value in (act() or {}).items()}
            after = {what: read() for what, read in reversed(readings.items())}
            for what in ("wal", "server", "client", "wall"):
                spent[what] += after[what] - before[what]
            for n, what in enumerate(("busy", "total")):
                spent[what] += after["machine"][n] - before["machine"][n]
            rows += self.rows
            if spent["wall"] >= at_least:
                break
            anew()
        foreign = (spent["busy"] - spent["client"] - spent["server"]) / spent["total"]
        run = {"rows_per_s": rows / spent["wall"], "server_us": spent["server"] / rows * 1e6, "client_us": spent["client"] / rows * 1e6,
               "wal_bytes": spent["wal"] / rows, "foreign": foreign, **extra}
        self.runs.setdefault(name, []).append(run)
        print(f"{name:16} " + " ".join(f"{k} {v:,.2f}" for k, v in run.items()), flush=True)
        return run

    def floor(self, mode):
        self.fresh()
        columns = "data_key_ciphertext = data_key_ciphertext"
        if mode == "reseal":
            columns += ", payload_ciphertext = payload_ciphertext, payload_iv = payload_iv"
        statement = f"UPDATE connections SET {columns}, encryption_key_id = (SELECT id FROM encryption_keys WHERE key_id = 'floor')"
        self.measured("floor " + mode, lambda: self.sql(statement) and None)

    def rekey(self, mode, workers):
        self.fresh()
        config = self.place.configure(mode)
        self.place.setup(config)
        self.measured(f"{mode} x{workers}", lambda: {"rss_mib": self.finish([self.place.begin(config) for _ in range(workers)])})
        left = self.sql("SELECT count(*) FROM connections c JOIN encryption_keys k ON k.id = c.encryption_key_id WHERE k.key_id <> '2025-03'")
        if left != "0":
            raise SystemExit(f"bench/rekey: {left} rows are not under the new key")

    def copy(self):
        columns = "id, encryption_key_id, payload_ciphertext, payload_iv, data_key_ciphertext"
        command = [*self.place.psql(), "-c", f"COPY (SELECT {columns} FROM connections) TO STDOUT (FORMAT binary)"]
        self.measured("copy", lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd="/") and None)

    def verify(self):
        command = self.place.command("verify", self.place.configure("reseal"))

        def act():
            done = subprocess.run(command, env=self.place.environment(), text=True, capture_output=True, check=False)
            if done.returncode != 0:
                raise SystemExit("bench/rekey: verify: " + done.stdout + done.stderr)
        self.measured("verify", act)

    def rounds(self):
        self.rows = self.options.rows
        self.place.create()
        self.place.fill(self.rows, PAYLOAD)
        missing = self.check()
        for _ in range(self.options.runs):
            self.floor("reseal")
            self.rekey("reseal", 1)
            self.copy()
            self.verify()
            self.rekey("reseal", 2)
            self.floor("rewrap")
            self.rekey("rewrap", 1)
        if wrong := self.place.wrong(PAYLOAD):
            raise SystemExit(f"bench/rekey: {wrong} rows do not hold what they held")
        return missing

    def large_rows(self):
        for name, payload, rows, modes in (("16 KiB", LARGE, self.options.large_rows, ("reseal", "rewrap")), ("1 MiB", HUGE, self.options.huge_rows, ("reseal",))):
            self.place.create()
            self.rows = rows
            self.place.fill(rows, payload)
            for mode in modes:
                config = self.place.configure(mode)

                def anew(config=config):
                    self.fresh()
                    self.place.setup(config)
                anew()
                self.measured(f"{mode} {name}", lambda c=config: {"rss_mib": self.finish([self.place.begin(c)])}, anew, at_least=LARGE_SECONDS)
                if wrong := self.place.wrong(payload):
                    raise SystemExit(f"bench/rekey: {wrong} rows of {name} do not hold what they held")

    def with_kms(self, mode, kms, rows, shared, **mapping):
        """A table under the service's old key, and what to run on it."""
        self.place.create(kms_service.OLD)
        self.place.fill(rows, PAYLOAD, kms.keys[kms_service.OLD], shared)
        self.fresh()
        config = self.place.configure(mode, old="", new=f", kms: {kms_service.NEW}", **mapping)
        self.place.setup(config, kms.environment())
        kms.counts.clear()
        return config

    def opens(self, kms):
        if wrong := self.place.wrong(PAYLOAD, key=kms.keys[kms_service.NEW]):
            raise SystemExit(f"bench/rekey: {wrong} rows do not hold what they held, under the new key")

    def killed(self):
        """Work that is done again is told by data keys that were made and are in no row."""
        rows, batch, kills = 4000, 200, 5
        with kms_service.KmsService() as kms:
            config = self.with_kms("reseal", kms, rows, 20, max_rows=batch)
            for n in range(1, kills + 1):
                process = subprocess.Popen(self.place.command("run", config, "--quiet", "--lease", "5"), stdin=subprocess.DEVNULL,
                                           env=self.place.environment(kms.environment()), stderr=subprocess.DEVNULL)
                while kms.counts["GenerateDataKey"] < n * rows / (kills + 1) and process.poll() is None:
                    time.sleep(0.002)
                process.send_signal(signal.SIGKILL)
                process.wait()
            self.finish([self.place.begin(config, kms.environment())])
            self.opens(kms)
            again = kms.counts["GenerateDataKey"] - rows
        print(f"kill -9: {kills} times, {again} of {rows} data keys made again, batches of {batch} rows", flush=True)
        return again / kills / batch

    def calls(self):
        rows, shared = 20_000, 50
        with kms_service.KmsService() as kms:
            config = self.with_kms("rewrap", kms, rows, shared)
            self.finish([self.place.begin(config, kms.environment())])
            self.opens(kms)
            asked = sum(kms.counts[operation] for operation in ("ReEncrypt", "Decrypt", "GenerateDataKey", "Encrypt"))
        print(f"kms calls: {asked} for {rows // shared} wrapped keys", flush=True)
        return asked / (rows // shared)

    def through_kms(self, per_second, rows):
        """One data key for each row, so that KMS is the limit: rows/s, and calls that it refused. Quota 0: there is none."""
        workers = self.options.kms_workers
        with kms_service.KmsService(per_second, 0.02, 0.3) as kms:
            config = self.with_kms("rewrap", kms, rows, 1, kms_per_s=per_second or 1_000_000)
            began = time.monotonic()
            flags = ("--rows-per-segment", str(max(rows // workers // 10, 100)))
            self.finish([self.place.begin(config, kms.environment(), *flags) for _ in range(workers)])
            took = time.monotonic() - began
            self.opens(kms)
        return rows / took, kms.counts["throttled"]

    def quota(self):
        """A quota of which this machine, on which the service and the workers run as well, can serve several: otherwise they
        would be measured, and not how well the workers keep to a quota."""
        ceiling, _ = self.through_kms(0, 10_000)
        per_second = self.options.kms_quota or min(2500, max(100, int(ceiling / 3 / 100) * 100))
        rows = self.options.kms_rows or per_second * QUOTA_SECONDS
        rate, refused = self.through_kms(per_second, rows)
        print(f"kms without a quota: {ceiling:.0f} rows/s; quota {per_second}/s: {rate:.0f} rows/s with {self.options.kms_workers} workers, "
              f"{refused} of {rows} calls refused", flush=True)
        return rate / per_second

    def median(self, name, value):
        return statistics.median(run[value] for run in self.runs[name])

    def ratio(self, over, under, value="rows_per_s"):
        """The median of the ratios of each round, in which both were measured one after the other."""
        return statistics.median(a[value] / b[value] for a, b in zip(self.runs[over], self.runs[under]))

    def spread(self):
        """How far the machine stood still: of the floors' server CPU."""
        costs = [run["server_us"] for run in self.runs["floor reseal"]]
        return (max(costs) - min(costs)) / statistics.median(costs)

    def results(self):
        large, small = self.runs["reseal 16 KiB"][0], self.runs["rewrap 16 KiB"][0]
        return {
            "T1": self.ratio("reseal x1", "floor reseal"), "T2": self.ratio("reseal x2", "floor reseal"),
            "T3": self.ratio("rewrap x1", "floor rewrap"), "T4": small["wal_bytes"] / large["wal_bytes"],
            "T5": self.median("reseal x1", "client_us"), "T6": self.ratio("reseal x1", "floor reseal", "server_us"),
            "T7": self.ratio("reseal x1", "floor reseal", "wal_bytes"), "T8": self.ratio("verify", "copy"),
            "T9": max(run["rss_mib"] for runs in self.runs.values() for run in runs if "rss_mib" in run),
        }


def judged(name, value):
    _, gate, good, less = TARGETS[name]
    if value <= good if less else value >= good:
        return "good"
    return "gate" if (value <= gate if less else value >= gate) else "missed"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--large-rows", type=int, default=10_000, help="of 16 KiB")
    parser.add_argument("--huge-rows", type=int, default=64, help="of 1 MiB")
    parser.add_argument("--kms-quota", type=int, default=0, help="calls a second (default: a third of what this machine can serve, 2500 at most)")
    parser.add_argument("--kms-rows", type=int, default=0, help=f"(default: {QUOTA_SECONDS} seconds of the quota)")
    parser.add_argument("--kms-workers", type=int, default=4)
    parser.add_argument("--buffers", default="2GB", help="PostgreSQL's shared_buffers")
    parser.add_argument("--directory", help="for the server's files; must be on a real disk")
    parser.add_argument("--let-sleep", action="store_true", help="processors sleep when they have nothing to do")
    for what in ("fk", "index", "fsync", "cas"):
        parser.add_argument(f"--without-{what}", action="store_true", help="go on without it, and say so")
    options = parser.parse_args()
    if reason := rekey_place.postgres_server.missing():
        raise SystemExit("bench/rekey: " + reason)
    began = os.getloadavg()[0]
    with Awake(not options.let_sleep) as awake, rekey_place.Place(options.buffers, options.directory) as place:
        bench = Bench(options, place)
        missing = bench.rounds()
        bench.large_rows()
        results = {**bench.results(), "T13": bench.killed(), "T16": bench.calls(), "T17": bench.quota()}
    foreign = max(run["foreign"] for runs in bench.runs.values() for run in runs)
    spread = bench.spread()
    print()
    for name, (what, gate, good, less) in TARGETS.items():
        sign = "<=" if less else ">="
        print(f"{name:4} {what:46} {results[name]:8.3f}   gate {sign} {gate:<7.3g} good {sign} {good:<7.3g} {judged(name, results[name])}")
    print(json.dumps({"rows": options.rows, "runs": options.runs, "foreign_cpu": round(foreign, 3), "floor_spread": round(spread, 3),
                      "void": foreign > FOREIGN_MAX or spread > SPREAD_MAX,
                      "load": [round(began, 1), round(os.getloadavg()[0], 1)], "not_comparable": missing, "awake": awake.held,
                      **{k: round(v, 4) for k, v in results.items()}}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
