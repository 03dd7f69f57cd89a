#!/usr/bin/env python3
"""Rows are re-encrypted by real processes on a real PostgreSQL while an independent program writes; it opens them all."""

import json
import os
import sys
import unittest

import place as places
import running
from cases import Case


class EndToEnd(unittest.TestCase):
    def check(self, place, code=0, **problems):
        """The invariants: every row opens under the key its id names, holds what was written last, and is counted."""
        self.assertEqual(place.application.problems(**problems), [])

    def test_two_processes_while_the_application_writes(self):
        import application
        with places.Place(cache_ttl=1) as place:
            place.application.create()
            place.application.fill(20_000)
            self.assertEqual(place.run("setup")[0], 0)
            with application.Writers(place.application, count=4) as writers:
                both = [place.start("run", "--rows-per-segment", "1000") for _ in range(2)]
                codes = [process.wait(600) for process in both]
            self.assertEqual(writers.failures, [])
            self.assertEqual(codes, [0, 0], [place.said(p) for p in both])
            self.check(place)
            status = place.status()
            self.assertEqual(status["phase"], "completed")
            # What the application never wrote can only have been moved by the job.
            untouched = set(place.application.truth) - place.application.touched
            self.assertGreaterEqual(status["rows"]["changed"], len(untouched))
            print("writes:", dict(place.application.writes), "rows:", status["rows"], "pass", status["pass"])


class NamesBesideACatalogue(Case):
    """One table refers to the catalogue's ids; another one, in the same job, holds the names of the same keys."""

    TARGET = """    - table: public.letters
      primary_key: [id]
      key_ref: { column: sealed_by, kind: name }
      fields:
        - { name: body, ciphertext: body, iv: 'prefix:12', dek: { wrapped: body_key } }
"""

    def test_both_tables_are_moved(self):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        import libpq
        with places.Place() as place, libpq.Session(place.dsn) as db:
            with open(place.config, encoding="ascii") as file:
                text = file.read()
            with open(place.config, "w", encoding="ascii") as file:
                file.write(text.replace("  mode:", self.TARGET + "  mode:", 1))
            self.prepared(place, rows=200)
            db.run("CREATE TABLE letters (id bigint PRIMARY KEY, sealed_by text NOT NULL, body bytea NOT NULL, body_key bytea NOT NULL)")
            truth = {}
            for n in range(120):
                truth[n] = b"secret of letter %d" % n
                body, iv, blob = place.application.seal("2024-09", truth[n])
                db.run("INSERT INTO letters VALUES ($1::bigint, '2024-09', $2, $3)", n, iv + body, blob)
            db.run("ANALYZE letters")
            code, said = place.run("plan", "--output", "json")
            self.assertEqual([(t["table"], t["rows_old"]) for t in json.loads(said)["forecast"]["tables"]],
                             [("public.connections", 200), ("public.letters", 120)], said)
            self.finish(place)
            self.assertEqual(self.sound(place)["rows"]["changed"], 320)
            for row_id, sealed_by, body, blob in db.run("SELECT id, sealed_by, body, body_key FROM letters"):
                data_key = place.keys["2025-03"].unwrap(blob)
                self.assertEqual((sealed_by, AESGCM(data_key).decrypt(body[:12], body[12:], None)), ("2025-03", truth[int(row_id)]))
            code, said = place.run("verify", "--output", "json")
            self.assertEqual(code, 0, said)
            self.assertEqual([(t["rows"], t["opened"], t["old"]) for t in json.loads(said)["tables"]], [(200, 200, 0), (120, 120, 0)])
            code, said = place.run("retire")
            self.assertEqual(code, 0, said)
            with self.assertRaises(libpq.Refused) as refused:
                db.run("UPDATE letters SET sealed_by = '2024-09' WHERE id = 7")
            self.assertEqual(refused.exception.sqlstate, "23514")
            db.run("UPDATE letters SET sealed_by = '2025-03' WHERE id = 7")


class PaddedTexts(Case):
    """char(n) as the type of a row's key and of the name of its wrapping key: "character" alone, which PostgreSQL calls the
    type, is one character, and no row would be under the old key."""

    MAPPING = """rekey:
  database: {{ dsn_env: DATABASE_URL }}
  keys: {{ from: {{ name: old-key, local: {old} }}, to: {{ name: new-key, local: {new} }} }}
  targets:
    - table: letters
      primary_key: [id]
      key_ref: {{ column: sealed_by, kind: name }}
      fields:
        - {{ name: body, ciphertext: body, iv: 'prefix:12', dek: {{ wrapped: body_key }} }}
  mode: reseal
  throttle: {{ wal_mb_per_s: 0, dead_tuples: 1 }}
  application: {{ key_cache_ttl: 0 }}
  evidence: {{ directory: {evidence} }}
"""

    def test_no_row_is_passed_over(self):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        import application
        import libpq
        with places.Place() as place, libpq.Session(place.dsn) as db:
            old, new = (application.LocalKey(os.path.join(place.folder, name)) for name in ("from.key", "to.key"))
            with open(place.config, "w", encoding="ascii") as file:
                file.write(self.MAPPING.format(old=old.path, new=new.path, evidence=place.evidence))
            db.run("CREATE TABLE letters (id char(12) PRIMARY KEY, sealed_by char(10) NOT NULL, body bytea, body_key bytea)")
            truth = {f"k{n * 31}": b"letter %d" % n for n in range(350)}
            for key, plaintext in truth.items():
                data_key, blob = old.new_data_key()
                iv = os.urandom(12)
                db.run("INSERT INTO letters VALUES ($1, 'old-key', $2, $3)", key, iv + AESGCM(data_key).encrypt(iv, plaintext, None), blob)
            db.run("ANALYZE letters")
            code, said = place.run("plan", "--output", "json")
            self.assertEqual([t["rows_old"] for t in json.loads(said)["forecast"]["tables"]], [350], said)
            for command in (["setup"], ["run", "--rows-per-segment", "100"], ["verify"], ["retire"]):
                code, said = place.run(*command, timeout=60)
                self.assertEqual(code, 0, said)
            rows = db.run("SELECT rtrim(id::text), rtrim(sealed_by::text), body, body_key FROM letters")
            self.assertEqual(len(rows), len(truth))
            for key, sealed_by, body, blob in rows:
                self.assertEqual((sealed_by, AESGCM(new.unwrap(blob)).decrypt(body[:12], body[12:], None)), ("new-key", truth[key]))


def main():
    places.need()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
