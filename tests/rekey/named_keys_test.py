#!/usr/bin/env python3
"""Values that say themselves which key their data key is under, and tables without a column for it: tfseal's own format, Rails'
messages with a key reference, Lockbox with kms_encrypted. Written and read by Python's `cryptography` alone."""

import base64
import hashlib
import hmac
import json
import os
import sys
import unittest

import place as places
import running

ROWS = 240


def b64(value):
    return base64.b64encode(value).decode()


def unb64(text):
    return base64.b64decode(text, validate=True)


class Formats:
    """Each format: a value for (key name, plaintext), and (key name, plaintext) of a value."""

    def __init__(self, keys, nonce_column):
        self.keys, self.nonce_column = keys, nonce_column

    def data_key(self, name):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
        plain, nonce = os.urandom(32), os.urandom(12)
        if self.nonce_column:
            return plain, AESGCM(self.keys[name]).encrypt(nonce, plain, b""), nonce
        return plain, aes_key_wrap_with_padding(self.keys[name], plain), b""

    def unwrap(self, name, blob, nonce):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding
        if self.nonce_column:
            return AESGCM(self.keys[name]).decrypt(nonce, blob, b"")
        return aes_key_unwrap_with_padding(self.keys[name], blob)

    def sealed(self, name, plaintext):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        key, blob, nonce = self.data_key(name)
        iv = os.urandom(12)
        whole = AESGCM(key).encrypt(iv, plaintext, None)
        return key, blob, nonce, iv, whole[:-16], whole[-16:]

    def opened(self, name, blob, nonce, iv, sealed):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        key = self.unwrap(name, blob, nonce)
        return key, AESGCM(key).decrypt(iv, sealed, None)

    def tfseal(self, name, plaintext):
        key, blob, nonce, iv, ciphertext, tag = self.sealed(name, plaintext)
        commitment = hmac.new(key, b"tfseal:key-commitment:v1", hashlib.sha256).digest()
        part = lambda size, value: len(value).to_bytes(size, "big") + value  # noqa: E731
        return b"tfs\x01\x01" + part(2, name.encode()) + part(2, blob) + part(1, nonce) + commitment + iv + part(4, ciphertext) + tag

    def read_tfseal(self, value):
        assert value[:5] == b"tfs\x01\x01"
        at = 5

        def part(size):
            nonlocal at
            length = int.from_bytes(value[at:at + size], "big")
            at += size + length
            return value[at - length:at]
        name, blob, nonce = part(2).decode(), part(2), part(1)
        commitment, iv = value[at:at + 32], value[at + 32:at + 44]
        at += 44
        ciphertext = part(4)
        key, plaintext = self.opened(name, blob, nonce, iv, ciphertext + value[at:])
        assert len(value) == at + 16 and commitment == hmac.new(key, b"tfseal:key-commitment:v1", hashlib.sha256).digest()
        return name, plaintext

    def tfseal_text(self, name, plaintext):
        return b64(self.tfseal(name, plaintext))

    def read_tfseal_text(self, value):
        return self.read_tfseal(unb64(value))

    def rails(self, name, plaintext):
        _, blob, nonce, iv, ciphertext, tag = self.sealed(name, plaintext)
        key = {"p": b64(blob[:-16]), "h": {"iv": b64(nonce), "at": b64(blob[-16:])}}
        message = {"p": b64(ciphertext), "h": {"iv": b64(iv), "at": b64(tag), "k": key, "i": b64(name.encode())}}
        return json.dumps(message, separators=(",", ":"))

    def read_rails(self, value):
        message = json.loads(value)
        headers, key = message["h"], message["h"]["k"]
        name = unb64(headers["i"]).decode()
        return name, self.opened(name, unb64(key["p"]) + unb64(key["h"]["at"]), unb64(key["h"]["iv"]), unb64(headers["iv"]),
                                 unb64(message["p"]) + unb64(headers["at"]))[1]


MAPPING = """rekey:
  database: {{ dsn_env: DATABASE_URL }}
  keys:
    from: {{ name: {old}, local: {{ file: {folder}/{old}.key, wrap: {wrap} }} }}
    to: {{ name: {new}, local: {{ file: {folder}/{new}.key, wrap: {wrap} }} }}
  targets:
    - table: secrets
      primary_key: [id]
      key_ref: {{ kind: in-envelope }}
      fields:
{fields}
  mode: {mode}
  throttle: {{ wal_mb_per_s: 0, dead_tuples: 1 }}
  application: {{ key_cache_ttl: 0 }}
  evidence: {{ directory: {evidence} }}
"""
ENVELOPES = """        - { name: own, format: tfseal, ciphertext: own }
        - { name: own_text, format: tfseal, ciphertext: { column: own_text, encoding: base64 } }
        - { name: message, format: rails, ciphertext: message }"""
LOCKBOX = "        - { name: body, format: lockbox, ciphertext: body, dek: { wrapped: body_key } }"


class NamedKeys(unittest.TestCase):
    def place(self, names, **mapping):
        """A server, the two keys in files, and what writes under them."""
        place = places.Place()
        keys = {name: os.urandom(32) for name in names}
        for name, key in keys.items():
            with open(os.open(os.path.join(place.folder, name + ".key"), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(key)
        self.mapping = {"old": names[0], "new": names[1], "folder": place.folder, "evidence": place.evidence, **mapping}
        return place, Formats(keys, mapping["wrap"] == "gcm-nonce-column")

    def run_all(self, place, mode, **mapping):
        with open(place.config, "w", encoding="ascii") as file:
            file.write(MAPPING.format(mode=mode, **{**self.mapping, **mapping}))
        for command in ("plan", "run", "verify"):
            code, said = place.run(command)
            self.assertEqual(code, 0, said)

    def test_values_that_name_their_key(self):
        import libpq
        place, formats = self.place(("2024-09", "2025-03-successor"), wrap="gcm-nonce-column", fields=ENVELOPES)
        kinds = ("tfseal", "tfseal_text", "rails")
        old, new = self.mapping["old"], self.mapping["new"]
        with place, libpq.Session(place.dsn) as db:
            db.run("CREATE TABLE secrets (id bigint PRIMARY KEY, own bytea, own_text text, message text)")
            truth = {}
            for n in range(ROWS):
                # Of each row some values are not there, and some were written under the new key already.
                values = [None if (n + i) % 7 == 0 else (new if (n + i) % 5 == 0 else old, b"secret %d " % n + os.urandom(n % 40))
                          for i in range(3)]
                truth[n] = [value and value[1] for value in values]
                stored = [value and getattr(formats, kind)(*value) for kind, value in zip(kinds, values)]
                db.run("INSERT INTO secrets VALUES ($1::bigint, $2, $3, $4)", n, *stored)
            db.run("ANALYZE secrets")
            self.assertEqual(place.run("setup")[0], 0)

            def check(under):
                for row_id, *stored in db.run("SELECT * FROM secrets"):
                    for kind, value, plaintext in zip(kinds, stored, truth[row_id]):
                        self.assertEqual(value and getattr(formats, "read_" + kind)(value), plaintext and (under, plaintext))
            for mode, turn in (("reseal", False), ("rewrap", True), ("reseal", False)):
                names = (new, old) if turn else (old, new)
                self.run_all(place, mode, old=names[0], new=names[1])
                check(names[1])
            self.unknown(place, db, formats)
            code, said = place.run("retire")
            self.assertEqual(code, 0, said)
            for column, kind in zip(("own", "own_text", "message"), kinds):
                with self.assertRaises(libpq.Refused) as refused:
                    db.run(f"UPDATE secrets SET {column} = $1 WHERE id = 1", getattr(formats, kind)(old, b"stale"))
                self.assertEqual(refused.exception.sqlstate, "23514")

    def unknown(self, place, db, formats):
        """Values that name no known key, or that are none, fail; none of them is an error of the server."""
        formats.keys["somebody"] = os.urandom(32)
        spoiled = [("own", formats.tfseal("somebody", b"x")), ("own", b"tfs"), ("own_text", formats.tfseal_text("somebody", b"x")),
                   ("own_text", "%%%not base64%%%" * 9), ("own_text", "dGZz"), ("message", formats.rails("somebody", b"x")), ("message", "{")]
        for n, (column, value) in enumerate(spoiled):
            db.run(f"INSERT INTO secrets (id, {column}) VALUES ($1::bigint, $2)", 10_000 + n, value)
        code, said = place.run("verify", "--output", "json")
        self.assertEqual(code, 3, said)
        self.assertEqual(json.loads(said)["tables"][0]["failures"], {"no-key": len(spoiled)}, said)
        db.run("DELETE FROM secrets WHERE id >= 10000")

    def lost_key(self, place, db):
        """A value whose wrapped key is gone is under no key that anybody knows."""
        with open(place.config, "w", encoding="ascii") as file:
            file.write(MAPPING.format(mode="rewrap", **self.mapping))
        db.run("INSERT INTO secrets (id, body) VALUES (10000, 'c2VhbGVk'), (10001, NULL)")
        code, said = place.run("verify", "--output", "json")
        table, = json.loads(said)["tables"]
        self.assertEqual((code, table["failures"], table["old"], table["other"]), (3, {"no-key": 1}, ROWS, 1), said)
        db.run("DELETE FROM secrets WHERE id >= 10000")

    def test_lockbox(self):
        import libpq
        place, formats = self.place(("v1", "v12"), wrap="kwp", fields=LOCKBOX)
        with place, libpq.Session(place.dsn) as db:
            db.run("CREATE TABLE secrets (id bigint PRIMARY KEY, body text, body_key text)")
            truth = {n: b"secret %d" % n for n in range(ROWS)}
            for n, plaintext in truth.items():
                _, blob, _, iv, ciphertext, tag = formats.sealed("v1", plaintext)
                db.run("INSERT INTO secrets VALUES ($1::bigint, $2, $3)", n, b64(iv + ciphertext + tag), "v1:" + b64(blob))
            db.run("ANALYZE secrets")
            self.assertEqual(place.run("setup")[0], 0)
            self.lost_key(place, db)
            for mode, names in (("rewrap", ("v1", "v12")), ("reseal", ("v12", "v1"))):
                before = db.run("SELECT id, body FROM secrets ORDER BY id")
                self.run_all(place, mode, old=names[0], new=names[1])
                self.assertEqual(db.run("SELECT id, body FROM secrets ORDER BY id") == before, mode == "rewrap")
                for row_id, body, key in db.run("SELECT * FROM secrets"):
                    version, blob = key.split(":")
                    whole = unb64(body)
                    self.assertEqual((version, formats.opened(version, unb64(blob), b"", whole[:12], whole[12:])[1]), (names[1], truth[row_id]))


def main():
    places.need()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
