"""An application that seals values itself, with one key that it keeps in its environment or in Secrets Manager, and no data
keys in the rows: "v1:" before iv, ciphertext and tag, in base64 (first_name) and as bytes (notes). It knows nothing of tfseal."""

import base64
import os
import random
import threading

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import libpq

SCHEMA = """
CREATE TABLE clients (
  id bigint PRIMARY KEY,
  tenant bigint NOT NULL,
  first_name text,
  notes bytea,
  updated_at timestamptz NOT NULL DEFAULT '2025-01-01');
CREATE TABLE key_rotation_audit (
  id serial PRIMARY KEY,
  rotation_date timestamptz NOT NULL,
  old_key_version text NOT NULL,
  new_key_version text NOT NULL,
  rotation_type text NOT NULL,
  initiated_by text NOT NULL,
  notes text)
"""

MAPPING = """rekey:
  database: {{ dsn_env: DATABASE_URL }}
  keys:
    inline: [ {others} ]
    from: {{ name: v1, direct: {{ {old} }} }}
    to: {{ name: v2, direct: {{ {new} }} }}
  targets:
    - table: clients
      primary_key: [id]
      key_ref: {{ kind: version-prefix }}
      tenant: tenant
      preserve: [updated_at]
      fields:
        - {{ name: first_name, format: version-prefix, ciphertext: {{ column: first_name, encoding: base64 }} }}
        - {{ name: notes, format: version-prefix, ciphertext: notes{aad} }}
  mode: reseal
  batch: {{ max_rows: {max_rows} }}
  throttle: {{ wal_mb_per_s: 0, dead_tuples: 1, rows_per_s: {rate} }}
  application: {{ key_cache_ttl: 0 }}
  audit: {{ table: key_rotation_audit, initiated_by: devops@example.org }}
  evidence: {{ directory: {evidence} }}
"""


def mapping(**values):
    settings = {"others": "", "max_rows": 1000, "rate": 0, "aad": "", "evidence": "/nonexistent"}
    return MAPPING.format(**{**settings, **values})


class Clients:
    """The table, and what is true of it: id -> [first_name, notes], each a text or None."""

    def __init__(self, conninfo):
        self.conninfo, self.keys, self.truth = conninfo, {"v1": os.urandom(32), "v2": os.urandom(32)}, {}
        self.active = "v1"
        self.canary = b"CANARY-" + os.urandom(6).hex().encode()

    def session(self):
        return libpq.Session(self.conninfo)

    def plaintext(self):
        return self.canary + os.urandom(random.randrange(60))

    def seal(self, version, plaintext):
        iv = os.urandom(12)
        return iv + AESGCM(self.keys[version]).encrypt(iv, plaintext, None)

    def columns(self, version, values):
        """As they are stored."""
        first_name, notes = values
        text = None if first_name is None else f"{version}:{base64.b64encode(self.seal(version, first_name)).decode()}"
        return text, None if notes is None else version.encode() + b":" + self.seal(version, notes)

    def create(self):
        with self.session() as db:
            for statement in SCHEMA.split(";"):
                db.run(statement)

    def fill(self, rows):
        """Some have one value only, some none, and some were half written under the new key already."""
        with self.session() as db:
            for n in range(1, rows + 1):
                values = [None if n % 7 == 0 else self.plaintext(), None if n % 5 == 0 else self.plaintext()]
                text, notes = self.columns("v1", values)
                if n % 11 == 0:
                    notes = self.columns("v2", values)[1]
                db.run("INSERT INTO clients (id, tenant, first_name, notes) VALUES ($1::bigint, $2::bigint, $3, $4)", n, n % 3, text, notes)
                self.truth[n] = values
            db.run("ANALYZE clients")

    def open(self, stored):
        """The version, and what the value holds."""
        if stored is None:
            return None, None
        version, sealed = (stored.encode() if isinstance(stored, str) else stored).split(b":", 1)
        if isinstance(stored, str):
            sealed = base64.b64decode(sealed, validate=True)
        return version.decode(), AESGCM(self.keys[version.decode()]).decrypt(sealed[:12], sealed[12:], None)

    def problems(self, under="v2", except_ids=()):
        """Everything that is wrong with the table; empty: all rows are there, open, and hold what was written last."""
        wrong = []
        with self.session() as db:
            rows = {row_id: stored for row_id, *stored in db.run("SELECT id, first_name, notes FROM clients")}
        for row_id, stored in rows.items():
            for place, value in enumerate(stored):
                if row_id in except_ids:
                    continue
                try:
                    version, plaintext = self.open(value)
                except (InvalidTag, ValueError, KeyError) as error:
                    wrong.append(f"{row_id}: value {place} does not open: {error!r}")
                    continue
                if value is not None and under and version != under:
                    wrong.append(f"{row_id}: value {place} is under {version}")
                if plaintext != self.truth[row_id][place]:
                    wrong.append(f"{row_id}: value {place} is not what was written last")
        return wrong + [f"{row_id} is gone" for row_id in self.truth if row_id not in rows]


class Writers:
    """Threads that go on writing single columns, each on rows of its own, until they are stopped."""

    def __init__(self, clients, count=3):
        self.clients, self.stop, self.failures, self.writes = clients, threading.Event(), [], 0
        ids = sorted(clients.truth)
        self.threads = [threading.Thread(target=self.work, args=(ids[n::count],), daemon=True) for n in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def work(self, ids):
        clients = self.clients
        try:
            with clients.session() as db:
                while not self.stop.is_set():
                    row_id, place = random.choice(ids), random.randrange(2)
                    value = clients.plaintext()
                    stored = clients.columns(clients.active, [value, value])[place]
                    column = ("first_name", "notes")[place]
                    db.run(f"UPDATE clients SET {column} = $2, updated_at = now() WHERE id = $1::bigint", row_id, stored)
                    clients.truth[row_id][place] = value
                    self.writes += 1
        except Exception as error:  # a thread that ends unnoticed would be a writer that is missed
            self.failures.append(repr(error))
