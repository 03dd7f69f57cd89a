#!/usr/bin/env python3
"""From the first row to the retired key with what people, clocks and other versions do meanwhile: skewed clocks, writers with
stale caches, verification under load, evidence that was tampered with, keys in Vault, core dumps."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request

import place as places
import running
from cases import Case

HERE = os.path.dirname(os.path.abspath(__file__))


class Clocks(Case):
    def test_f8_clocks_that_are_wrong_and_jump(self):
        if places.sanitized() or not shutil.which("cc"):
            self.skipTest("needs a C compiler and a program without sanitizers")
        with places.Place(max_rows=100) as place:
            shim = os.path.join(place.folder, "clock.so")
            subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, os.path.join(HERE, "clock_shim.c"), "-ldl"], check=True)
            self.prepared(place, rows=6_000)
            clocks = ({"SKEW_SECONDS": "3600"}, {"SKEW_SECONDS": "-3600"}, {"SKEW_JUMPS": "1"})
            shown = subprocess.run(["date", "+%s"], env={**os.environ, "LD_PRELOAD": shim, "SKEW_SECONDS": "3600"}, capture_output=True, text=True)
            real = subprocess.run(["date", "+%s"], capture_output=True, text=True)
            self.assertGreater(int(shown.stdout), int(real.stdout) + 3000, "the clock is not moved")
            crowd = [place.start("run", "--lease", "5", "--rows-per-segment", "500", env=place.environment(LD_PRELOAD=shim, **clock))
                     for clock in clocks]
            self.assertEqual([p.wait(600) for p in crowd], [0] * 3, [place.said(p) for p in crowd])
            self.assertEqual(self.sound(place)["rows"]["changed"], 6_000)
            self.assertEqual(place.server.sql("SELECT count(*) FROM tfseal.worker WHERE last_seen > now() + interval '1 min'"), "0")


class Retirement(Case):
    def stale_row(self, place, row_id):
        """What an application that never looks for the active key writes."""
        import application
        plaintext = b"secret of a stale writer " + os.urandom(16)
        with place.application.session() as db:
            (key_id,), = db.run("SELECT id FROM encryption_keys WHERE key_id = '2024-09'")
            application.Writers(place.application, count=1).insert(db, row_id, key_id, "2024-09", plaintext)
        place.application.truth[row_id] = plaintext
        place.application.touched.add(row_id)

    def test_f16_f30_a_stale_writer_and_tampered_evidence(self):
        import libpq
        with places.Place(cache_ttl=3600) as place:
            local = {"old": f", local: {place.keys['2024-09'].path}", "new": f", local: {place.keys['2025-03'].path}"}
            place.write_config(cache_ttl=0, **local)
            self.prepared(place, rows=1_000)
            self.finish(place, "--rows-per-segment", "100")
            self.stale_row(place, "5000001")
            self.assertEqual(place.run("verify")[0], 3)
            code, said = place.run("retire", "--wait")
            self.assertEqual(code, 3, said)
            self.assertEqual(place.server.sql("SELECT status FROM encryption_keys ORDER BY id"), "rotating\nactive")
            self.finish(place, "--rows-per-segment", "100")
            self.assertEqual(place.run("verify")[0], 0)
            # The fence is up, and the time is not over for an hour: nobody can write under the old key any more.
            place.write_config(cache_ttl=3600, **local)
            code, said = place.run("retire")
            self.assertEqual(code, 6, said)
            with self.assertRaises(libpq.Refused) as refused:
                self.stale_row(place, "5000002")
            self.assertEqual(refused.exception.sqlstate, "23514")
            self.assertEqual(place.server.sql("SELECT status FROM encryption_keys ORDER BY id"), "rotating\nactive")
            place.write_config(cache_ttl=0, **local)
            code, said = place.run("retire", "--wait")
            self.assertEqual(code, 0, said)
            self.sound(place, phase="retired")
            self.assertEqual(place.server.sql("SELECT status FROM encryption_keys ORDER BY id"), "retired\nactive")
            self.tampered(place)

    def tampered(self, place):
        """Every line of the chain: changed by one bit, dropped, exchanged with the next, the end cut off."""
        def verify():
            done = subprocess.run([places.TFSEAL, "evidence", "verify", place.evidence], capture_output=True, text=True)
            self.said = done.stdout + done.stderr
            return done.returncode
        self.assertEqual(verify(), 4, self.said)
        chain, = (os.path.join(place.evidence, name) for name in os.listdir(place.evidence) if name.endswith(".jsonl"))
        with open(chain, "rb") as file:
            whole = file.read()
        lines = whole.splitlines(keepends=True)
        self.assertGreater(len(lines), 4)
        variants = [whole[:-20], whole + lines[-1]]
        for i, line in enumerate(lines):
            middle = len(line) // 2
            variants.append(b"".join(lines[:i] + [line[:middle] + bytes([line[middle] ^ 1]) + line[middle + 1:]] + lines[i + 1:]))
            variants.append(b"".join(lines[:i] + lines[i + 1:]))
            if i + 1 < len(lines):
                variants.append(b"".join(lines[:i] + [lines[i + 1], line] + lines[i + 2:]))
        for number, variant in enumerate(variants):
            with open(chain, "wb") as file:
                file.write(variant)
            self.assertEqual(verify(), 7, number)
        with open(chain, "wb") as file:
            file.write(whole)
        self.assertEqual(verify(), 4)

    def test_f29_verification_under_writes(self):
        import application
        with places.Place(cache_ttl=1) as place:
            self.prepared(place, rows=3_000)
            self.finish(place)
            copy = ("INSERT INTO connections SELECT {id}, organization_id, name, {key}, payload_ciphertext, payload_iv, {blob}, NULL, "
                    "encrypted_credentials, iv, NULL, updated_at FROM connections WHERE id = (SELECT min(id) FROM connections)")
            damaged = copy.format(id=2_000_000_001, key="encryption_key_id", blob="(SELECT data_key_ciphertext FROM connections ORDER BY id DESC LIMIT 1)")
            left = copy.format(id=2_000_000_002, key="(SELECT min(id) FROM encryption_keys)", blob="data_key_ciphertext")
            with application.Writers(place.application, count=16, cache_seconds=0.3) as writers:
                for planted, expected in ((None, 0), (damaged, 3), (None, 0), (left, 3), (None, 0)):
                    if planted:
                        place.server.sql(planted)
                    code, said = place.run("verify")
                    self.assertEqual(code, expected, said)
                    place.server.sql("DELETE FROM connections WHERE id > 2000000000")
            self.assertEqual(writers.failures, [])
            self.sound(place)


class Versions(Case):
    def test_f27_another_version_has_begun(self):
        with places.Place(max_rows=100, rate=400) as place:
            self.prepared(place, rows=3_000)
            with place.application.session() as db:
                db.run("BEGIN")
                db.run("SELECT 1 FROM connections WHERE id = 2999 FOR UPDATE")
                process = place.start("run", "--lease", "2")
                place.wait_until(lambda: place.changed_or_zero() > 500)
                self.assertEqual(place.run("pause")[0], 0)
                # After many passes it pauses by itself, as the row stays locked.
                self.assertIn(process.wait(600), (5, 6), place.said(process))
                db.run("COMMIT")
            # As if a version that writes other tables had made it.
            place.server.sql("UPDATE tfseal.job SET format = format + 1")
            moved = place.changed()
            for command in ("run", "resume", "cancel"):
                code, said = place.run(command)
                self.assertNotEqual(code, 0, said)
                self.assertIn("another version", said)
            self.assertEqual(place.changed(), moved)
            self.assertEqual(place.application.problems(under=None)[:5], [])
            place.server.sql("UPDATE tfseal.job SET format = format - 1")
            self.assertEqual(place.run("resume")[0], 0)
            self.finish(place)
            self.assertEqual(self.sound(place)["rows"]["changed"], 3_000)


class Secrets(Case):
    def test_no_core_is_dumped(self):
        if places.sanitized():
            self.skipTest("the leak check looks into the process")
        with places.Place(max_rows=100) as place:
            self.prepared(place, rows=1_000)
            with place.application.session() as db:
                db.run("BEGIN")
                db.run("SELECT 1 FROM connections WHERE id = 999 FOR UPDATE")
                process = place.start("run", "--lease", "1", prefix=["prlimit", "--core=unlimited"] if os.getuid() == 0 else [])
                place.wait_until(lambda: place.changed_or_zero() > 100)
                process.send_signal(signal.SIGSTOP)
                with open(f"/proc/{process.pid}/limits", encoding="ascii") as limits:
                    line, = (one for one in limits if one.startswith("Max core file size"))
                self.assertEqual(line.split()[4:6], ["0", "0"], line)
                os.kill(process.pid, signal.SIGABRT)
                os.kill(process.pid, signal.SIGCONT)
                _, status = os.waitpid(process.pid, 0)
                process.returncode = -os.WTERMSIG(status)
                self.assertEqual(process.returncode, -signal.SIGABRT)
                self.assertFalse(os.WCOREDUMP(status))
            self.finish(place)
            self.assertEqual(self.sound(place)["rows"]["changed"], 1_000)


class Vault(Case):
    """Keys of the transit engine, as a small server has it that encrypts as Vault's documentation says."""

    TOKEN = "hvs.canary-token"

    def setUp(self):
        started = subprocess.run([sys.executable, os.path.join(HERE, "..", "vault", "transit_server.py")], capture_output=True, text=True)
        if started.returncode:
            self.skipTest("the transit server does not start: " + started.stderr)
        port, process = started.stdout.split()
        self.address = f"http://127.0.0.1:{port}"
        self.addCleanup(os.kill, int(process), signal.SIGKILL)

    def fault(self, **fault):
        urllib.request.urlopen(urllib.request.Request(self.address + "/test/fault", json.dumps(fault).encode()))

    def vault(self, key):
        return f", vault: {{ key: {key}, address: \"{self.address}\", token_env: ROWS_TOKEN }}"

    def ran(self, place, *command, **environment):
        """Exit code and what was said; the token and what the server says of an error is never in it."""
        code, said = place.run(*command, env=place.environment(**environment))
        for secret in (self.TOKEN, "CANARY", "canary"):
            self.assertNotIn(secret, said)
        return code, said

    def test_rows_move_into_vault_and_between_its_keys(self):
        import application
        with places.Place() as place:
            place.write_config(old=f", local: {place.keys['2024-09'].path}", new=self.vault("rows"))
            place.keys["2025-03"] = application.VaultKey(self.address, self.TOKEN, "rows")
            place.application.create()
            place.application.fill(300)
            self.assertEqual(place.run("setup")[0], 0)
            code, said = self.ran(place, "run")
            self.assertEqual(code, 64, said)
            self.assertIn("ROWS_TOKEN", said)
            code, said = self.ran(place, "run", ROWS_TOKEN="hvs.another-canary")
            self.assertEqual(code, 1, said)
            self.assertEqual(self.ran(place, "plan", ROWS_TOKEN=self.TOKEN)[0], 0)
            self.fault(status=503, times=3, path="datakey/")
            self.fault(status=429, times=2, path="decrypt/")
            code, said = self.ran(place, "run", "--lease", "5", ROWS_TOKEN=self.TOKEN)
            self.assertEqual(code, 0, said)
            self.assertEqual(place.application.problems(), [])
            self.assertEqual(self.ran(place, "verify", ROWS_TOKEN=self.TOKEN)[0], 0)
            # On to another key of the engine: the payload stays as it is.
            place.keys["2026-01"] = application.VaultKey(self.address, self.TOKEN, "rows2")
            place.write_config(mode="rewrap", old=self.vault("rows"), new=self.vault("rows2"), evidence=place.evidence)
            with open(place.config, encoding="ascii") as file:
                text = file.read().replace("name: 2025-03", "name: 2026-01").replace("name: 2024-09", "name: 2025-03")
            with open(place.config, "w", encoding="ascii") as file:
                file.write(text)
            look = "SELECT md5(string_agg(payload_ciphertext || payload_iv, '' ORDER BY id)) FROM connections"
            before = place.server.sql(look)
            self.fault(status=500, times=2, path="encrypt/")
            code, said = self.ran(place, "run", "--lease", "5", ROWS_TOKEN=self.TOKEN)
            self.assertEqual(code, 0, said)
            self.assertEqual(place.application.problems(under="2026-01"), [])
            self.assertEqual(place.server.sql(look), before)
            self.assertEqual(self.ran(place, "verify", ROWS_TOKEN=self.TOKEN)[0], 0)


def main():
    places.need()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
