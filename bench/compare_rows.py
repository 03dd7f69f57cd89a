#!/usr/bin/env python3
"""Measure the comparison of two databases beside one statement that the servers run themselves.

examples:
  python3 bench/compare_rows.py --build build/release
  python3 bench/compare_rows.py --build build/release --rows 100000,1000000,4000000 --rounds 5

Two real servers, the second a physical copy of the first. The statements run on both at the same time, as the comparison
does; all of them in turn, round after round, after a warm-up. Figures are medians. Ratios above 1 are better than the
statement "sum of md5"; that of the servers' CPU time does not depend on what else the machine does.
"""
import argparse
import glob
import json
import math
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TABLE = """
CREATE TABLE rows_of_all_types (id bigint PRIMARY KEY, name text, email text, amount numeric(12, 2), ratio double precision,
  at timestamptz, flags jsonb, payload bytea, key uuid, active boolean, n integer);
INSERT INTO rows_of_all_types SELECT i, 'customer ' || i, 'c' || i || '@example.com', (i % 100000) / 7.0, sqrt(i),
  '2024-01-01'::timestamptz + i * interval '1 s', jsonb_build_object('a', i, 'b', 'x' || i), decode(md5(i::text), 'hex'),
  md5(i::text)::uuid, i % 2 = 0, i % 1000 FROM generate_series(1, %d) i;
VACUUM (FREEZE, ANALYZE) rows_of_all_types;
"""
SETTINGS = "fsync = off\nshared_buffers = 2GB\nautovacuum = off\nmax_wal_size = 8GB\nlisten_addresses = ''\n"
# The same work in one statement: the row as text, its MD5, and something that adds them up.
STATEMENTS = {
    "sum of md5": "SELECT count(*), sum(('x' || left(md5(t::text), 16))::bit(64)::bigint) FROM public.rows_of_all_types t",
    "md5 of md5 in order": "SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY id)) FROM public.rows_of_all_types t",
    "count only": "SELECT count(*) FROM public.rows_of_all_types t",
}
WORKERS = (1, 2, 4)


def as_server_user(words):
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + words if os.geteuid() == 0 else words


class Server:
    def __init__(self, folder, bin_dir, backup_of=None):
        self.folder, self.bin_dir = folder, bin_dir
        os.mkdir(folder)
        if os.geteuid() == 0:
            os.chown(folder, 65534, 65534)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        data = os.path.join(folder, "data")
        if backup_of is None:
            self.run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N")
            with open(os.path.join(data, "postgresql.conf"), "a") as conf:
                conf.write(SETTINGS)
        else:
            self.run("pg_basebackup", "-D", data, "-d", backup_of.url(), "-c", "fast", "--no-sync")
        self.run("pg_ctl", "-D", data, "-l", os.path.join(folder, "log"), "-w", "-o",
                 "-p %d -k %s" % (self.port, folder), "start")

    def url(self):
        return "host=%s port=%d user=postgres dbname=postgres" % (self.folder, self.port)

    def run(self, program, *words, **more):
        subprocess.run(as_server_user([os.path.join(self.bin_dir, program)] + list(words)), check=True, cwd=self.folder,
                       stdout=subprocess.DEVNULL, **more)

    def sql(self, text):
        self.run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(), input=text, text=True)

    def cpu_ms(self):
        """Of all its processes that have ended: every session is one, and it ends with the program that opened it."""
        with open(os.path.join(self.folder, "data", "postmaster.pid")) as pid:
            with open("/proc/%s/stat" % pid.readline().strip()) as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[13]) + int(fields[14])) * 1000 / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.run("pg_ctl", "-D", os.path.join(self.folder, "data"), "-m", "immediate", "stop")


def measure(build, words, servers):
    before = sum(server.cpu_ms() for server in servers)
    done = subprocess.run([os.path.join(build, "bench", "bench_measure")] + words, check=True, capture_output=True, text=True)
    figures = json.loads(done.stdout)
    if figures["exit"] != 0:
        sys.exit("%s: exit %s" % (words[:2], figures["exit"]))
    time.sleep(0.3)  # until the sessions have ended
    figures["server_cpu_ms"] = sum(server.cpu_ms() for server in servers) - before
    return figures


def rounds_of(build, original, copy, rounds, only):
    program = os.path.join(build, "bench", "bench_compare_rows")
    commands = {name: [program, "statement", sql, original.url(), copy.url()] for name, sql in STATEMENTS.items()}
    for workers in WORKERS:
        commands["compare, %d a side" % workers] = [program, "compare", original.url(), copy.url(), str(workers)]
    commands = {name: words for name, words in commands.items() if only in name}
    figures = {name: [] for name in commands}
    for i in range(rounds + 1):
        for name, words in commands.items():
            one = measure(build, words, (original, copy))
            if i > 0:
                figures[name].append(one)
    return {name: {key: statistics.median(one[key] for one in many) for key in ("wall_ms", "cpu_ms", "rss_kib", "server_cpu_ms")}
            for name, many in figures.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="a build with -DTFSEAL_BENCH=ON")
    parser.add_argument("--rows", default="100000,1000000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="what to measure: those whose name has this in it")
    parser.add_argument("--folder", help="where the servers live (default: a temporary directory)")
    options = parser.parse_args()
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
    if not found:
        print("SKIP: PostgreSQL is not installed")
        return 77
    build = os.path.abspath(options.build)
    print("| rows | what | wall ms | rows/s, both sides | ratio | server CPU us/row | ratio | client CPU ms | client memory MB |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    for rows in (int(text) for text in options.rows.split(",")):
        folder = tempfile.mkdtemp(prefix="tfseal-bench-", dir=options.folder)
        os.chmod(folder, 0o755)
        servers = []
        try:
            servers.append(Server(os.path.join(folder, "original"), found[-1]))
            servers[0].sql(TABLE.replace("%d", str(rows)))
            servers.append(Server(os.path.join(folder, "copy"), found[-1], backup_of=servers[0]))
            figures = rounds_of(build, servers[0], servers[1], options.rounds, options.only)
            base = figures.get("sum of md5", {"wall_ms": math.nan, "server_cpu_ms": math.nan})
            for name, one in figures.items():
                print("| %d | %s | %.0f | %.0f | %.2f | %.2f | %.2f | %.0f | %.1f |" % (
                    rows, name, one["wall_ms"], 2 * rows / one["wall_ms"] * 1000, base["wall_ms"] / one["wall_ms"],
                    one["server_cpu_ms"] * 1000 / (2 * rows), base["server_cpu_ms"] / one["server_cpu_ms"], one["cpu_ms"],
                    one["rss_kib"] / 1024))
            sys.stdout.flush()
        finally:
            for server in servers:
                server.stop()
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
