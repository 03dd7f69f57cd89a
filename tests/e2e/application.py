"""An application that writes: one PostgreSQL session at a time, found through its secret, as an ECS task would.

It writes a row every few milliseconds and remembers those that the database acknowledged. It stops when its services
have no tasks, unless it is `stubborn`.
"""

import http.server
import json
import os
import subprocess
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "emulator"))

import postgres_server  # noqa: E402

USER, PASSWORD = "z360_app", "CANARY-application-0001"
SCHEMA = f"""
CREATE EXTENSION IF NOT EXISTS plpgsql;
CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}';
CREATE SCHEMA billing;
CREATE TABLE customers (id bigserial PRIMARY KEY, name text NOT NULL, born date, note text);
CREATE TABLE billing.invoices (id serial PRIMARY KEY, customer bigint REFERENCES customers, cents numeric(12,2), paid boolean, meta jsonb, file bytea);
CREATE TABLE events (id bigserial PRIMARY KEY, token uuid NOT NULL, at timestamptz DEFAULT now());
CREATE TABLE "odd Name" (a int, b text[]);
CREATE SEQUENCE tickets START 1000;
CREATE VIEW unpaid AS SELECT * FROM billing.invoices WHERE NOT paid;
INSERT INTO customers (name, born, note) SELECT 'customer ' || i, date '1980-01-01' + i, CASE WHEN i % 3 = 0 THEN NULL ELSE repeat('x', i % 50) END FROM generate_series(1, 2000) i;
INSERT INTO billing.invoices (customer, cents, paid, meta, file) SELECT i, i * 1.25, i % 2 = 0, jsonb_build_object('n', i), decode(md5(i::text), 'hex') FROM generate_series(1, 1000) i;
INSERT INTO "odd Name" VALUES (1, ARRAY['a', NULL]), (NULL, NULL);
SELECT nextval('tickets') FROM generate_series(1, 37);
GRANT USAGE ON SCHEMA billing TO {USER};
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public, billing TO {USER};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, billing TO {USER};
"""


def psql(host, user, password, database, sql, timeout=60):
    """Runs SQL through the endpoint; returns rows; RuntimeError if it fails."""
    done = subprocess.run([postgres_server.program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql,
                           f"host={host} port=5432 user={user} dbname={database} connect_timeout=5"],
                          env={"PATH": os.environ["PATH"], "PGPASSWORD": password}, capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout.split()


class Writer(threading.Thread):
    """host(): where the database is, read anew for every session. running(): whether the services have tasks."""

    def __init__(self, name, host, database, running, stubborn=False, pause=0.01):
        super().__init__(daemon=True, name=name)
        self.host, self.database, self.running, self.stubborn, self.pause = host, database, running, stubborn, pause
        self.acknowledged, self.refused, self.last = [], 0, 0.0
        self.halt = threading.Event()
        self.session = None

    def run(self):
        while not self.halt.is_set():
            if not self.stubborn and not self.running():
                self.close()
                self.halt.wait(0.1)
                continue
            try:
                self.write()
            except Exception:  # also what boto3 raises when the emulator has ended
                self.refused += 1
                self.close()
                self.halt.wait(0.2)
            self.halt.wait(self.pause)
        self.close()

    def write(self):
        if self.session is None:
            self.session = subprocess.Popen(
                [postgres_server.program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1",
                 f"host={self.host()} port=5432 user={USER} dbname={self.database} connect_timeout=3 application_name={self.name}"],
                env={"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True)
        token = str(uuid.uuid4())
        self.session.stdin.write(f"INSERT INTO events (token) VALUES ('{token}') RETURNING token;\n")
        self.session.stdin.flush()
        if self.session.stdout.readline().strip() != token:
            raise RuntimeError("not acknowledged")
        self.acknowledged.append(token)
        self.last = time.monotonic()

    def close(self):
        if self.session:
            self.session.kill()
            self.session.wait()
            self.session.stdin.close()
            self.session.stdout.close()
            self.session = None

    def stop(self):
        self.halt.set()
        self.join(10)


class Health:
    """GET /health: 200 while the writer got something acknowledged in the last seconds, else 503."""

    def __init__(self, writers):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                well = all(time.monotonic() - w.last < 10 for w in writers())
                self.send_response(200 if well else 503)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps({"status": "healthy" if well else "no writes"}).encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/health"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def lost_and_doubled(acknowledged, stored):
    """(acknowledged tokens that are not stored, tokens stored more than once)."""
    present = set(stored)
    counts = {}
    for token in stored:
        counts[token] = counts.get(token, 0) + 1
    return [t for t in acknowledged if t not in present], [t for t, n in counts.items() if n > 1]
