#!/usr/bin/env python3
"""Data keys that are shared: by rows, never across tenants, not even over a row that cannot be moved, and for so many rows and
bytes; and by the fields of one row, of which some have no value."""

import collections
import os
import sys
import unittest

import place as places
import running

MAPPING = """rekey:
  database: {{ dsn_env: DATABASE_URL }}
  keys: {{ from: {{ name: old, local: {old} }}, to: {{ name: new, local: {new} }} }}
  targets:
    - table: letters
      primary_key: [id]
      key_ref: {{ column: sealed_by, kind: name }}
      tenant: tenant
      fields:
        - {{ name: body, ciphertext: body, iv: 'prefix:12', dek: {{ wrapped: body_key }}, aad: {{ upgrade_to: tfseal-v1 }} }}
  mode: reseal
  dek: {{ per: shared, max_rows: {max_rows}, max_bytes: {max_bytes} }}
  throttle: {{ wal_mb_per_s: 0, dead_tuples: 1 }}
  application: {{ key_cache_ttl: 0 }}
"""
# x: damaged, of the tenant that comes next. All of them fit into the first batch, which has 50 rows.
TENANTS = "AAAAAAAAAAAABxBBCCxDxxE" + "C" * 26


FIELDS = """rekey:
  database: {{ dsn_env: DATABASE_URL }}
  keys: {{ from: {{ name: old, local: {old} }}, to: {{ name: new, local: {new} }} }}
  targets:
    - table: tokens
      primary_key: [id]
      key_ref: {{ column: sealed_by, kind: name }}
      fields:
        - {{ name: access, ciphertext: access, iv: 'prefix:12', dek: {{ wrapped: token_key }} }}
        - {{ name: refresh, ciphertext: refresh, iv: 'prefix:12', dek: {{ wrapped: token_key }} }}
  mode: {mode}
  throttle: {{ wal_mb_per_s: 0, dead_tuples: 1 }}
  application: {{ key_cache_ttl: 0 }}
"""


class FieldsThatShareADataKey(unittest.TestCase):
    ROWS = [(True, True), (True, False), (False, True)] * 20

    def moved(self, mode):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        import application
        import libpq
        with places.Place() as place, libpq.Session(place.dsn) as db:
            old, new = (application.LocalKey(os.path.join(place.folder, name)) for name in ("from.key", "to.key"))
            with open(place.config, "w", encoding="ascii") as file:
                file.write(FIELDS.format(old=old.path, new=new.path, mode=mode))
            db.run("CREATE TABLE tokens (id bigint PRIMARY KEY, sealed_by text, access bytea, refresh bytea, token_key bytea)")
            truth = {}
            for n, has in enumerate(self.ROWS):
                key, blob = old.new_data_key()
                truth[n] = [b"token %d of row %d" % (i, n) if one else None for i, one in enumerate(has)]
                ivs = [os.urandom(12) for _ in has]
                values = [iv + AESGCM(key).encrypt(iv, text, None) if text else None for iv, text in zip(ivs, truth[n])]
                db.run("INSERT INTO tokens VALUES ($1::bigint, 'old', $2, $3, $4)", n, *values, blob)
            db.run("INSERT INTO tokens VALUES (1000, 'old', NULL, NULL, NULL)")
            db.run("INSERT INTO tokens VALUES (1001, 'old', NULL, NULL, $1)", old.new_data_key()[1])
            db.run("ANALYZE tokens")
            self.assertEqual(place.run("setup")[0], 0)
            code, said = place.run("run")
            # A data key of no value is nothing that anybody can vouch for.
            self.assertEqual(code, 4, said)
            self.assertEqual([int(row[0]) for row in db.run("SELECT id FROM tokens WHERE sealed_by = 'old'")], [1001], said)
            db.run("DELETE FROM tokens WHERE id = 1001")
            self.assertEqual(place.run("run")[0], 0)
            for row_id, access, refresh, blob in db.run("SELECT id, access, refresh, token_key FROM tokens WHERE id < 1000"):
                key = new.unwrap(blob)
                opened = [AESGCM(key).decrypt(value[:12], value[12:], None) if value else None for value in (access, refresh)]
                self.assertEqual(opened, truth.pop(int(row_id)))
            self.assertEqual(truth, {})
            code, said = place.run("verify")
            self.assertEqual(code, 0, said)

    def test_reseal(self):
        self.moved("reseal")

    def test_rewrap(self):
        self.moved("rewrap")


class SharedDataKeys(unittest.TestCase):
    def moved(self, max_rows, max_bytes):
        """(tenant, bytes stored before) of the rows under each new data key, in the order of the rows."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        import application
        import libpq
        with places.Place() as place, libpq.Session(place.dsn) as db:
            old, new = (application.LocalKey(os.path.join(place.folder, name)) for name in ("from.key", "to.key"))
            with open(place.config, "w", encoding="ascii") as file:
                file.write(MAPPING.format(old=old.path, new=new.path, max_rows=max_rows, max_bytes=max_bytes))
            db.run("CREATE TABLE letters (id text PRIMARY KEY, tenant text, sealed_by text, body bytea, body_key bytea)")
            truth, sizes = {}, {}
            for n, tenant in enumerate(TENANTS):
                row_id, damaged = f"{n:03}", tenant == "x"
                if damaged:
                    tenant = TENANTS[n:].lstrip("x")[0]
                key, blob = old.new_data_key()
                iv, plaintext = os.urandom(12), os.urandom(100)
                body = iv + AESGCM(key).encrypt(iv, plaintext, None)
                db.run("INSERT INTO letters VALUES ($1, $2, 'old', $3, $4)", row_id, tenant, b"short" if damaged else body, blob)
                if not damaged:
                    truth[row_id], sizes[row_id] = plaintext, len(body) + len(blob)
            db.run("ANALYZE letters")
            self.assertEqual(place.run("setup")[0], 0)
            code, said = place.run("run")
            self.assertEqual(code, 4, said)
            groups = collections.OrderedDict()
            for row_id, tenant, body, blob in db.run("SELECT id, tenant, body, body_key FROM letters WHERE sealed_by = 'new' ORDER BY id"):
                place_of = b"".join(len(part).to_bytes(4, "big") + part for part in
                                    (b"letters", b"body", len(row_id).to_bytes(4, "big") + row_id.encode(), tenant.encode()))
                opened = AESGCM(new.unwrap(blob)).decrypt(body[:12], body[12:], b"tfsealAD\x01\x01" + place_of)
                self.assertEqual(opened, truth.pop(row_id))
                groups.setdefault(blob, []).append((tenant, sizes[row_id]))
            self.assertEqual(truth, {})
            return list(groups.values())

    def test_tenants_and_rows(self):
        groups = self.moved(max_rows=10, max_bytes="1GiB")
        self.assertTrue(all(len({tenant for tenant, _ in group}) == 1 for group in groups), groups)
        # Rows that cannot be moved part nothing and join nothing.
        self.assertEqual(["".join(tenant for tenant, _ in group) for group in groups],
                         ["A" * 10, "AA", "BBB", "CC", "D", "E", "C" * 10, "C" * 10, "C" * 6])

    def test_bytes(self):
        groups = self.moved(max_rows=1000, max_bytes="700")
        self.assertTrue(all(sum(size for _, size in group) <= 700 for group in groups), groups)
        self.assertEqual(max(len(group) for group in groups), 4)


def main():
    places.need()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
