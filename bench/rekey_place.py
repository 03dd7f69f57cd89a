"""What bench/rekey.py measures on: a PostgreSQL of its own with everything synced, and the application's table as
docs/performance-rekey.md describes it."""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tests", "emulator")]

import postgres_server  # noqa: E402
from cryptography.exceptions import InvalidTag  # noqa: E402
from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: E402

TFSEAL = os.environ.get("TFSEAL_BIN", "tfseal")
SETTINGS = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "wal_level": "replica", "autovacuum": "off",
            "max_wal_size": "8GB", "checkpoint_timeout": "30min", "work_mem": "32MB", "listen_addresses": "", "max_connections": "60",
            "log_min_messages": "fatal"}

SCHEMA = """
CREATE TABLE encryption_keys (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key_id text NOT NULL UNIQUE, kms_key_arn text,
  status text NOT NULL, rotated_at timestamptz);
INSERT INTO encryption_keys (key_id, kms_key_arn, status) VALUES ('2024-09', {arn}, 'active'), ('floor', NULL, 'retired');
CREATE TABLE connections (id bigint PRIMARY KEY, name text NOT NULL, encryption_key_id bigint NOT NULL REFERENCES encryption_keys,
  payload_ciphertext bytea NOT NULL, payload_iv bytea NOT NULL, data_key_ciphertext bytea, data_key_iv bytea, last_error text,
  updated_at timestamptz NOT NULL);
ALTER TABLE connections ALTER payload_ciphertext SET STORAGE EXTERNAL;
"""

MAPPING = """version: 1
rekey:
  database: {{ dsn_env: DATABASE_URL }}
  keys:
    catalog: {{ table: public.encryption_keys, id: id, name: key_id, provider_ref: kms_key_arn, status: status, rotated_at: rotated_at }}
    from: {{ name: 2024-09{old} }}
    to: {{ name: 2025-03{new} }}
  targets:
    - table: public.connections
      label: connections
      primary_key: [id]
      key_ref: {{ column: encryption_key_id, kind: fk }}
      fields:
        - name: payload
          ciphertext: payload_ciphertext
          iv: payload_iv
          tag: suffix
          dek: {{ wrapped: data_key_ciphertext }}
          algorithm: AES-256-GCM
      ignore: [data_key_iv]
      error_column: last_error
      preserve: [updated_at]
  mode: {mode}
  batch: {{ target_ms: {target_ms}, max_rows: {max_rows}, max_bytes: 4MiB }}
  throttle: {{ wal_mb_per_s: 0, dead_tuples: 1, kms_share: 1, kms_requests_per_s: {kms_per_s} }}
  application: {{ key_cache_ttl: 0s }}
"""


def plaintext(row_id, size):
    """What the row holds: known without being kept."""
    return hashlib.shake_128(b"%d" % row_id).digest(size)


class LocalKey:
    """A key in a file that wraps data keys as iv, ciphertext and tag."""

    def __init__(self, path):
        self.path, key = path, os.urandom(32)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(key)
        self.cipher = AESGCM(key)

    def wrap(self, plain):
        iv = os.urandom(12)
        return iv + self.cipher.encrypt(iv, plain, None)

    def unwrap(self, blob):
        return self.cipher.decrypt(blob[:12], blob[12:], None)


class Place:
    """The server, stopped and removed at the end. `keys` wrap and unwrap: the old one, the new one."""

    def __init__(self, buffers, directory=None):
        self.root = tempfile.mkdtemp(prefix="tfseal-bench-", dir=directory)
        self.data = os.path.join(self.root, "data")
        self.process = None
        if os.getuid() == 0:
            user = pwd.getpwnam(postgres_server.unprivileged().pw_name)
            os.chown(self.root, user.pw_uid, user.pw_gid)
        postgres_server.run(["initdb", "-D", self.data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"])
        self.port = postgres_server.free_port()
        self.dsn = f"host={self.data} port={self.port} user=bench dbname=postgres"
        self.start({**SETTINGS, "shared_buffers": buffers})
        self.keys = (LocalKey(os.path.join(self.root, "old.key")), LocalKey(os.path.join(self.root, "new.key")))
        self.local = {"old": f", local: {{ file: {self.keys[0].path}, wrap: gcm }}", "new": f", local: {{ file: {self.keys[1].path}, wrap: gcm }}"}

    def start(self, settings):
        arguments = [*postgres_server.as_who_may(), postgres_server.program("postgres"), "-D", self.data, "-c", f"port={self.port}",
                     "-c", f"unix_socket_directories={self.data}"]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        with open(os.path.join(self.root, "log"), "wb") as log:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                            env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")})
        for _ in range(300):
            try:
                self.sql("SELECT 1")
                return
            except RuntimeError:
                time.sleep(0.1)
        raise SystemExit("bench/rekey: the server does not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        shutil.rmtree(self.root, ignore_errors=True)

    def psql(self):
        return [*postgres_server.as_who_may(), postgres_server.program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.data,
                "-p", str(self.port), "-U", "bench", "-d", "postgres"]

    def sql(self, text):
        return postgres_server.run([*self.psql()[len(postgres_server.as_who_may()):], "-c", text]).strip()

    def create(self, arn=None):
        self.sql("DROP SCHEMA IF EXISTS tfseal CASCADE")
        self.sql("DROP TABLE IF EXISTS pristine, connections, encryption_keys CASCADE")
        self.sql(SCHEMA.format(arn=f"'{arn}'" if arn else "NULL"))

    def fill(self, rows, payload, key=None, shared=1):
        """`shared`: so many rows in a row have one data key."""
        key = key or self.keys[0]
        loading = subprocess.Popen([*self.psql(), "-c", "COPY connections FROM STDIN"], stdin=subprocess.PIPE, cwd="/",
                                   env={"PATH": os.environ.get("PATH", "")})
        for row_id in range(1, rows + 1):
            if (row_id - 1) % shared == 0:
                data_key = os.urandom(32)
                blob = key.wrap(data_key).hex()
            iv = os.urandom(12)
            sealed = AESGCM(data_key).encrypt(iv, plaintext(row_id, payload), None)
            loading.stdin.write(f"{row_id}\tconnection\t1\t\\\\x{sealed.hex()}\t\\\\x{iv.hex()}\t\\\\x{blob}\t\\N\t\\N\t2025-01-01\n".encode())
        loading.stdin.close()
        if loading.wait() != 0:
            raise SystemExit("bench/rekey: the rows cannot be loaded")
        self.sql("CREATE UNLOGGED TABLE pristine AS TABLE connections")

    def fresh(self, foreign_key=True, index=True, rows=None):
        """The table as it was, without anything that an earlier run left."""
        self.sql("DROP SCHEMA IF EXISTS tfseal CASCADE")
        self.sql("UPDATE encryption_keys SET status = 'rotating' WHERE key_id = '2025-03'; "
                 "UPDATE encryption_keys SET status = 'active' WHERE key_id = '2024-09'")
        self.sql("DROP INDEX IF EXISTS connections_encryption_key_id")
        self.sql("ALTER TABLE connections DROP CONSTRAINT IF EXISTS connections_encryption_key_id_fkey")
        self.sql("TRUNCATE connections")
        self.sql("INSERT INTO connections SELECT * FROM pristine" + (f" WHERE id <= {rows}" if rows else "") + " ORDER BY id")
        if index:
            self.sql("CREATE INDEX connections_encryption_key_id ON connections (encryption_key_id)")
        if foreign_key:
            self.sql("ALTER TABLE connections ADD CONSTRAINT connections_encryption_key_id_fkey FOREIGN KEY (encryption_key_id) "
                     "REFERENCES encryption_keys")
        self.sql("VACUUM (FREEZE, ANALYZE) connections")
        self.sql("CHECKPOINT")

    def configure(self, mode, **values):
        path = os.path.join(self.root, f"{mode}.yaml")
        with open(path, "w", encoding="ascii") as file:
            file.write(MAPPING.format(**{"mode": mode, "target_ms": 25, "max_rows": 1000, "kms_per_s": 10000, **self.local, **values}))
        return path

    def command(self, subcommand, config, *flags):
        return [TFSEAL, "rekey", subcommand, "--config", config, *flags]

    def environment(self, environment=None):
        return {**(environment or os.environ), "DATABASE_URL": self.dsn}

    def setup(self, config, environment=None):
        done = subprocess.run(self.command("setup", config), env=self.environment(environment), text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise SystemExit("bench/rekey: setup: " + done.stdout + done.stderr)

    def begin(self, config, environment=None, *flags):
        """A worker of its own process."""
        return subprocess.Popen(self.command("run", config, "--quiet", *flags), env=self.environment(environment), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def wrong(self, payload, except_ids=(), key=None):
        """How many rows do not hold what they held, under the new key."""
        key_id = self.sql("SELECT id FROM encryption_keys WHERE key_id = '2025-03'")
        reading = subprocess.Popen([*self.psql(), "-c", "COPY connections (id, encryption_key_id, payload_ciphertext, payload_iv, "
                                    "data_key_ciphertext) TO STDOUT"], stdout=subprocess.PIPE, cwd="/", text=True,
                                   env={"PATH": os.environ.get("PATH", "")})
        wrong = 0
        for line in reading.stdout:
            row_id, under, sealed, iv, blob = line.rstrip("\n").split("\t")
            if int(row_id) in except_ids:
                continue
            sealed, iv, blob = (bytes.fromhex(v[3:]) for v in (sealed, iv, blob))
            try:
                opened = AESGCM((key or self.keys[1]).unwrap(blob)).decrypt(iv, sealed, None)
            except InvalidTag:
                opened = None
            wrong += under != key_id or opened != plaintext(int(row_id), payload)
        return wrong + (reading.wait() != 0)
