#!/usr/bin/env python3
"""What the server and the machine run short of: disk, log, vacuum, replicas, sessions of a pooler, memory."""

import contextlib
import os
import re
import shutil
import subprocess
import sys

import place as places
import postgres_server
import running
from cases import Case


class SmallDisk:
    """A file system of a few megabytes of its own, for the server's user."""

    def __init__(self, folder, size):
        self.path = os.path.join(folder, f"disk-{size}")
        os.makedirs(self.path, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", self.path], capture_output=True, text=True)
        if done.returncode:
            raise running.Skip(f"a small file system cannot be mounted: {done.stderr.strip()}")

    def fill(self, leave=0):
        """A file that takes all that is left but so many bytes."""
        with open(os.path.join(self.path, "ballast"), "wb", buffering=0) as file, contextlib.suppress(OSError):
            free = os.statvfs(self.path)
            file.write(bytes(max(0, free.f_bavail * free.f_bsize - leave)))

    def free(self):
        os.unlink(os.path.join(self.path, "ballast"))

    def close(self):
        subprocess.run(["umount", "-l", self.path], check=False, capture_output=True)


class WithoutWalPosition(Case):
    """Aurora, where logical replication is off, does not tell where its log is."""

    def test_the_log_is_estimated(self):
        with places.Place(max_rows=200, wal=1) as place:
            self.prepared(place, rows=4_000)
            place.server.refuse_wal_position()
            _, said = place.run("plan")
            self.assertIn("aurora_replica_status()", said)
            process = place.start("run", "--lease", "5")
            place.wait_until(lambda: "wal budget" in str(place.status_or_none()["workers"]))
            place.run("set-rate", "--wal-mb-per-s", "0")
            self.assertEqual(process.wait(600), 0, place.said(process))
            self.assertEqual(self.sound(place)["rows"]["changed"], 4_000)
            with open(place.server.data + ".log", encoding="utf-8", errors="replace") as log:
                refused = log.read().count("ERROR:  wal_level must be set")
            self.assertLessEqual(refused, 2, "asked once by the plan and once by the worker")


class Disk(Case):
    def small_disk(self, place, size):
        try:
            disk = SmallDisk(place.farm.root, size)
        except running.Skip as reason:
            self.skipTest(str(reason))
        self.addCleanup(disk.close)
        return disk

    def test_f20_no_room_for_rows(self):
        with places.Place(max_rows=200) as place:
            self.prepared(place, rows=4_000)
            disk = self.small_disk(place, "16m")
            data = os.path.join(disk.path, "rows")
            os.mkdir(data)
            if os.getuid() == 0:
                os.chown(data, postgres_server.unprivileged().pw_uid, postgres_server.unprivileged().pw_gid)
            place.server.sql(f"CREATE TABLESPACE small LOCATION '{data}'")
            place.server.sql("ALTER TABLE connections SET TABLESPACE small")
            disk.fill(leave=200_000)
            process = place.start("run", "--lease", "2")
            self.assertEqual(process.wait(600), 5, place.said(process))
            status = place.status()
            self.assertEqual(status["phase"], "paused", status)
            self.assertRegex(status["reason"], "disk")
            self.assertEqual(status["rows"]["issues"], 0)
            self.assertEqual(place.application.problems(under=None)[:5], [])
            disk.free()
            self.assertEqual(place.run("resume")[0], 0)
            self.finish(place)
            self.assertEqual(self.sound(place)["rows"]["changed"], 4_000)
            place.server.stop()

    def test_f20_no_room_for_the_log(self):
        with places.Place(max_rows=200) as place:
            self.prepared(place, rows=4_000)
            disk = self.small_disk(place, "24m")
            place.server.stop()
            log = os.path.join(place.server.data, "pg_wal")
            moved = os.path.join(disk.path, "pg_wal")
            subprocess.run(["cp", "-a", log, moved], check=True)
            shutil.rmtree(log)
            os.symlink(moved, log)
            place.restart()
            place.server.sql("ALTER SYSTEM SET max_wal_size = '8MB'")
            place.server.sql("SELECT pg_reload_conf()")
            process = place.start("run", "--lease", "2")
            place.wait_until(lambda: place.changed_or_zero() > 100 or process.poll() is not None)
            disk.fill()
            # The server ends itself as soon as it needs room for its log; nothing is lost of what it acknowledged.
            with contextlib.suppress(RuntimeError):
                for _ in range(200):
                    place.server.sql("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 1000000))")
            disk.free()
            place.crash()
            self.assertEqual(process.wait(600), 0, place.said(process))
            self.assertEqual(self.sound(place)["rows"]["changed"], 4_000)
            place.server.stop()

    def test_f20_no_room_for_evidence(self):
        with places.Place() as place:
            disk = self.small_disk(place, "256k")
            place.write_config(evidence=os.path.join(disk.path, "evidence"), old=f", local: {place.keys['2024-09'].path}",
                               new=f", local: {place.keys['2025-03'].path}")
            self.prepared(place, rows=1_000)
            self.finish(place, "--rows-per-segment", "100")
            os.mkdir(os.path.join(disk.path, "evidence"), 0o700)
            for leave in (0, 4096, 8192):
                disk.fill(leave=leave)
                code, said = place.run("retire", "--wait")
                disk.free()
                if code == 0:
                    break
                self.assertIn("No space left on device", said)
            code, said = place.run("retire", "--wait")
            self.assertEqual(code, 0, said)
            self.sound(place, phase="retired")
            checked = subprocess.run([places.TFSEAL, "evidence", "verify", os.path.join(disk.path, "evidence")], capture_output=True, text=True)
            self.assertEqual(checked.returncode, 4, checked.stdout + checked.stderr)  # whole, and nobody signed it


class Limits(Case):
    def bound(self, place, words):
        """The limit a worker names, once it is one of these; the rows stand still while it holds, with some left."""
        def holds():
            limits = [w["limit"] for w in place.status_or_none()["workers"] if re.search(words, w["limit"])]
            before = place.changed_or_zero()
            place.server.sql("SELECT pg_sleep(1.5)")
            return limits if limits and place.changed_or_zero() == before else None
        limits = place.wait_until(holds)
        self.assertGreater(int(place.server.sql("SELECT count(*) FROM connections WHERE encryption_key_id = 1")), 0)
        return limits

    def test_f21_a_snapshot_that_is_held(self):
        with places.Place(max_rows=100, horizon="1s") as place:
            self.prepared(place, rows=2_000)
            with place.application.session() as reader:
                reader.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
                reader.run("SELECT count(*) FROM connections")
                (pid,), = reader.run("SELECT pg_backend_pid()")
                place.server.sql("SELECT pg_sleep(2.1)")
                process = place.start("run", "--lease", "5")
                self.assertIn(f"process {pid} holds a snapshot", " ".join(self.bound(place, "vacuum horizon")))
                self.assertIsNone(process.poll(), place.said(process))
                reader.run("COMMIT")
            self.assertEqual(process.wait(600), 0, place.said(process))
            self.assertEqual(self.sound(place)["rows"]["changed"], 2_000)

    def test_f22_a_dead_slot_retains_the_log(self):
        with places.Place(max_rows=100) as place:
            self.prepared(place, rows=2_000)
            place.server.sql("SELECT pg_create_physical_replication_slot('dead', true)")
            place.server.sql("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 1000000)) FROM generate_series(1, 20)")
            process = place.start("run", "--lease", "5")
            self.bound(place, "retained wal")
            self.assertIsNone(process.poll(), place.said(process))
            place.server.sql("SELECT pg_drop_replication_slot('dead')")
            self.assertEqual(process.wait(600), 0, place.said(process))
            self.assertEqual(self.sound(place)["rows"]["changed"], 2_000)

    def test_f22_a_replica_stands_still(self):
        # Slow enough that it is not over before the replica is known to be behind.
        with places.Place(max_rows=100, rate=50) as place:
            self.prepared(place, rows=2_000)
            replica = self.replica(place)
            replica.sql("SELECT pg_wal_replay_pause()")
            place.wait_until(lambda: replica.sql("SELECT pg_get_wal_replay_pause_state()") == "paused")
            process = place.start("run", "--lease", "5")
            self.bound(place, "replica lag")
            place.run("set-rate", "--rows-per-s", "0")
            replica.sql("SELECT pg_wal_replay_resume()")
            self.assertEqual(process.wait(600), 0, place.said(process))
            self.assertEqual(self.sound(place)["rows"]["changed"], 2_000)

    def test_what_the_application_says_of_itself(self):
        health = ", health: { statement: SELECT count(*) FROM public.app_health, hook: SELECT ok FROM public.app_health }"
        with places.Place(max_rows=100, health=health) as place:
            self.prepared(place, rows=2_000)
            code, said = place.run("run")
            self.assertEqual(code, 5, said)
            self.assertIn("throttle.health", said)
            place.server.sql("CREATE TABLE app_health (ok boolean); INSERT INTO app_health VALUES (false)")
            process = place.start("run", "--lease", "5")
            self.bound(place, "application health: the hook")
            self.assertIsNone(process.poll(), place.said(process))
            place.server.sql("UPDATE app_health SET ok = true")
            self.assertEqual(process.wait(600), 0, place.said(process))
            self.assertEqual(self.sound(place)["rows"]["changed"], 2_000)

    @staticmethod
    def replica(place):
        target = place.farm.folder("replica")
        place.server.base_backup(target)
        open(os.path.join(target, "standby.signal"), "wb").close()
        with open(os.path.join(target, "postgresql.auto.conf"), "a", encoding="ascii") as file:
            file.write(f"primary_conninfo = 'host={place.server.data} port={place.server.port} user=rdsadmin'\n")
        if os.getuid() == 0:
            user = postgres_server.unprivileged()
            for name in ("standby.signal", "postgresql.auto.conf"):
                os.chown(os.path.join(target, name), user.pw_uid, user.pw_gid)
        replica = place.farm.start(target, "replica")
        place.wait_until(lambda: place.server.sql("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "1")
        return replica


class Sessions(Case):
    def test_f25_a_pooler_in_transaction_mode(self):
        import application
        import pooler
        with places.Place(pooler=", pooler: transaction", cache_ttl=1) as place:
            self.prepared(place, rows=4_000)
            between = pooler.Pooler(place.server)
            through = place.environment(DATABASE_URL=f"host=127.0.0.1 port={between.port} user=rdsadmin dbname=postgres sslmode=disable")
            with application.Writers(place.application, count=2, cache_seconds=0.3) as writers:
                both = [place.start("run", "--lease", "5", "--rows-per-segment", "500", env=through) for _ in range(2)]
                self.assertEqual([p.wait(600) for p in both], [0, 0], [place.said(p) for p in both])
            self.assertEqual(writers.failures, [])
            self.assertGreater(between.handed_out, 50)
            self.sound(place)
            self.assertEqual(place.run("verify", env=through)[0], 0)
            between.close()

    def test_f25_time_limits_of_the_role(self):
        """What an administrator gave the role as a default does not end statements that may take longer."""
        with places.Place() as place:
            self.prepared(place, rows=1_000)
            place.server.sql("CREATE ROLE hasty SUPERUSER LOGIN; ALTER ROLE hasty SET statement_timeout = '2s'; ALTER ROLE hasty SET "
                             "default_transaction_isolation = 'serializable'; ALTER ROLE hasty SET idle_in_transaction_session_timeout = '1s'")
            with open(os.path.join(place.server.data, "pg_hba.conf"), "a", encoding="ascii") as rules:
                rules.write("local all hasty trust\n")
            place.server.sql("SELECT pg_reload_conf()")
            hasty = place.environment(DATABASE_URL=place.dsn.replace("user=rdsadmin", "user=hasty"))
            with place.application.session() as db:
                db.run("BEGIN")
                db.run("LOCK TABLE encryption_keys IN ACCESS EXCLUSIVE MODE")
                process = place.start("run", env=hasty)
                place.wait_until(lambda: int(place.server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'hasty' AND wait_event_type "
                                                              "= 'Lock' AND query_start < now() - interval '2500 ms'")) or process.poll() is not None)
                db.run("COMMIT")
            self.assertEqual(process.wait(600), 0, place.said(process))
            self.assertEqual(self.sound(place)["rows"]["changed"], 1_000)


class Memory(Case):
    LIMIT = 64 << 20

    def test_f26_large_rows_in_little_memory(self):
        if places.sanitized():
            self.skipTest("a sanitized program needs terabytes of addresses")
        with places.Place() as place:
            self.prepared(place, rows=40, payload=1 << 20)
            process = place.start("run", prefix=["prlimit", f"--data={self.LIMIT}"])
            self.assertEqual(process.wait(600), 0, place.said(process))
            self.assertEqual(self.sound(place)["rows"]["changed"], 40)
            code = subprocess.run(["prlimit", f"--data={self.LIMIT}", places.TFSEAL, "rekey", "verify", "--config", place.config],
                                  env=place.environment(), capture_output=True, text=True)
            self.assertEqual(code.returncode, 0, code.stdout + code.stderr)


def main():
    places.need()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
