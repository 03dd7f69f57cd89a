#!/usr/bin/env python3
"""Sealed texts inside JSON documents, beside members that are the application's own business: those stay as they are, whoever
writes them and whenever. Written and read by Python's `cryptography` alone."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import random
import sys
import threading
import unittest

import place as places
import running

OLD, NEW = "2024-09", "2025-03"
# What JSON libraries are tempted to change.
REST = '"theme": "dark", "limit": 1.10, "big": 123456789012345678901234567890.00, "huge": 1e400, "tags": ["a", {"b": null}], ' \
       '"na\\"me\\u00fc": "x\\ny \\\\ \\ud83d\\ude00", "card2": {"ciphertext": "mine", "iv": null}'

MAPPING = """rekey:
  database: {{ dsn_env: DATABASE_URL }}
  keys:
    from: {{ name: {old}, local: {old_file} }}
    to: {{ name: {new}, local: {new_file} }}
  targets:
    - table: profiles
      primary_key: [id]
      key_ref: {{ column: sealed_by, kind: name }}
      tenant: tenant
      preserve: [updated_at]
      error_column: last_error
      fields:
        - name: card
          format: jsonb
          ciphertext: {{ column: settings, path: [{card}, ciphertext], encoding: base64 }}
          iv: {{ column: settings, path: [card, iv], encoding: base64 }}
          dek:
            wrapped: {{ column: settings, path: [card, key], encoding: base64 }}
            commitment: {{ column: settings, path: [card, commitment], encoding: hex }}
          aad: {{ {aad} }}
        - name: bank
          format: jsonb
          ciphertext: {{ column: settings, path: [bank], encoding: hex }}
          iv: prefix:12
          dek: {{ wrapped: {{ column: settings, path: [bank_key], encoding: base64 }} }}
        - name: token
          format: jsonb
          ciphertext: {{ column: raw, path: [token, sealed], encoding: base64 }}
          iv: {{ column: raw, path: [token, iv], encoding: hex }}
          tag: {{ column: raw, path: [token, tag], encoding: hex }}
          dek: {{ wrapped: {{ column: raw, path: [token, "the key"], encoding: hex }} }}
  mode: {mode}
  batch: {{ max_rows: {max_rows} }}
  throttle: {{ wal_mb_per_s: 0, dead_tuples: 1, rows_per_s: {rate} }}
  application: {{ key_cache_ttl: 0 }}
  evidence: {{ directory: {evidence} }}
"""
SCHEMA = """CREATE TABLE profiles (id bigint PRIMARY KEY, tenant bigint NOT NULL, sealed_by text NOT NULL, settings jsonb, raw json,
  last_error text, updated_at timestamptz NOT NULL DEFAULT '2025-01-01')"""
# The document without what is sealed in it, as PostgreSQL writes it.
BARE = """CASE WHEN jsonb_typeof(settings) <> 'object' THEN settings::text ELSE (settings #- '{card,ciphertext}' #- '{card,iv}'
  #- '{card,key}' #- '{card,commitment}' #- '{bank}' #- '{bank_key}')::text END"""


def b64(value):
    return base64.b64encode(value).decode()


class Profiles:
    """The application: a document for each person, with a card and a bank account sealed in it, and a token in another one."""

    def __init__(self, place):
        self.place, self.keys, self.truth, self.active, self.bound = place, place.keys, {}, OLD, False

    def associated(self, row_id, field="card"):
        parts = (b"profiles", field.encode(), len(str(row_id)).to_bytes(4, "big") + str(row_id).encode(), b"%d" % (row_id % 3))
        return b"tfsealAD\x01\x01" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)

    def seal(self, name, plaintext, associated=None):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        key, blob = self.keys[name].new_data_key()
        iv = os.urandom(12)
        return key, blob, iv, AESGCM(key).encrypt(iv, plaintext, associated)

    def card(self, name, row_id, plaintext):
        key, blob, iv, sealed = self.seal(name, plaintext, self.associated(row_id) if self.bound else None)
        commitment = hmac.new(key, b"tfseal:key-commitment:v1", hashlib.sha256).hexdigest()
        return {"last4": plaintext[-4:].decode(), "ciphertext": b64(sealed), "iv": b64(iv), "key": b64(blob), "commitment": commitment}

    def settings(self, name, row_id, card, bank):
        """As text; `card` and `bank` are plaintexts or None."""
        members = [REST, f'"card": {json.dumps(card and self.card(name, row_id, card))}'] if row_id % 4 or card else [REST]
        if bank:
            _, blob, iv, sealed = self.seal(name, bank)
            members.append(f'"bank": "{(iv + sealed).hex()}", "bank_key": "{b64(blob)}"')
        return "{" + ", ".join(members) + "}"

    def raw(self, name, token):
        """As somebody's serializer writes it: blanks, order and numbers are to stay."""
        _, blob, iv, sealed = self.seal(name, token)
        return '{ "z" : 1.0,\n\t"token":{"iv":"%s" ,"the key": "%s", "tag":"%s", "sealed":"%s"},"a":\t[1e3,"\\u00e9"] }' % (
            iv.hex(), blob.hex(), sealed[-16:].hex(), b64(sealed[:-16]))

    def create(self, db, rows):
        db.run(SCHEMA)
        for n in range(1, rows + 1):
            card = None if n % 7 == 0 else b"card %d " % n + os.urandom(3).hex().encode()
            bank = None if n % 6 == 0 else b"bank %d" % n
            token = None if n % 5 == 0 else b"token %d" % n
            settings = None if n % 11 == 0 else "null" if n % 13 == 0 else self.settings(OLD, n, card, bank)
            if settings in (None, "null"):
                card = bank = None
            self.truth[n] = [card, bank, token]
            db.run("INSERT INTO profiles (id, tenant, sealed_by, settings, raw) VALUES ($1::bigint, $2::bigint, $3, $4::jsonb, $5::json)",
                   n, n % 3, OLD, settings, token and self.raw(OLD, token))
        db.run("ANALYZE profiles")

    def open(self, name, blob, iv, sealed, associated=None):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        key = self.keys[name].unwrap(blob)
        return key, AESGCM(key).decrypt(iv, sealed, associated)

    def opened(self, row_id, name, settings, raw):
        """[card, bank, token] of a row."""
        values = [None, None, None]
        document = json.loads(settings) if settings else None
        if document and document.get("card"):
            card = document["card"]
            key, values[0] = self.open(name, base64.b64decode(card["key"], validate=True), base64.b64decode(card["iv"], validate=True),
                                       base64.b64decode(card["ciphertext"], validate=True), self.associated(row_id) if self.bound else None)
            assert card["commitment"] == hmac.new(key, b"tfseal:key-commitment:v1", hashlib.sha256).hexdigest()
            assert card["last4"] == values[0][-4:].decode()
        if document and document.get("bank"):
            sealed = bytes.fromhex(document["bank"])
            values[1] = self.open(name, base64.b64decode(document["bank_key"], validate=True), sealed[:12], sealed[12:])[1]
        if raw:
            token = json.loads(raw)["token"]
            values[2] = self.open(name, bytes.fromhex(token["the key"]), bytes.fromhex(token["iv"]),
                                  base64.b64decode(token["sealed"], validate=True) + bytes.fromhex(token["tag"]))[1]
        return values

    def problems(self, db, under, except_ids=()):
        wrong = []
        rows = db.run("SELECT id, sealed_by, settings::text, raw::text FROM profiles")
        for row_id, name, settings, raw in rows:
            if row_id in except_ids:
                continue
            try:
                values = self.opened(row_id, name, settings, raw)
            except Exception as error:  # whatever it is, the row does not open
                wrong.append(f"{row_id} does not open: {error!r}")
                continue
            if name != under or values != self.truth[row_id]:
                wrong.append(f"{row_id} is under {name} and holds {values}")
        return wrong + ([] if len(rows) == len(self.truth) else ["rows are missing"])

    def bare(self, db):
        """What is not sealed, of every row."""
        raw = "regexp_replace(raw::text, '\"(iv|the key|tag|sealed)\"( ?: ?)\"[^\"]*\"', '\"\\1\"\\2\"\"', 'g')"
        return db.run(f"SELECT id, tenant, {BARE}, {raw}, updated_at::text FROM profiles ORDER BY id")


class Case(unittest.TestCase):
    @contextlib.contextmanager
    def prepared(self, rows):
        import libpq
        with places.Place() as place, libpq.Session(place.dsn) as db:
            profiles = Profiles(place)
            profiles.create(db, rows)
            self.write(place)
            self.assertEqual(place.run("setup")[0], 0)
            yield place, db, profiles

    def write(self, place, old=OLD, new=NEW, **mapping):
        settings = {"mode": "reseal", "max_rows": 1000, "rate": 0, "aad": "scheme: none-legacy", "card": "card", "evidence": place.evidence,
                    "old": old, "new": new, "old_file": place.keys[old].path, "new_file": place.keys[new].path, **mapping}
        with open(place.config, "w", encoding="ascii") as file:
            file.write(MAPPING.format(**settings))

    def ends(self, place, code, *command):
        got, said = place.run(*command)
        self.assertEqual(got, code, said)
        for secret in (b64(place.keys[OLD].key), place.keys[OLD].key.hex(), "ciphertext\":"):
            self.assertNotIn(secret, said)
        return said


class Documents(Case):
    def moves(self, place, db, profiles, under):
        before = profiles.bare(db)
        for command in ("plan", "run", "verify"):
            self.ends(place, 0, command)
        self.assertEqual(profiles.problems(db, under)[:5], [])
        self.assertEqual(profiles.bare(db), before)
        proof, = json.loads(self.ends(place, 0, "verify", "--output", "json"))["tables"]
        sealed = sum(any(values) for values in profiles.truth.values())
        self.assertEqual([proof[name] for name in ("rows", "opened", "empty", "failed", "old")],
                         [len(profiles.truth), sealed, len(profiles.truth) - sealed, 0, 0])

    def test_there_and_back_and_retired(self):
        import libpq
        with self.prepared(300) as (place, db, profiles):
            self.write(place, aad="scheme: none-legacy, upgrade_to: tfseal-v1")
            profiles.bound = True
            self.moves(place, db, profiles, NEW)
            look = "SELECT id, settings #>> '{card,ciphertext}', settings #>> '{bank}', raw #>> '{token,sealed}' FROM profiles ORDER BY id"
            before = db.run(look)
            self.write(place, old=NEW, new=OLD, mode="rewrap", aad="scheme: tfseal-v1")
            self.moves(place, db, profiles, OLD)
            self.assertEqual(db.run(look), before, "a rewrap moves data keys only")
            self.write(place, aad="scheme: tfseal-v1")
            self.moves(place, db, profiles, NEW)
            self.assertNotEqual(db.run(look), before)
            self.ends(place, 0, "retire")
            with self.assertRaises(libpq.Refused) as refused:
                db.run(f"UPDATE profiles SET sealed_by = '{OLD}' WHERE id = 1")
            self.assertEqual(refused.exception.sqlstate, "23514")

    def test_other_members_are_written_between_read_and_write(self):
        """Right before the worker's own UPDATE the application changes what is not sealed: once so that jsonb calls both equal."""
        import libpq
        import proxy
        for mode in ("reseal", "rewrap"):
            with self.prepared(60) as (place, db, profiles), libpq.Session(place.dsn) as other:
                self.write(place, mode=mode)
                between, changed = proxy.to(place.server), []

                def change(data):
                    if b'UPDATE "public"."profiles"' in data and not changed:
                        for what in (("{limit}", "1.1", 1), ("{seen}", '"by the application"', 3)):
                            changed.append(other.run("UPDATE profiles SET settings = jsonb_set(settings, $1::text[], $2::jsonb) WHERE "
                                                     "settings ? 'limit' AND id % 4 = $3::bigint", *what))
                between.watch = change
                through = place.environment(DATABASE_URL=f"host=127.0.0.1 port={between.port} user=rdsadmin dbname=postgres sslmode=disable")
                code, said = place.run("run", env=through)
                self.assertEqual((code, len(changed)), (0, 2), said)
                between.close()
                self.assertGreater(min(changed), 8)
                self.assertEqual(profiles.problems(db, NEW)[:5], [])
                seen = db.run("SELECT id, settings->>'limit', settings->>'seen' FROM profiles WHERE settings ? 'limit'")
                for rest, expected in enumerate([("1.10", None), ("1.1", None), ("1.10", None), ("1.10", "by the application")]):
                    self.assertEqual({(limit, by) for row_id, limit, by in seen if row_id % 4 == rest}, {expected})
                self.assertGreater(place.status()["rows"]["conflicts"], 10)  # of the first batch
                self.ends(place, 0, "verify")

    def test_killed_while_the_application_writes(self):
        with self.prepared(1_500) as (place, db, profiles):
            self.write(place, max_rows=100, rate=500)
            db.run("BEGIN")
            db.run("SELECT 1 FROM profiles WHERE id = 1499 FOR UPDATE")  # the job cannot end before it is killed
            killed = place.start("run", "--lease", "2", "--rows-per-segment", "300")
            place.wait_until(lambda: place.changed_or_zero() > 250)
            killed.kill()
            self.assertEqual(killed.wait(60), -9, place.said(killed))
            db.run("COMMIT")
            place.run("set-rate", "--rows-per-s", "0")
            with Writers(profiles) as writers:
                place.wait_until(lambda: writers.writes > 100 or writers.failures)
                profiles.active = NEW
                both = [place.start("run", "--lease", "2") for _ in range(2)]
                self.assertEqual([one.wait(600) for one in both], [0, 0], [place.said(one) for one in both])
            self.assertEqual(writers.failures, [])
            self.ends(place, 0, "run")  # a write that was under way when the application changed its key
            self.assertEqual(profiles.problems(db, NEW)[:5], [])
            wrong = [row_id for row_id, seen in db.run("SELECT id, settings->>'seen' FROM profiles") if seen != writers.seen.get(row_id)]
            self.assertEqual(wrong, [], "what the application wrote into other members is lost")
            self.ends(place, 0, "verify")

    def test_what_cannot_be_moved_stays(self):
        text = b64(os.urandom(40))
        whole = {"ciphertext": text, "iv": b64(os.urandom(12)), "key": text, "commitment": "00" * 32}
        spoiled = [({"card": {**whole, "ciphertext": 5}}, "format: card.ciphertext is not a text"),
                   ({"card": {**whole, "iv": {"a": text}}}, "format: card.iv is not a text"),
                   ({"card": [text]}, "format: card.ciphertext is not in an object"),
                   ({"card": "text"}, "format: card.ciphertext is not in an object"),
                   ([1], "format: document is not a JSON object"),
                   (5, "format: document is not a JSON object"),
                   ({"card": {**whole, "iv": None}}, "format: iv is null"),
                   ({"card": {k: v for k, v in whole.items() if k != "iv"}}, "format: iv is null"),
                   ({"card": {k: v for k, v in whole.items() if k != "commitment"}}, "format: key commitment is null"),
                   ({"card": {**whole, "ciphertext": "%%%"}}, "format: ciphertext is not "),
                   ({"card": whole}, "wrapped-key: it does not open under the old key"),
                   ({"bank": True}, "format: bank is not a text"),
                   ({"bank": "00" * 40}, "legacy: no wrapped data key")]
        with self.prepared(60) as (place, db, profiles):
            for n, (document, _) in enumerate(spoiled):
                db.run("INSERT INTO profiles (id, tenant, sealed_by, settings) VALUES ($1::bigint, 1, $2, $3::jsonb)", 1000 + n, OLD,
                       json.dumps(document))
            deep = "{\"a\": " * 300 + "1" + "}" * 300
            db.run("INSERT INTO profiles (id, tenant, sealed_by, settings) VALUES (2000, 1, $1, $2::jsonb)", OLD, deep)
            # Read, but where its letters are is not known exactly.
            raw = profiles.raw(OLD, b"token")
            first = raw.index('"sealed":"') + len('"sealed":"')
            db.run("INSERT INTO profiles (id, tenant, sealed_by, raw) VALUES (2001, 1, $1, $2::json)", OLD,
                   raw[:first] + "\\u%04x" % ord(raw[first]) + raw[first + 1:])
            look = "SELECT id, tenant, sealed_by, settings::text, raw::text, updated_at FROM profiles WHERE id >= 1000 ORDER BY id"
            before = db.run(look)
            self.ends(place, 4, "run")
            self.assertEqual(place.status()["phase"], "completed_with_errors")
            self.assertEqual(db.run(look), before)
            codes = dict(db.run("SELECT pk::bigint, code FROM tfseal.row_issue"))
            for n, (document, expected) in enumerate(spoiled):
                self.assertTrue(codes.pop(1000 + n, "").startswith(expected), (document, expected, db.run("SELECT pk, code FROM tfseal.row_issue")))
            self.assertEqual(codes, {2000: "format: document is not a JSON object", 2001: "format: token.sealed is written with escapes"})
            marked = db.run("SELECT count(*) FROM profiles WHERE last_error LIKE 'tfseal: %'")
            self.assertEqual(marked, [[len(spoiled) + 2]])
            proof, = json.loads(self.ends(place, 3, "verify", "--output", "json"))["tables"]
            self.assertEqual((proof["old"], proof["failed"]), (len(spoiled) + 2, 0))
            for row_id, *_ in before:
                db.run(f"UPDATE profiles SET sealed_by = '{NEW}' WHERE id = {row_id}")
            proof, = json.loads(self.ends(place, 3, "verify", "--output", "json"))["tables"]
            self.assertEqual((proof["old"], proof["failed"]), (0, len(spoiled) + 2))
            db.run("DELETE FROM profiles WHERE id >= 1000")
            # A reference that is lost: whoever holds a value fails, whoever holds none does not.
            db.run("ALTER TABLE profiles ALTER sealed_by DROP NOT NULL")
            db.run("INSERT INTO profiles (id, tenant, settings) SELECT 3000, 1, settings FROM profiles WHERE id = 1")
            db.run("INSERT INTO profiles (id, tenant, settings) VALUES (3001, 1, '{}'), (3002, 1, '{\"card\": null}')")
            proof, = json.loads(self.ends(place, 3, "verify", "--output", "json"))["tables"]
            self.assertEqual((proof["failures"], proof["other"]), ({"no-key": 1}, 2))
            self.assertEqual(profiles.problems(db, NEW, except_ids=(3000, 3001, 3002))[:5], ["rows are missing"])

    def test_a_path_that_no_row_has(self):
        """Otherwise every row would look as if it held nothing, and only the references would be moved."""
        with self.prepared(50) as (place, db, profiles):
            look = "SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM profiles p"
            before = db.run(look)
            self.write(place, card="cards")
            said = self.ends(place, 3, "plan")
            self.assertIn("no row has a text at settings.cards.ciphertext", said)
            for command in ("run", "verify"):
                code, said = place.run(command)
                self.assertEqual((code, "no row has a text at settings.cards.ciphertext" in said), (1, True), said)
            self.assertEqual(db.run(look), before)

    def test_a_part_that_the_mapping_has_no_place_for(self):
        """That is no row's own issue, however few rows there are: nothing is marked."""
        with self.prepared(20) as (place, db, profiles):
            look = "SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM profiles p"
            before = db.run(look)
            self.write(place, new_file=f"{{ file: {place.keys[NEW].path}, wrap: gcm-nonce-column }}")
            code, said = place.run("run")
            self.assertEqual((code, "nonce of the wrapped key" in said), (5, True), said)
            self.assertEqual((db.run(look), db.run("SELECT count(*) FROM tfseal.row_issue")), (before, [[0]]))
            self.assertEqual(place.status()["phase"], "paused")


class WithoutDataKeys(Case):
    """One key seals all values itself; then each gets a data key, for which the documents have no place yet."""

    MAPPING = """rekey:
  database: {{ dsn_env: DATABASE_URL }}
  keys: {{ from: {{ {old} }}, to: {{ {new} }} }}
  targets:
    - table: notes
      primary_key: [id]
      key_ref: {{ column: sealed_by, kind: name }}
      fields:
        - {{ name: pin, format: jsonb, ciphertext: {{ column: body, path: [pin], encoding: base64 }}, iv: 'prefix:12'{pin} }}
        - {{ name: puk, format: jsonb, ciphertext: {{ column: body, path: [puk, value], encoding: hex }}, iv: 'prefix:12'{puk} }}
  mode: {mode}
  throttle: {{ wal_mb_per_s: 0, dead_tuples: 1 }}
  application: {{ key_cache_ttl: 0 }}
  evidence: {{ directory: {evidence} }}
"""
    PLACES = (', dek: { wrapped: { column: body, path: [keys, "for pin"], encoding: base64 } }',
              ', dek: { wrapped: { column: body, path: [keys, puk], encoding: base64 } }')

    def test_from_one_key_to_another_and_into_envelopes(self):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        import application
        import libpq
        with places.Place() as place, libpq.Session(place.dsn) as db:
            keys = {name: os.urandom(32) for name in ("v1", "v2")}
            for name, key in keys.items():
                with open(os.open(os.path.join(place.folder, name), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                    file.write(key)
            envelope = application.LocalKey(os.path.join(place.folder, "kek"))
            direct = {name: f"name: {name}, direct: {{ file: {place.folder}/{name} }}" for name in keys}

            def sealed(plaintext):
                iv = os.urandom(12)
                return iv + AESGCM(keys["v1"]).encrypt(iv, plaintext, None)
            for kind in ("jsonb", "json"):
                db.run("DROP TABLE IF EXISTS notes")
                db.run(f"CREATE TABLE notes (id bigint PRIMARY KEY, sealed_by text, body {kind})")
                kept = ["", ', "keys": null', ', "keys": {}', ', "keys": {"other": 1.50}', ', "keys": {"puk": null}']
                for n in range(100):
                    puk = ', "puk": {"value": "%s"}' % sealed(b"puk %d" % n).hex() if n % 3 else ""
                    db.run(f"INSERT INTO notes VALUES ($1::bigint, 'v1', $2::{kind})", n, '{"n": %d.0, "pin": "%s"%s%s}' % (
                        n, b64(sealed(b"pin %d" % n)), puk, kept[n % 5]))
                db.run("ANALYZE notes")
                self.assertEqual(place.run("setup")[0], 0)
                for old, new, mode, places_of in ((direct["v1"], direct["v2"], "reseal", ("", "")),
                                                  (direct["v2"], f"name: kek, local: {envelope.path}", "adopt", self.PLACES)):
                    with open(place.config, "w", encoding="ascii") as file:
                        file.write(self.MAPPING.format(old=old, new=new, mode=mode, pin=places_of[0], puk=places_of[1], evidence=place.evidence))
                    for command in ("plan", "run", "verify"):
                        code, said = place.run(command)
                        self.assertEqual(code, 0, said)
                    for n, name, text in db.run("SELECT id, sealed_by, body::text FROM notes"):
                        body = json.loads(text)
                        self.assertIn('"n": %d.0' % n, text)
                        self.assertEqual((body.get("keys") or {}).get("other"), 1.5 if n % 5 == 3 else None)
                        values = [(b"pin %d" % n, base64.b64decode(body["pin"]), "for pin")]
                        if n % 3:
                            values.append((b"puk %d" % n, bytes.fromhex(body["puk"]["value"]), "puk"))
                        for plaintext, value, key in values:
                            data_key = keys["v2"] if mode == "reseal" else envelope.unwrap(base64.b64decode(body["keys"][key], validate=True))
                            self.assertEqual(AESGCM(data_key).decrypt(value[:12], value[12:], None), plaintext)
                            self.assertEqual(name, "v2" if mode == "reseal" else "kek")
                db.run("DROP SCHEMA tfseal CASCADE")


class Writers:
    """Threads of the application: other members of the documents, and now and then all sealed values of a row anew."""

    def __init__(self, profiles, count=3):
        self.profiles, self.stop, self.failures, self.writes, self.seen = profiles, threading.Event(), [], 0, {}
        ids = [n for n in sorted(profiles.truth) if n % 11 and n % 13]
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
        import libpq
        profiles = self.profiles
        try:
            with libpq.Session(profiles.place.dsn) as db:
                while not self.stop.is_set():
                    row_id = random.choice(ids)
                    if random.random() < 0.7:
                        seen = str(random.random())
                        db.run("UPDATE profiles SET settings = jsonb_set(settings, '{seen}', to_jsonb($2::text)) WHERE id = $1::bigint", row_id, seen)
                        self.seen[row_id] = seen
                    else:
                        name = profiles.active
                        values = [b"card again " + os.urandom(4).hex().encode(), b"bank again", b"token again"]
                        db.run("UPDATE profiles SET settings = $2::jsonb, raw = $3::json, sealed_by = $4 WHERE id = $1::bigint", row_id,
                               profiles.settings(name, row_id, *values[:2]), profiles.raw(name, values[2]), name)
                        profiles.truth[row_id] = values
                        self.seen.pop(row_id, None)
                    self.writes += 1
        except Exception as error:  # a thread that ends unnoticed would be a writer that is missed
            self.failures.append(repr(error))


def main():
    places.need()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
