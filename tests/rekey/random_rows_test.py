#!/usr/bin/env python3
"""Tables of any shape, with rows of any kind, whose keys are changed by real processes while somebody writes: keys of several
columns and types, values in several columns and encodings, NULL and empty ones, large ones, damaged ones, data keys that are
shared, tables with parts, small batches, workers that are killed. A model in Python says what each row must be afterwards, byte
for byte where it may not be touched.

  random_rows_test.py                        some rounds
  random_rows_test.py --rounds 500 --seed 7  many others
  random_rows_test.py --rounds 1 --seed N    one of them again"""

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import os
import random
import sys
import threading
import time
import uuid

import place as places
import running

OLD, NEW, THIRD = "old-key", "new-key", "third"
HEAD = b"tfsealAD\x01\x01"

# Columns of the primary key, and their texts for the n-th row. Of `bound` ones AAD is known to be made of texts.
KEYS = {
    "bigint": ([("id", "bigint")], lambda n: (str(n * 7919 % 100_003 - 50_000),), True),
    "smallint": ([("id", "smallint")], lambda n: (str(n - 700),), True),
    "uuid": ([("id", "uuid")], lambda n: (str(uuid.UUID(hashlib.md5(b"%d" % n).hexdigest())),), True),
    "text": ([("id", "text")], lambda n: (hashlib.md5(b"%d" % n).hexdigest()[:n % 20 + 6] + ('"\\, {}', "é", "")[n % 3],), True),
    "char": ([("id", "char(12)")], lambda n: (("k%d" % (n * 31)).ljust(12),), True),
    "two": ([("region", "varchar(9)"), ("number", "integer")], lambda n: ("r%d" % (n % 5), str(n // 5)), True),
    "three": ([("first", "integer"), ("second", "text"), ("third", "bigint")], lambda n: (str(n % 3), "b%d" % (n % 7), str(n)), True),
    "time": ([("at", "timestamptz")], lambda n: (f"2025-01-01 00:00:{n // 60 % 60:02}.{n:05}1+00",), False),
    "numeric": ([("id", "numeric")], lambda n: (f"{n}.50",), False),
    "domain": ([("id", "own_id")], lambda n: ("d%05d" % n,), True),
}
NAMES_OF_KEYS = ("text", "varchar(40)", "char(16)", "own_name")


class Field:
    """One sealed value of a row: where its parts are."""

    def __init__(self, dice, name, shape, first):
        self.name, self.first = name, first
        self.encodings = {}
        self.iv = dice.choice((f"{name}_iv", None))
        self.tag = dice.choice(("suffix", "suffix", "prefix", f"{name}_tag"))
        self.shares = first is not None and dice.random() < 0.4
        self.wrapped = first.wrapped if self.shares else f"{name}_key"
        self.nonce = first.nonce if self.shares else (f"{name}_key_iv" if shape["wrap"] == "gcm-nonce-column" else None)
        self.commitment = f"{name}_commitment" if dice.random() < 0.2 else None
        self.mirrored = dice.random() < 0.25
        self.aad = shape["bound"] and dice.random() < 0.3
        self.upgrade = shape["bound"] and shape["mode"] == "reseal" and (shape["shared"] or dice.random() < 0.2)
        for column in self.columns():
            if self.shares and column in (self.wrapped, self.nonce):
                self.encodings[column] = first.encodings[column]
            else:
                self.encodings[column] = dice.choice(("raw", "raw", "base64", "hex"))

    def columns(self):
        tag = None if self.tag in ("suffix", "prefix") else self.tag
        return [c for c in (self.name, self.iv, tag, self.wrapped, self.nonce, self.commitment) if c]

    def copied(self):
        tag = None if self.tag in ("suffix", "prefix") else self.tag
        return [c for c in (self.name, self.iv, tag) if c] if self.mirrored else []

    def ref(self, column, copy=""):
        encoding = self.encodings[column]
        return column + copy if encoding == "raw" else f"{{ column: {column}{copy}, encoding: {encoding} }}"

    def mapping(self):
        tag = self.tag if self.tag in ("suffix", "prefix") else f"{{ column: {self.tag}, encoding: {self.encodings[self.tag]} }}"
        parts = [f"name: {self.name}", f"ciphertext: {self.ref(self.name)}", f"tag: {tag}",
                 "iv: " + (self.ref(self.iv) if self.iv else "'prefix:12'")]
        dek = [f"wrapped: {self.ref(self.wrapped)}"]
        if self.nonce:
            dek.append(f"iv: {self.ref(self.nonce)}")
        if self.commitment:
            dek.append(f"commitment: {self.ref(self.commitment)}")
        parts.append(f"dek: {{ {', '.join(dek)} }}")
        if self.mirrored:
            names = {self.name: "ciphertext", self.iv: "iv", self.tag: "tag"}
            parts.append("mirrors: [ { %s } ]" % ", ".join(f"{names[c]}: {self.ref(c, '_copy')}" for c in self.copied()))
        aad = ["scheme: tfseal-v1"] if self.aad else []
        if self.upgrade:
            aad.append("upgrade_to: tfseal-v1")
        if aad:
            parts.append(f"aad: {{ {', '.join(aad)} }}")
        return "        - { " + ", ".join(parts) + " }"

    def encode(self, column, value):
        encoding = self.encodings[column]
        return value if encoding == "raw" else value.hex() if encoding == "hex" else base64.b64encode(value).decode()

    def decode(self, column, value):
        encoding = self.encodings[column]
        return value if encoding == "raw" else bytes.fromhex(value) if encoding == "hex" else base64.b64decode(value, validate=True)


class Shape:
    """What the table and the mapping are like."""

    def __init__(self, dice, folder):
        self.dice = dice
        self.key = dice.choice(list(KEYS))
        self.key_columns, self.key_of, bound = KEYS[self.key]
        self.mode = dice.choice(("reseal", "reseal", "rewrap"))
        self.wrap = dice.choice(("kwp", "gcm-nonce-column"))
        shared = self.mode == "reseal" and bound and dice.random() < 0.2
        self.shared = shared
        self.fields = []
        for n in range(dice.choice((1, 1, 2, 3))):
            first = self.fields[0] if self.fields else None
            self.fields.append(Field(dice, "abc"[n], {"wrap": self.wrap, "mode": self.mode, "bound": bound, "shared": shared}, first))
        self.key_type = dice.choice(NAMES_OF_KEYS)
        self.limited = dice.random() < 0.15
        self.parts = dice.choice(("", "", "", "", "", "children", "partitions"))
        self.max_rows = dice.choice((50, 127, 128, 129, 300, 1000))
        self.pooler = dice.choice(("none", "none", "none", "transaction"))
        self.target_ms = dice.choice((1, 25, 1000))
        self.max_bytes = dice.choice(("64KiB", "4MiB", "4MiB"))
        self.rate = dice.choice((0, 0, 1500))
        self.large = dice.random() < 0.2
        self.folder = folder

    def mapping(self, place):
        keys = [f"{{ name: {name}, local: {{ file: {self.folder}/{name}.key, wrap: {self.wrap} }} }}" for name in (OLD, NEW)]
        lines = ["rekey:", f"  database: {{ dsn_env: DATABASE_URL, pooler: {self.pooler} }}", "  keys:", f"    from: {keys[0]}", f"    to: {keys[1]}",
                 "  targets:", "    - table: things", f"      primary_key: [{', '.join(c for c, _ in self.key_columns)}]",
                 "      key_ref: { column: sealed_by, kind: name }", "      tenant: tenant", "      error_column: last_error",
                 "      preserve: [note]"]
        if self.limited:
            lines.append("      where: t.note <> 'left'")
        if self.parts == "partitions":
            lines.append("      accept: [partitions]")
        lines += ["      fields:", *[field.mapping() for field in self.fields], f"  mode: {self.mode}"]
        if self.shared:
            lines.append(f"  dek: {{ per: shared, max_rows: {self.dice.choice((2, 7, 200))} }}")
        lines += [f"  batch: {{ target_ms: {self.target_ms}, max_rows: {self.max_rows}, max_bytes: {self.max_bytes} }}",
                  f"  throttle: {{ wal_mb_per_s: 0, dead_tuples: 10, rows_per_s: {self.rate} }}", "  application: { key_cache_ttl: 0 }",
                  f"  evidence: {{ directory: {place.evidence} }}"]
        return "\n".join(lines) + "\n"

    def sealed_columns(self):
        """(column, type), each once; copies behind."""
        types = {}
        for field in self.fields:
            for column in field.columns():
                types[column] = "bytea" if field.encodings[column] == "raw" else "text"
            for column in field.copied():
                types[column + "_copy"] = types[column]
        return types

    def create(self, db):
        columns = [f"{name} {kind}" for name, kind in self.key_columns] + [f"sealed_by {self.key_type}", "tenant text", "note text NOT NULL", "last_error text"]
        columns += [f"{name} {kind}" for name, kind in self.sealed_columns().items()]
        self.dice.shuffle(columns)
        primary = ", ".join(c for c, _ in self.key_columns)
        parted = f" PARTITION BY HASH ({self.key_columns[0][0]})" if self.parts == "partitions" else ""
        db.run(f"CREATE TABLE things ({', '.join(columns)}, PRIMARY KEY ({primary})){parted}")
        for n in range(2 if self.parts == "partitions" else 0):
            db.run(f"CREATE TABLE things_{n} PARTITION OF things FOR VALUES WITH (MODULUS 2, REMAINDER {n})")
        if self.parts == "children":
            db.run("CREATE TABLE things_child () INHERITS (things)")
        if self.dice.random() < 0.5:
            db.run("CREATE INDEX things_sealed_by ON things (sealed_by)")


class Model:
    """What is true of each row."""

    def __init__(self, dice, shape, keys):
        self.dice, self.shape, self.keys = dice, shape, keys
        self.rows = {}  # key -> what it holds

    def tenant(self):
        return self.dice.choice(("t1", "t1", "t1", "t2", None))

    def plaintext(self):
        sizes = (0, 1, 15, 16, 17, 100, 300) + ((4095, 4096, 5000, 16_384, 40_000) if self.shape.large else ())
        return os.urandom(self.dice.choice(sizes))

    def associated(self, field, key, tenant):
        primary = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in key)
        return HEAD + b"".join(len(part).to_bytes(4, "big") + part for part in (b"things", field.name.encode(), primary, (tenant or "").encode()))

    def wrap(self, name, data_key):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
        if self.shape.wrap == "kwp":
            return aes_key_wrap_with_padding(self.keys[name], data_key), b""
        nonce = os.urandom(12)
        return AESGCM(self.keys[name]).encrypt(nonce, data_key, b""), nonce

    def unwrap(self, name, blob, nonce):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding
        return aes_key_unwrap_with_padding(self.keys[name], blob) if self.shape.wrap == "kwp" else AESGCM(self.keys[name]).decrypt(nonce, blob, b"")

    def stored(self, key, name, tenant, plaintexts, swapped=None):
        """The row's sealed columns. `swapped`: a field that is bound to another row."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        values, data_keys = dict.fromkeys(self.shape.sealed_columns()), {}
        for field, plaintext in zip(self.shape.fields, plaintexts):
            if plaintext is None:
                continue
            if field.wrapped not in data_keys:
                data_keys[field.wrapped] = os.urandom(32)
                blob, nonce = self.wrap(name, data_keys[field.wrapped])
                values[field.wrapped] = field.encode(field.wrapped, blob)
                if field.nonce:
                    values[field.nonce] = field.encode(field.nonce, nonce)
            data_key, iv = data_keys[field.wrapped], os.urandom(12)
            bound = field.aad or (field.upgrade and name == NEW)
            associated = self.associated(field, ("other",) * len(key) if field is swapped else key, tenant) if bound else None
            sealed = AESGCM(data_key).encrypt(iv, plaintext, associated)
            text, tag = sealed[:-16], sealed[-16:]
            whole = (b"" if field.iv else iv) + (tag if field.tag == "prefix" else b"") + text + (tag if field.tag == "suffix" else b"")
            values[field.name] = field.encode(field.name, whole)
            if field.iv:
                values[field.iv] = field.encode(field.iv, iv)
            if field.tag not in ("suffix", "prefix"):
                values[field.tag] = field.encode(field.tag, tag)
            if field.commitment:
                values[field.commitment] = field.encode(field.commitment, hmac.new(data_key, b"tfseal:key-commitment:v1", hashlib.sha256).digest())
            self.copy(field, values)
        return values

    @staticmethod
    def copy(field, values):
        for column in field.copied():
            values[column + "_copy"] = values[column]

    def opened(self, key, name, tenant, values):
        """The plaintexts that an application reads."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        plaintexts = []
        for field in self.shape.fields:
            if values[field.name] is None:
                own = [c for c in field.columns() if c not in (field.wrapped, field.nonce)]
                assert all(values[c] is None for c in own), (field.name, values)
                plaintexts.append(None)
                continue
            part = {column: field.decode(column, values[column]) for column in field.columns()}
            whole = part[field.name]
            iv = part[field.iv] if field.iv else whole[:12]
            whole = whole if field.iv else whole[12:]
            if field.tag == "prefix":
                whole = whole[16:] + whole[:16]
            elif field.tag != "suffix":
                whole += part[field.tag]
            data_key = self.unwrap(name, part[field.wrapped], part.get(field.nonce, b""))
            if field.commitment:
                assert part[field.commitment] == hmac.new(data_key, b"tfseal:key-commitment:v1", hashlib.sha256).digest()
            bound = field.aad or (field.upgrade and name == NEW)
            plaintexts.append(AESGCM(data_key).decrypt(iv, whole, self.associated(field, key, tenant) if bound else None))
            for column in field.copied():
                assert values[column] == values[column + "_copy"], column
        return plaintexts

    def row(self, key, name, note):
        """A row as the application writes it."""
        tenant = self.tenant()
        plaintexts = [None if self.dice.random() < 0.15 else self.plaintext() for _ in self.shape.fields]
        known = name in (OLD, NEW)
        return {"by": name, "tenant": tenant, "note": note, "plaintexts": plaintexts, "damaged": False,
                "values": self.stored(key, name if known else OLD, tenant, plaintexts)}

    def damage(self, key, row):
        """Makes the row one that cannot be moved. Of a rewrap the payload is no business."""
        fields = [f for f, p in zip(self.shape.fields, row["plaintexts"]) if p is not None]
        if not fields:
            return
        field, values = self.dice.choice(fields), row["values"]
        reseal = self.shape.mode == "reseal"
        kinds = ["wrapped"] + (["flip", "missing", "short"] if reseal else [])
        kinds += ["swap"] if reseal and field.aad else []
        kinds += ["copy"] if field.mirrored else []
        kinds += ["letters"] if reseal and field.encodings[field.name] != "raw" else []
        kind = self.dice.choice(kinds)
        if kind == "flip" and not field.decode(field.name, values[field.name]):
            kind = "wrapped"
        column = field.wrapped if kind == "wrapped" else field.name
        value = bytearray(field.decode(column, values[column]))
        if kind in ("wrapped", "flip"):
            value[self.dice.randrange(len(value))] ^= 1 << self.dice.randrange(8)
            values[column] = field.encode(column, bytes(value))
        elif kind == "missing":
            values[self.dice.choice([c for c in (field.iv, field.wrapped, field.commitment) if c])] = None
        elif kind == "short":
            values[column] = field.encode(column, bytes(value[:self.dice.randrange(12)]))
            if field.iv and field.tag not in ("suffix", "prefix"):  # any length will do there
                values[field.iv] = field.encode(field.iv, os.urandom(11))
        elif kind == "swap":
            row["values"] = self.stored(key, OLD, row["tenant"], row["plaintexts"], field)
        elif kind == "letters":
            values[column] = "%%%"
        if kind == "copy":
            copied = self.dice.choice(field.copied())
            values[copied + "_copy"] = values[copied] + (b"x" if isinstance(values[copied], bytes) else "x")
        else:
            for one in self.shape.fields:
                self.copy(one, row["values"])
        row["damaged"] = True

    def insert(self, db, key, row, table="things"):
        names = [c for c, _ in self.shape.key_columns] + ["sealed_by", "tenant", "note", *row["values"]]
        kinds = [k for _, k in self.shape.key_columns] + [self.shape.key_type, "text", "text", *self.shape.sealed_columns().values()]
        # Every type but bytes is sent as text.
        db.run(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f'${i}::{k}' for i, k in enumerate(kinds, 1))})",
               *key, row["by"], row["tenant"], row["note"], *row["values"].values())
        self.rows[key] = row

    def where(self, first=1):
        return " AND ".join(f"{c} = ${i}::{k}" for i, (c, k) in enumerate(self.shape.key_columns, first))

    def fill(self, db, rows):
        db.run("BEGIN")
        damaged = self.dice.choice((0, 0, 3, 25))
        for n in range(rows):
            key = self.shape.key_of(n)
            name = self.dice.choices((OLD, NEW, THIRD, None), (85, 8, 4, 3))[0]
            row = self.row(key, name, self.dice.choice(("note", "note", "note", "left")))
            if name == OLD and self.dice.random() < damaged / rows:
                self.damage(key, row)
            self.insert(db, key, row, "things_child" if self.shape.parts == "children" and n % 3 == 0 else "things")
        db.run("COMMIT")
        db.run("ANALYZE things")

    def write(self, conninfo, stop, wrong):
        """The application, beside the job: under the old key only for a while."""
        import libpq
        try:
            with libpq.Session(conninfo) as db:
                began, next_row = time.monotonic(), 1000
                for _ in range(400):
                    if stop.is_set() or not self.rows:
                        return
                    name = OLD if time.monotonic() - began < 0.4 and self.dice.random() < 0.5 else NEW
                    key = self.dice.choice(list(self.rows))
                    row = self.rows[key]
                    action = self.dice.choices(("seal", "note", "delete", "insert", "lock"), (50, 25, 5, 10, 2))[0]
                    if action == "insert" and next_row < 1300:
                        key, next_row = self.shape.key_of(next_row), next_row + 1
                        self.insert(db, key, self.row(key, name, "new"))
                    elif action == "delete":
                        db.run(f"DELETE FROM things WHERE {self.where()}", *key)
                        del self.rows[key]
                    elif action == "note":
                        self.note(db, key, row)
                    elif action == "lock":
                        db.run("BEGIN")
                        self.note(db, key, row)
                        time.sleep(self.dice.choice((0.01, 0.12, 0.3)))
                        db.run("COMMIT")
                    elif action == "seal" and not row["damaged"] and row["by"] in (OLD, NEW):
                        fresh = self.row(key, name, row["note"])
                        fresh["tenant"] = row["tenant"]
                        fresh["values"] = self.stored(key, name, row["tenant"], fresh["plaintexts"])
                        names = ["sealed_by", *fresh["values"]]
                        kinds = [self.shape.key_type, *self.shape.sealed_columns().values()]
                        first = len(key) + 1
                        sets = ", ".join(f"{c} = ${i}::{k}" for i, (c, k) in enumerate(zip(names, kinds), first))
                        done = db.run(f"UPDATE things SET {sets} WHERE {self.where()}", *key, name, *fresh["values"].values())
                        assert done == 1, key
                        self.rows[key] = fresh
                    time.sleep(0.001)
        except Exception as error:  # a thread that ends unnoticed would be a writer that is missed
            wrong.append(f"the writer: {error!r}")

    def note(self, db, key, row):
        row["note"] = row["note"] if row["note"] == "left" else f"note {self.dice.random()}"
        db.run(f"UPDATE things SET note = ${len(key) + 1} WHERE {self.where()}", *key, row["note"])

    def moves(self, row):
        return row["by"] == OLD and not row["damaged"] and not (self.shape.limited and row["note"] == "left")

    def problems(self, db):
        """Everything that is not as it must be."""
        db.run("SET TIME ZONE 'UTC'")
        columns = list(self.shape.sealed_columns())
        texts = [f"{c}::text" if k == "own_id" or not k.startswith("char") else f"rpad({c}::text, 12)" for c, k in self.shape.key_columns]
        found = db.run(f"SELECT {', '.join(texts + ['rtrim(sealed_by::text)', 'tenant', 'note', 'last_error'] + columns)} FROM things")
        wrong, size, seen = [], len(texts), set()
        for values in found:
            key = tuple(str(part) for part in values[:size])
            by, tenant, note, told, *stored = values[size:]
            seen.add(key)
            row = self.rows.get(key)
            if row is None:
                wrong.append(f"{key} should not be there")
                continue
            stored = dict(zip(columns, stored))
            skipped = self.shape.limited and row["note"] == "left"
            if (tenant, note) != (row["tenant"], row["note"]) or (told is not None) != (row["damaged"] and not skipped):
                wrong.append(f"{key}: {(tenant, note, told)}, not {(row['tenant'], row['note'])}, damaged: {row['damaged']}")
            if not self.moves(row):
                if by != row["by"] or stored != row["values"]:
                    wrong.append(f"{key} was to stay as it was (by {row['by']}, now by {by})")
                continue
            if by != NEW:
                wrong.append(f"{key} is under {by}")
                continue
            try:
                if self.opened(key, NEW, tenant, stored) != row["plaintexts"]:
                    wrong.append(f"{key} holds something else")
            except Exception as error:
                wrong.append(f"{key} does not open: {error!r}")
        return wrong + [f"{key} is gone" for key in set(self.rows) - seen] + ([] if len(found) == len(seen) else ["a key comes twice"])


def disturb(conninfo, dice, stop, wrong):
    """What is under way is cancelled, its session ended, the table locked: batches are read and written again."""
    import libpq
    try:
        with libpq.Session(conninfo) as db:
            for _ in range(12):
                time.sleep(dice.random() * 0.15)
                if stop.is_set():
                    return
                action = dice.choice(("cancel", "cancel", "terminate", "lock"))
                if action == "lock":
                    db.run("BEGIN")
                    db.run("LOCK TABLE things IN ACCESS EXCLUSIVE MODE")
                    time.sleep(dice.random() * 0.3)
                    db.run("COMMIT")
                    continue
                db.run(f"SELECT pg_{action}_backend(pid) FROM pg_stat_activity WHERE application_name = 'tfseal rekey' AND random() < 0.7")
    except libpq.Refused as refused:
        if refused.sqlstate != "40P01":
            wrong.append(f"who disturbs: {refused!r}")


def finish(place, dice, commands):
    """Runs the job to its end, whatever becomes of its first processes; the code of the last one."""
    processes = [place.start(*commands) for _ in range(dice.choice((1, 1, 2)))]
    if dice.random() < 0.12:
        time.sleep(0.05 + dice.random() * 0.4)
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
        processes = [place.start(*commands)]
    codes = {process.wait(300) for process in processes}
    for _ in range(5):
        if 5 not in codes or place.status()["phase"] not in ("running", "draining"):
            break
        processes = [place.start(*commands)]  # somebody ended its session before it was at work
        codes = {processes[0].wait(300)}
    if len(codes) > 1:
        codes.discard(5)  # the other one brought it to its end
    return codes, "\n".join(place.said(process) for process in processes)


def round_of(place, db, seed):
    """The problems of one table."""
    dice = random.Random(seed)
    shape = Shape(dice, place.folder)
    model = Model(dice, shape, {name: os.urandom(32) for name in (OLD, NEW)})
    for name, key in model.keys.items():
        with open(os.open(f"{place.folder}/{name}.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key)
    with open(place.config, "w", encoding="ascii") as file:
        file.write(shape.mapping(place))
    for statement in ("SET client_min_messages = warning", "DROP TABLE IF EXISTS things CASCADE", "DROP SCHEMA IF EXISTS tfseal CASCADE", "DROP DOMAIN IF EXISTS own_id",
                      "DROP DOMAIN IF EXISTS own_name", "CREATE DOMAIN own_id AS varchar(20)", "CREATE DOMAIN own_name AS char(20)"):
        db.run(statement)
    shape.create(db)
    model.fill(db, dice.choice((0, 1, 129, 300, 600, 640, 900, 1000)))
    code, said = place.run("setup")
    if code != 0:
        return [f"setup: {code}, {said}"]
    wrong, stop = [], threading.Event()
    writer = None
    if model.rows and dice.random() < 0.5:
        writer = threading.Thread(target=model.write, args=(place.dsn, stop, wrong), daemon=True)
        writer.start()
    disturber = None
    if dice.random() < 0.25:
        disturber = threading.Thread(target=disturb, args=(place.dsn, random.Random(seed), stop, wrong), daemon=True)
        disturber.start()
    commands = ["run", "--lease", "2", "--rows-per-segment", dice.choice(("100", "250", "400", "5000")), "--isolation",
                dice.choice(("read-committed", "read-committed", "repeatable-read"))]
    codes, said = finish(place, dice, commands)
    stop.set()
    for thread in filter(None, (writer, disturber)):
        thread.join(60)
    if writer:
        if any(model.moves(row) for row in model.rows.values()):
            codes, said = finish(place, random.Random(0), commands)  # what was written under the old key behind it
    place.forget_processes()
    damaged = [key for key, row in model.rows.items() if row["damaged"] and not (shape.limited and row["note"] == "left")]
    status = place.status()
    rows_wrong = model.problems(db)
    if codes != {4 if damaged else 0} or status["phase"] != ("completed_with_errors" if damaged else "completed"):
        wrong.append(f"ended with {codes}, {status['phase']} ({status.get('reason')}), {len(damaged)} damaged\n{said}")
    # What is in nobody's way is moved at once: a row that is forgotten would only be found by the next pass.
    # A process that comes when the job is over begins another one.
    (changed, conflicts), = db.run("SELECT coalesce(sum(rows_changed), 0)::bigint, coalesce(sum(rows_conflict), 0)::bigint FROM tfseal.segment")
    told = (int(status["rows"]["issues"]), changed, conflicts)
    exact = (len(damaged), sum(model.moves(row) for row in model.rows.values()), 0)
    if not writer and (told[0] != exact[0] or (not disturber and told != exact)):
        wrong.append(f"issues, changed, conflicts: {told}, not {exact}")
    code, said = place.run("verify", "--output", "json")
    table, = json.loads(said)["tables"]
    left = sum(row["by"] == OLD for row in model.rows.values() if not model.moves(row))
    opened = sum(row["by"] == NEW or model.moves(row) for row in model.rows.values())
    if (table["rows"], table["old"], table["opened"] + table["empty"]) != (len(model.rows), left, opened) or (code == 0) != (not left and not table["failures"]):
        wrong.append(f"verify: {code}, {table}, not {(len(model.rows), left, opened)}")
    return wrong + rows_wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=20, help="without --rounds: for about so long")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    places.need()
    import libpq
    began, seed, failed = time.monotonic(), options.seed, 0
    with places.Place() as place, contextlib.closing(libpq.Session(place.dsn)) as db:
        while (seed - options.seed < options.rounds) if options.rounds else time.monotonic() - began < options.seconds:
            problems = round_of(place, db, seed)
            if problems:
                failed += 1
                with open(place.config, encoding="ascii") as file:
                    print(f"--seed {seed}: {len(problems)} problems", *problems[:10], file.read(), sep="\n", flush=True)
            seed += 1
    word = "  FAILED  " if failed else "       OK "
    print(f"[{word}] random_rows.{seed - options.seed}_tables ({int((time.monotonic() - began) * 1000)} ms)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
