#!/usr/bin/env python3
"""Rows without data keys: the application seals values itself with a key from its environment, a file or Secrets Manager, and
writes which one before each value ("v1:"). They move to another such key while it writes; a process is killed on the way."""

import base64
import json
import os
import sys
import unittest

import place as places
import running


class DirectPlace(places.Place):
    """A server with the application's rows; the old key is in the environment."""

    def __init__(self, rows, **mapping):
        import direct_application
        super().__init__()
        self.clients = direct_application.Clients(self.dsn)
        self.said_by_all = b""
        self.surroundings = {"OLD_KEY": base64.b64encode(self.clients.keys["v1"]).decode()}
        self.key_file = os.path.join(self.folder, "v2.key")
        self.write_key(self.clients.keys["v2"])
        self.write_mapping(**mapping)
        self.clients.create()
        self.clients.fill(rows)

    def write_mapping(self, **mapping):
        import direct_application
        with open(self.config, "w", encoding="ascii") as file:
            file.write(direct_application.mapping(**{"evidence": self.evidence, "old": "env: OLD_KEY", "new": f"file: {self.key_file}",
                                                     **mapping}))

    def write_key(self, text, mode=0o600):
        with open(os.open(self.key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(text)
        os.chmod(self.key_file, mode)

    def environment(self, **more):
        return super().environment(**{**self.surroundings, **more})

    def run(self, *arguments, **options):
        code, said = super().run(*arguments, **options)
        self.said_by_all += said.encode()
        return code, said

    def leaks(self):
        """Keys and plaintexts in whatever was said, written or kept by tfseal."""
        said = self.said_by_all + b"".join(open(process.log, "rb").read() for process in self.processes)
        for folder, _, names in os.walk(self.evidence):
            said += b"".join(open(os.path.join(folder, name), "rb").read() for name in names)
        tables = self.server.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'tfseal'").split()
        for table in [f"tfseal.{name}" for name in tables] + ["key_rotation_audit"]:
            said += self.server.sql(f"SELECT coalesce(string_agg(x::text, ''), '') FROM {table} x").encode()
        said += self.server.sql("SELECT coalesce(string_agg(pg_get_constraintdef(oid), ''), '') FROM pg_constraint").encode()
        secrets = [form for key in self.clients.keys.values() for form in (key, key.hex().encode(), base64.b64encode(key))]
        return [secret for secret in [*secrets, self.clients.canary] if secret in said]


class DirectKeys(unittest.TestCase):
    def moved(self, place, *flags):
        process = place.start("run", "--lease", "2", *flags)
        self.assertEqual(process.wait(600), 0, place.said(process))
        self.assertEqual(place.leaks(), [])

    def test_rows_move_while_the_application_writes(self):
        import direct_application
        with DirectPlace(2_500, max_rows=100, rate=500) as place:
            clients = place.clients
            code, said = place.run("plan", "--probe", "200")
            self.assertEqual(code, 0, said)
            self.assertIn("direct:", said)
            self.assertEqual(place.run("setup")[0], 0)
            with clients.session() as db:
                # The job cannot end before it is killed.
                db.run("BEGIN")
                db.run("SELECT 1 FROM clients WHERE id = 2499 FOR UPDATE")
                killed = place.start("run", "--lease", "2", "--rows-per-segment", "500")
                place.wait_until(lambda: place.changed_or_zero() > 300)
                killed.kill()
                self.assertEqual(killed.wait(60), -9, place.said(killed))
                db.run("COMMIT")
            place.run("set-rate", "--rows-per-s", "0")
            with direct_application.Writers(clients) as writers:
                place.wait_until(lambda: writers.writes > 200 or writers.failures)
                # From here on it seals with the new key; what it sealed before that is found.
                clients.active = "v2"
                self.moved(place)
            self.assertEqual(writers.failures, [])
            self.moved(place)  # a write that was under way when the application changed its key
            self.assertEqual(clients.problems()[:5], [])
            self.assertEqual(place.status()["phase"], "completed")
            self.proven(place, rows=2_500)

    def proven(self, place, rows):
        code, said = place.run("verify", "--output", "json")
        self.assertEqual(code, 0, said)
        table, = json.loads(said)["tables"]
        empty = place.server.sql("SELECT count(*) FROM clients WHERE first_name IS NULL AND notes IS NULL")
        self.assertEqual([table[name] for name in ("rows", "opened", "old", "failed", "other")], [rows, rows - int(empty), 0, 0, int(empty)])
        code, said = place.run("status")
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r": completed\n  \d+ of about \d+ rows")  # for people: a line for each thing
        # The audit table lost a column: it is named while nothing is done, and the same command goes on when it is back.
        place.server.sql("ALTER TABLE key_rotation_audit RENAME notes TO remarks")
        code, said = place.run("retire")
        self.assertEqual(code, 1, said)
        self.assertIn("public.key_rotation_audit.notes: the audit table has no such column", said)
        self.assertIn('ADD COLUMN "notes" text', said)
        self.assertEqual(place.server.sql("SELECT DISTINCT phase FROM tfseal.job"), "completed")
        self.assertEqual(place.server.sql("SELECT count(*) FROM pg_constraint WHERE conname LIKE 'tfseal_fence%'"), "0")
        place.server.sql("ALTER TABLE key_rotation_audit RENAME remarks TO notes")
        code, said = place.run("retire")
        self.assertEqual(code, 0, said)
        self.assertEqual(place.server.sql("SELECT old_key_version, new_key_version, rotation_type, initiated_by FROM key_rotation_audit"),
                         "v1|v2|reseal|devops@example.org")
        # Nobody writes under the old key any more, in whichever column.
        import libpq
        with place.clients.session() as db:
            for place_of_value, column in enumerate(("first_name", "notes")):
                stored = place.clients.columns("v1", [b"stale", b"stale"])[place_of_value]
                with self.assertRaises(libpq.Refused) as refused:
                    db.run(f"UPDATE clients SET {column} = $1 WHERE id = 1", stored)
                self.assertEqual(refused.exception.sqlstate, "23514")
        self.assertEqual(place.leaks(), [])

    def test_what_nobody_knows_is_told(self):
        with DirectPlace(300) as place:
            self.assertEqual(place.run("setup")[0], 0)
            place.server.sql("UPDATE clients SET first_name = 'v9:' || substr(first_name, 4), notes = NULL WHERE id = 1")
            place.server.sql("UPDATE clients SET first_name = substr(first_name, 4), notes = NULL WHERE id = 2")
            place.server.sql("UPDATE clients SET notes = 'v1:damaged' WHERE id = 3")
            place.server.sql("UPDATE clients SET notes = '\\x7639'::bytea || substring(notes FROM 3) WHERE id = 4")
            process = place.start("run")
            self.assertEqual(process.wait(600), 4, place.said(process))
            self.assertEqual(place.clients.problems(except_ids=(1, 2, 3, 4)), [])
            code, said = place.run("verify", "--output", "json")
            self.assertEqual(code, 3, said)
            table, = json.loads(said)["tables"]
            # An unknown version, no version, and both in the second of two columns; the damaged one is under the old key still.
            self.assertEqual((table["failures"], table["old"]), ({"no-key": 3}, 1), said)
            # A version that the mapping names is somebody else's business.
            place.write_mapping(others="{ name: v9 }")
            code, said = place.run("verify", "--output", "json")
            table, = json.loads(said)["tables"]
            self.assertEqual((code, table["failures"], table["old"], table["other"] > 0), (3, {"no-key": 1}, 1, True), said)
            self.assertEqual(place.leaks(), [])

    def test_keys_that_are_none(self):
        with DirectPlace(10) as place:
            self.assertEqual(place.run("setup")[0], 0)
            before = place.server.sql("SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM clients c")
            good = place.clients.keys["v2"]
            for text, mode, expected in [(good[:31], 0o600, "not 32 bytes as raw bytes"), (good, 0o644, "chmod 600"),
                                         (base64.b64encode(good), 0o600, "not 32 bytes as raw bytes"), (b"", 0o600, "has 0 bytes")]:
                place.write_key(text, mode)
                code, said = place.run("run")
                self.assertEqual((code, expected in said), (1, True), said)
            place.write_key(place.clients.keys["v1"])
            code, said = place.run("run")
            self.assertEqual((code, "the same key" in said), (64, True), said)
            code, said = place.run("plan")
            self.assertEqual((code, "the same key" in said), (3, True), said)
            place.write_key(good)
            code, said = place.run("run", env=place.environment(OLD_KEY=""))
            self.assertEqual((code, "the environment has no OLD_KEY" in said), (64, True), said)
            place.write_mapping(new=f"env: {good.hex()}")
            code, said = place.run("plan")
            self.assertEqual((code, "never the value itself" in said), (64, True), said)
            place.write_mapping(new=f"secret: {base64.b64encode(good).decode()}")
            code, said = place.run("plan")
            self.assertEqual((code, "looks like a key itself" in said), (64, True), said)
            # The wrong key opens nothing, and nothing is written.
            place.write_mapping()
            code, said = place.run("run", env=place.environment(OLD_KEY=base64.b64encode(os.urandom(32)).decode()))
            self.assertNotEqual(code, 0, said)
            self.assertEqual(place.server.sql("SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM clients c"), before)
            self.assertEqual(place.leaks(), [])


class WithoutVersions(unittest.TestCase):
    """Values that never began with a version: a column beside them names the key."""

    MAPPING = """rekey:
  database: {{ dsn_env: DATABASE_URL }}
  keys: {{ from: {{ {old} }}, to: {{ {new} }} }}
  targets:
    - table: letters
      primary_key: [id]
      key_ref: {{ column: sealed_by, kind: name }}
      fields:
        - {{ name: body, ciphertext: body, iv: 'prefix:12'{dek}, aad: {{ scheme: {before}, upgrade_to: tfseal-v1 }} }}
  mode: {mode}
  throttle: {{ wal_mb_per_s: 0, dead_tuples: 1 }}
  application: {{ key_cache_ttl: 0 }}
  evidence: {{ directory: {evidence} }}
"""
    OLD, NEW = "name: v1, direct: { env: OLD_KEY }", "name: v2, direct: { file: %s }"

    def write(self, place, **values):
        with open(place.config, "w", encoding="ascii") as file:
            file.write(self.MAPPING.format(**{"evidence": place.evidence, **values}))

    @staticmethod
    def associated(row_id):
        return b"tfsealAD\x01\x01" + b"".join(len(part).to_bytes(4, "big") + part for part in
                                             (b"letters", b"body", len(row_id).to_bytes(4, "big") + row_id, b""))

    def test_a_column_names_the_key_and_then_an_envelope(self):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        import application
        with DirectPlace(0) as place:
            clients, envelope = place.clients, application.LocalKey(os.path.join(place.folder, "kek.key"))
            with clients.session() as db:
                db.run("CREATE TABLE letters (id text PRIMARY KEY, sealed_by text, body bytea, body_key bytea)")
                for n in range(120):
                    db.run("INSERT INTO letters (id, sealed_by, body) VALUES ($1, 'v1', $2)", n, clients.seal("v1", clients.canary + b"%d" % n))
            self.assertEqual(place.run("setup")[0], 0)
            new = self.NEW % place.key_file
            self.write(place, old=self.OLD, new=new, dek="", before="none-legacy", mode="reseal")
            self.assertEqual(place.run("run")[0], 0)
            self.assertEqual(place.run("verify")[0], 0)
            with clients.session() as db:
                for row_id, sealed_by, body in db.run("SELECT id, sealed_by, body FROM letters"):
                    opened = AESGCM(clients.keys["v2"]).decrypt(body[:12], body[12:], self.associated(row_id.encode()))
                    self.assertEqual((sealed_by, opened), ("v2", clients.canary + row_id.encode()))
            self.write(place, old=new, new=f"name: kek, local: {envelope.path}", dek=", dek: { wrapped: body_key }", before="tfseal-v1",
                       mode="adopt")
            code, said = place.run("run")
            self.assertEqual(code, 0, said)
            self.assertEqual(place.run("verify")[0], 0)
            with clients.session() as db:
                rows = db.run("SELECT id, sealed_by, body, body_key FROM letters")
                self.assertEqual((len(rows), len({blob for *_, blob in rows})), (120, 120), "each row has a data key of its own")
                for row_id, sealed_by, body, blob in rows:
                    opened = AESGCM(envelope.unwrap(blob)).decrypt(body[:12], body[12:], self.associated(row_id.encode()))
                    self.assertEqual((sealed_by, opened), ("kek", clients.canary + row_id.encode()))
            self.assertEqual(place.leaks(), [])


class SecretsManager(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.emulator = running.Emulator()
        cls.aws = cls.emulator.__enter__()
        cls.secrets = cls.aws.client("secretsmanager")

    @classmethod
    def tearDownClass(cls):
        cls.emulator.__exit__()

    def reads(self):
        return sum(call["action"] == "GetSecretValue" for call in self.aws.calls())

    def test_both_keys_in_secrets(self):
        with DirectPlace(400) as place:
            keys = place.clients.keys
            made = self.secrets.create_secret(Name="clinic/encryption-key-v1", SecretString=base64.b64encode(keys["v1"]).decode())
            self.secrets.create_secret(Name="clinic/encryption-key-v2", SecretString=json.dumps({"key": keys["v2"].hex(), "other": "CANARY-other"}))
            place.surroundings = {k: v for k, v in self.aws.environment().items() if k.startswith("AWS_")}
            place.write_mapping(old=f"secret: '{made['ARN']}'", new="secret: clinic/encryption-key-v2, member: key, encoding: hex")
            before = self.reads()
            code, said = place.run("plan")
            self.assertEqual(code, 0, said)
            self.assertEqual(self.reads(), before, "a plan reads no secret")
            self.assertEqual(place.run("setup")[0], 0)
            self.assertEqual(place.run("run")[0], 0)
            self.assertEqual(place.clients.problems(), [])
            self.assertEqual(place.run("verify")[0], 0)
            for wrong, expected in [("secret: clinic/no-such-key", "clinic/no-such-key"),
                                    ("secret: clinic/encryption-key-v2, member: kye", "has no such member"),
                                    ("secret: clinic/encryption-key-v2", "not 32 bytes as base64"),
                                    ("secret: clinic/encryption-key-v1, member: key", "is no JSON object")]:
                place.write_mapping(old=f"secret: '{made['ARN']}'", new=wrong)
                code, said = place.run("verify")
                self.assertEqual((code, expected in said), (1, True), said)
            self.assertEqual(place.leaks(), [])
            self.assertNotIn(b"CANARY-other", place.said_by_all)

    def test_the_secret_before_and_a_binary_one(self):
        with DirectPlace(60) as place:
            keys = place.clients.keys
            made = self.secrets.create_secret(Name="clinic/key", SecretBinary=keys["v1"])
            self.secrets.put_secret_value(SecretId=made["ARN"], SecretBinary=keys["v2"])
            place.surroundings = {k: v for k, v in self.aws.environment().items() if k.startswith("AWS_")}
            place.write_mapping(old="secret: clinic/key, stage: AWSPREVIOUS", new="secret: clinic/key")
            self.assertEqual(place.run("setup")[0], 0)
            code, said = place.run("run")
            self.assertEqual(code, 0, said)
            self.assertEqual(place.clients.problems(), [])
            self.assertEqual(place.leaks(), [])


def main():
    places.need()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
