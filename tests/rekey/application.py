"""The application whose rows are re-encrypted: an independent program that knows nothing of tfseal. It creates the
schema, seals rows with Python's `cryptography`, goes on writing while they are moved, and at the end opens every row."""

import base64
import collections
import contextlib
import itertools
import json
import os
import random
import threading
import time
import urllib.request

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding, aes_key_wrap_with_padding

import libpq

SCHEMA = """
CREATE TABLE encryption_keys (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key_id text NOT NULL UNIQUE,
  kms_key_arn text,
  alias text,
  derived_key text,
  status text NOT NULL CHECK (status IN ('active', 'rotating', 'retired')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  rotated_at timestamptz);
CREATE UNIQUE INDEX encryption_keys_one_active ON encryption_keys (status) WHERE status = 'active';
CREATE TABLE connections (
  id {pk} PRIMARY KEY,
  organization_id bigint NOT NULL,
  name text NOT NULL,
  encryption_key_id bigint NOT NULL REFERENCES encryption_keys,
  payload_ciphertext bytea NOT NULL,
  payload_iv bytea NOT NULL,
  data_key_ciphertext bytea,
  data_key_iv bytea,
  encrypted_credentials bytea NOT NULL,
  iv bytea NOT NULL,
  last_error text,
  updated_at timestamptz NOT NULL);
CREATE INDEX connections_encryption_key_id ON connections (encryption_key_id);
CREATE TABLE encryption_rotation_jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  target_key_id bigint,
  status text NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'completed_with_errors')),
  total_connections bigint,
  processed_connections bigint,
  failed_connections bigint,
  last_error text,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE connection_scoped_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  connection_id bigint,
  expires_at timestamptz NOT NULL,
  used_at timestamptz);
"""

# One transaction for each row.
WRITE_EACH = """
CREATE PROCEDURE write_each(ids text[], key bigint, ciphertexts bytea[], ivs bytea[], blob bytea) LANGUAGE plpgsql AS $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT unnest(ids) AS id, unnest(ciphertexts) AS ciphertext, unnest(ivs) AS iv LOOP
    UPDATE connections SET encryption_key_id = key, payload_ciphertext = one.ciphertext, payload_iv = one.iv,
      data_key_ciphertext = blob, encrypted_credentials = one.ciphertext, iv = one.iv, updated_at = now() WHERE id = one.id::{pk};
    COMMIT;
  END LOOP;
END $$
"""

BEGINNING = "2025-01-01 00:00:00+00"  # updated_at of every row that nobody has touched

MAPPING = """version: 1
rekey:
  database: {{ dsn_env: DATABASE_URL{pooler} }}
  keys:
    catalog:
      table: public.encryption_keys
      id: id
      name: key_id
      provider_ref: kms_key_arn
      alias: alias
      status: status
      rotated_at: rotated_at
      updated_at: updated_at
      legacy_material: derived_key
    from: {{ name: 2024-09{old} }}
    to: {{ name: 2025-03{new} }}
  targets:
    - table: public.connections
      label: connections
      primary_key: [id]
      key_ref: {{ column: encryption_key_id, kind: fk }}
      tenant: organization_id
      fields:
        - name: payload
          ciphertext: payload_ciphertext
          iv: payload_iv
          tag: suffix
          dek: {{ wrapped: data_key_ciphertext, iv: data_key_iv }}
          mirrors: [ {{ ciphertext: encrypted_credentials, iv: iv }} ]
          algorithm: AES-256-GCM
      error_column: last_error
      preserve: [updated_at]
  mode: {mode}
  read_back: {read_back}
  batch: {{ target_ms: {target_ms}, max_rows: {max_rows}, max_bytes: 4MiB }}
  throttle: {{ wal_mb_per_s: {wal}, replica_lag: 1s, kms_share: {kms_share}, dead_tuples: 1, service_outage: {outage}, horizon_age: {horizon}, retained_wal: 16MiB, rows_per_s: {rate}{health} }}
  verify: {{ kind: full }}
  application: {{ key_cache_ttl: {cache_ttl}s }}
  evidence: {{ directory: {evidence} }}
  jobs:
    table: public.encryption_rotation_jobs
    id: id
    status: status
    target_key: target_key_id
    total: total_connections
    processed: processed_connections
    failed: failed_connections
    last_error: last_error
    started_at: started_at
    completed_at: completed_at
    updated_at: updated_at
"""


def mapping(**values):
    settings = {"pooler": "", "old": "", "new": "", "cache_ttl": 0, "mode": "reseal", "max_rows": 1000, "target_ms": 25, "wal": 0,
                "kms_share": 1, "outage": "15m", "horizon": "30m", "rate": 0, "health": "", "read_back": "batch",
                "evidence": "/nonexistent"}
    return MAPPING.format(**{**settings, **values})


class LocalKey:
    """A key in a file, which wraps data keys as RFC 5649 says."""

    def __init__(self, path, key=None):
        self.path, self.key = path, key or os.urandom(32)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self.key)

    def new_data_key(self):
        plain = os.urandom(32)
        return plain, aes_key_wrap_with_padding(self.key, plain)

    def unwrap(self, blob):
        return aes_key_unwrap_with_padding(self.key, blob)


class KmsKey:
    """A key in AWS KMS; `shared` rows in a row use one data key, as applications with a cache do."""

    def __init__(self, client, arn, shared=1):
        self.client, self.arn, self.shared = client, arn, shared
        self.left, self.current, self.opened, self.lock = 0, None, {}, threading.Lock()

    def new_data_key(self):
        with self.lock:
            if self.left == 0:
                made = self.client.generate_data_key(KeyId=self.arn, KeySpec="AES_256")
                self.current, self.left = (made["Plaintext"], made["CiphertextBlob"]), self.shared
            self.left -= 1
            return self.current

    def unwrap(self, blob):
        plain = self.opened.get(blob)
        if plain is None:
            answer = self.client.decrypt(CiphertextBlob=blob, KeyId=self.arn)
            assert answer["KeyId"] == self.arn
            plain = self.opened[blob] = answer["Plaintext"]
        return plain


class VaultKey:
    """A key of Vault's transit engine, through its HTTP API."""

    def __init__(self, address, token, name):
        self.address, self.token, self.name = address, token, name
        self.ask("keys/" + name, {"type": "aes256-gcm96"})

    def ask(self, path, body):
        request = urllib.request.Request(f"{self.address}/v1/transit/{path}", json.dumps(body).encode(), {"X-Vault-Token": self.token})
        return json.loads(urllib.request.urlopen(request, timeout=60).read())["data"]

    def new_data_key(self):
        made = self.ask("datakey/plaintext/" + self.name, {"bits": 256})
        return base64.b64decode(made["plaintext"]), made["ciphertext"].encode()

    def unwrap(self, blob):
        result, = self.ask("decrypt/" + self.name, {"batch_input": [{"ciphertext": blob.decode()}]})["batch_results"]
        return base64.b64decode(result["plaintext"])


class Application:
    """What is true of the table, kept outside of it: every write that the server acknowledged."""

    def __init__(self, conninfo, keys, pk="bigint", legacy=None):
        self.conninfo, self.keys, self.pk, self.legacy = conninfo, keys, pk, legacy
        self.truth = {}             # id -> plaintext
        self.touched = set()        # ids whose updated_at the application has changed
        self.unknown = {}           # id -> plaintexts that may be there: the answer to a write was lost
        self.lock = threading.Lock()
        self.names = {}             # catalogue id -> key name
        self.writes = collections.Counter()
        self.rows_max = float("inf")  # above it writers delete instead of inserting
        self.new_numbers = itertools.count(10_000_000)  # of rows that writers insert, whichever of them

    def session(self):
        return libpq.Session(self.conninfo)

    def create(self, arn=None):
        with self.session() as db:
            for statement in SCHEMA.format(pk=self.pk).split(";"):
                if statement.strip():
                    db.run(statement)
            db.run(WRITE_EACH.format(pk=self.pk))
            db.run("INSERT INTO encryption_keys (key_id, kms_key_arn, status, derived_key) VALUES ('2024-09', $1, 'active', $2)",
                   arn, self.legacy.hex() if self.legacy else None)

    def seal(self, name, plaintext, iv=None):
        iv = iv or os.urandom(12)
        data_key, blob = self.keys[name].new_data_key()
        return AESGCM(data_key).encrypt(iv, plaintext, None), iv, blob

    def seal_legacy(self, plaintext):
        iv = os.urandom(12)
        return AESGCM(self.legacy).encrypt(iv, plaintext, None), iv, None

    def fill(self, rows, payload=300, start=1, legacy_every=0):
        """Rows in bulk, as years of writing would have left them."""
        with self.session() as db:
            (key_id,), = db.run("SELECT id FROM encryption_keys WHERE key_id = '2024-09'")
            for first in range(start, start + rows, 500):
                ids = [self.make_id(n) for n in range(first, min(first + 500, start + rows))]
                parts, values = [], []
                for n, row_id in enumerate(ids, first):
                    plaintext = b"secret of %s " % str(row_id).encode() + os.urandom(payload)
                    legacy = legacy_every and n % legacy_every == 0
                    ciphertext, iv, blob = self.seal_legacy(plaintext) if legacy else self.seal("2024-09", plaintext)
                    at = len(values)
                    parts.append(f"(${at + 1}::{self.pk}, ${at + 2}::bigint, 'connection', {key_id}, ${at + 3}, ${at + 4}, ${at + 5}, "
                                 f"${at + 3}, ${at + 4}, '{BEGINNING}')")
                    values += [str(row_id), str(n % 7), ciphertext, iv, blob]
                    self.truth[str(row_id)] = plaintext
                db.run("INSERT INTO connections (id, organization_id, name, encryption_key_id, payload_ciphertext, payload_iv, "
                       "data_key_ciphertext, encrypted_credentials, iv, updated_at) VALUES " + ", ".join(parts), *values)
            db.run("ANALYZE connections")

    def make_id(self, n):
        if self.pk == "uuid":
            value = random.Random(n).getrandbits(128)
            text = f"{value:032x}"
            return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        return f"connection {n}" if self.pk == "text" else n

    def refresh_names(self, db):
        self.names = {int(i): name for i, name in db.run("SELECT id, key_id FROM encryption_keys")}

    def active(self, db):
        (key_id, name), = db.run("SELECT id, key_id FROM encryption_keys WHERE status = 'active'")
        self.names[key_id] = name
        return key_id, name

    def open(self, key_id, ciphertext, iv, blob):
        if blob is None:
            return AESGCM(self.legacy).decrypt(iv, ciphertext, None)
        return AESGCM(self.keys[self.names[key_id]].unwrap(blob)).decrypt(iv, ciphertext, None)

    def problems(self, under="2025-03", except_ids=()):
        """Everything that is wrong with the table; empty: every row opens, is what was written last, and is under the key."""
        wrong = []
        seen = set()
        with self.session() as db:
            db.run("SET TIME ZONE 'UTC'")
            self.refresh_names(db)
            after = None
            while True:
                rows = db.run("SELECT id::text AS row_id, encryption_key_id, payload_ciphertext, payload_iv, data_key_ciphertext, "
                              "encrypted_credentials, iv, updated_at = $1::timestamptz, last_error, data_key_iv FROM connections "
                              f"WHERE $2::{self.pk} IS NULL OR id > $2::{self.pk} ORDER BY id LIMIT 5000", BEGINNING, after)
                if not rows:
                    break
                after = rows[-1][0]
                for row_id, key_id, ciphertext, iv, blob, copy, copy_iv, untouched, _, _ in rows:
                    seen.add(row_id)
                    if row_id in except_ids:
                        continue
                    if under and self.names[key_id] != under:
                        wrong.append(f"{row_id} is under {self.names[key_id]}")
                    if copy != ciphertext or copy_iv != iv:
                        wrong.append(f"{row_id}: the copy differs")
                    if (untouched == "t") == (row_id in self.touched) and row_id not in self.unknown:
                        wrong.append(f"{row_id}: updated_at is not what the application left there")
                    try:
                        plaintext = self.open(key_id, ciphertext, iv, blob)
                    except (InvalidTag, InvalidUnwrap, ValueError, AssertionError) as error:
                        wrong.append(f"{row_id} does not open: {error!r}")
                        continue
                    if plaintext != self.truth.get(row_id) and plaintext not in self.unknown.get(row_id, ()):
                        wrong.append(f"{row_id} holds something else than was written last")
        missing = {i for i in self.truth if i not in seen and None not in self.unknown.get(i, ())}
        extra = {i for i in seen if i not in self.truth and i not in self.unknown and i not in except_ids}
        return wrong + [f"{i} is gone" for i in sorted(missing)] + [f"{i} should not be there" for i in sorted(extra)]


def bytea_array(values):
    return "{" + ",".join(f'"\\\\x{value.hex()}"' for value in values) + "}"


class Writers:
    """Threads that use the table as the application does, each on ids of its own, until they are stopped. With `burst`
    every second one has the server make that many writes at a time, each a transaction of its own: what Python could
    not send as fast as a server can write."""

    def __init__(self, application, count=4, cache_seconds=0.5, hot=0.01, pause=0.0, stale=True, seed=1, burst=0):
        self.application, self.count, self.cache_seconds, self.burst = application, count, cache_seconds, burst
        self.hot, self.pause, self.stale, self.seed = hot, pause, stale, seed
        self.stop = threading.Event()
        self.failures = []
        # Dealt out before any thread writes: a row that two of them called their own would be a row nobody keeps account of.
        ids = sorted(application.truth)
        self.threads = [threading.Thread(target=self.work, args=(n, ids[n::count]), daemon=True) for n in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)

    def work(self, number, mine):
        dice = random.Random(self.seed * 1000 + number)
        application = self.application
        hot = mine[:max(1, int(len(mine) * self.hot))]
        db = None
        key, read_at = None, 0.0
        while not self.stop.is_set():
            try:
                if db is None:
                    db = application.session()
                if time.monotonic() - read_at > self.cache_seconds:
                    key, read_at = application.active(db), time.monotonic()
                if self.burst and number % 2:
                    self.write_burst(db, dice, key, mine, hot)
                    continue
                row_id = dice.choice(hot if dice.random() < 0.5 else mine)
                action = dice.choices(["payload", "other", "delete", "insert", "same-iv", "lock"], [40, 20, 3, 10, 10, 2])[0]
                if action == "insert" and len(application.truth) > application.rows_max:
                    action = "delete"
                if action == "insert":
                    row_id = str(application.make_id(next(application.new_numbers)))
                self.act(db, dice, action, row_id, key, mine)
                application.writes[action] += 1
            except libpq.Refused as refused:
                if refused.sqlstate not in ("40P01", "40001", "55P03"):
                    self.failures.append(str(refused))
                with contextlib.suppress(libpq.Refused, libpq.Lost):
                    db.run("ROLLBACK")
            except libpq.Lost:
                db.close() if db else None
                db = None
                time.sleep(0.1)
            except Exception as error:  # a thread that ends unnoticed would be a writer that is missed
                self.failures.append(repr(error))
                return
            if self.pause:
                time.sleep(self.pause)
        if db:
            db.close()

    def act(self, db, dice, action, row_id, key, mine):
        application = self.application
        key_id, name = key
        exists = row_id in application.truth
        if action == "insert":
            self.write(row_id, lambda plaintext: self.insert(db, row_id, key_id, name, plaintext))
            mine.append(row_id)
        elif not exists:
            return
        elif action == "payload":
            self.write(row_id, lambda plaintext: self.update(db, row_id, key_id, name, plaintext))
        elif action == "same-iv":
            (iv,), = db.run(f"SELECT payload_iv FROM connections WHERE id = $1::{application.pk}", row_id)
            self.write(row_id, lambda plaintext: self.update(db, row_id, key_id, name, plaintext, iv))
        elif action == "other":
            application.touched.add(row_id)
            db.run(f"UPDATE connections SET name = $2, updated_at = now() WHERE id = $1::{application.pk}", row_id, f"n{dice.random()}")
        elif action == "delete":
            with application.lock:
                before = application.truth.pop(row_id)
                application.unknown[row_id] = {None, before}
            db.run(f"DELETE FROM connections WHERE id = $1::{application.pk}", row_id)
            with application.lock:
                del application.unknown[row_id]
        elif action == "lock":
            # Several rows in one transaction, in falling order: what deadlocks are made of.
            several = sorted({dice.choice(mine) for _ in range(5)} & set(application.truth), key=mine.index, reverse=True)
            db.run("BEGIN")
            for one in several:
                application.touched.add(one)
                db.run(f"UPDATE connections SET name = 'locked', updated_at = now() WHERE id = $1::{application.pk}", one)
            time.sleep(dice.random() * 0.05)
            db.run("COMMIT")

    def write(self, row_id, change):
        """While the answer is outstanding either value may be there; afterwards only the new one."""
        application = self.application
        plaintext = b"written by the application " + os.urandom(64)
        with application.lock:
            lost = application.unknown.get(row_id)
            before = lost or {application.truth.get(row_id)}
            application.unknown[row_id] = before | {plaintext}
            application.touched.add(row_id)
        try:
            change(plaintext)
        except libpq.Refused:
            with application.lock:
                if lost:
                    application.unknown[row_id] = lost
                else:
                    del application.unknown[row_id]
            raise
        with application.lock:
            application.truth[row_id] = plaintext
            del application.unknown[row_id]

    def write_burst(self, db, dice, key, mine, hot):
        """As `write` does it, for many rows, some of them several times: if the server refuses, any of the values may be there."""
        application = self.application
        key_id, name = key
        data_key, blob = application.keys[name].new_data_key()
        cipher = AESGCM(data_key)
        ids = [dice.choice(hot if dice.random() < 0.5 else mine) for _ in range(self.burst)]
        ids = [row_id for row_id in ids if row_id in application.truth]
        plaintexts = [b"written in a burst " + os.urandom(64) for _ in ids]
        ivs = [os.urandom(12) for _ in ids]
        with application.lock:
            for row_id, plaintext in zip(ids, plaintexts):
                application.unknown[row_id] = application.unknown.get(row_id, {application.truth[row_id]}) | {plaintext}
                application.touched.add(row_id)
        ciphertexts = [cipher.encrypt(iv, plaintext, None) for iv, plaintext in zip(ivs, plaintexts)]
        db.run("SET synchronous_commit = off")
        db.run("CALL write_each($1::text[], $2::bigint, $3::bytea[], $4::bytea[], $5)", "{" + ",".join(ids) + "}", key_id,
               bytea_array(ciphertexts), bytea_array(ivs), blob)
        with application.lock:
            for row_id, plaintext in zip(ids, plaintexts):
                application.truth[row_id] = plaintext
                application.unknown.pop(row_id, None)
        application.writes["burst"] += len(ids)

    def insert(self, db, row_id, key_id, name, plaintext):
        application = self.application
        ciphertext, iv, blob = application.seal(name, plaintext)
        db.run("INSERT INTO connections (id, organization_id, name, encryption_key_id, payload_ciphertext, payload_iv, "
               f"data_key_ciphertext, encrypted_credentials, iv, updated_at) VALUES ($1::{application.pk}, 1, 'new', $2::bigint, $3, $4, "
               "$5, $3, $4, now())", row_id, key_id, ciphertext, iv, blob)

    def update(self, db, row_id, key_id, name, plaintext, iv=None):
        application = self.application
        ciphertext, iv, blob = application.seal(name, plaintext, iv)
        db.run("UPDATE connections SET encryption_key_id = $2::bigint, payload_ciphertext = $3, payload_iv = $4, "
               "data_key_ciphertext = $5, encrypted_credentials = $3, iv = $4, updated_at = now() "
               f"WHERE id = $1::{application.pk}", row_id, key_id, ciphertext, iv, blob)
