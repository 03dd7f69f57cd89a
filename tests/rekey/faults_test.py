#!/usr/bin/env python3
"""What can go wrong while rows are re-encrypted, one fault at a time. After each: every row opens under the key that its
id names and holds what was written last (I1, I2), the counters say what happened (I3), the job is where it should be
(I4), nothing secret was said (I5), and nothing but tfseal was needed to go on (I6)."""

import os
import random
import signal
import sys
import threading
import time

import place as places
import running
from cases import Case


class Processes(Case):
    def test_f1_workers_are_killed_again_and_again(self):
        with places.Place(max_rows=200, rate=400) as place:
            self.prepared(place)
            dice = random.Random(7)
            kills = 0
            while kills < 12:
                process = place.start("run", "--lease", "1", "--rows-per-segment", "500")
                before = place.changed()
                deadline = time.monotonic() + 20
                while process.poll() is None and place.changed() == before and time.monotonic() < deadline:
                    time.sleep(0.005)
                time.sleep(dice.random() * 0.02)
                if process.poll() is not None:
                    break
                process.kill()
                process.wait()
                kills += 1
            self.finish(place)
            status = self.sound(place)
            self.assertEqual(status["rows"]["changed"], 8_000, "each row was moved once, whatever was repeated")
            self.assertGreater(kills, 3)

    def test_f6_a_worker_is_stopped_beyond_its_lease_and_wakes_up(self):
        with places.Place(max_rows=100, rate=400) as place:
            self.prepared(place)
            sleeper = place.start("run", "--lease", "1", "--rows-per-segment", "500")
            place.wait_until(lambda: place.server.sql("SELECT to_regclass('tfseal.segment') IS NOT NULL") == "t" and place.changed() > 300)
            sleeper.send_signal(signal.SIGSTOP)
            self.finish(place)
            sleeper.send_signal(signal.SIGCONT)
            self.assertEqual(sleeper.wait(600), 0, place.said(sleeper))
            status = self.sound(place)
            self.assertEqual(status["rows"]["changed"], 8_000, "the sleeper wrote nothing that counted twice")

    def test_f7_many_start_the_same_job_at_once(self):
        with places.Place() as place:
            self.prepared(place)
            crowd = [place.start("run", "--rows-per-segment", "500") for _ in range(5)]
            self.assertEqual([p.wait(600) for p in crowd], [0] * 5, [place.said(p) for p in crowd])
            self.assertEqual(place.server.sql("SELECT count(*) FROM tfseal.job WHERE mode = 'reseal' AND phase = 'completed' AND "
                                              "rows_estimated > 0"), "1")
            status = self.sound(place)

    def test_f28_the_way_back_waits_until_the_first_job_is_over(self):
        with places.Place(max_rows=100, rate=400) as place:
            self.prepared(place)
            process = place.start("run", "--lease", "1")
            place.wait_until(lambda: place.changed() > 1000)
            self.assertEqual(place.run("pause", "--reason", "second thoughts")[0], 0)
            self.assertEqual(process.wait(600), 6, place.said(process))
            forward = open(place.config, encoding="ascii").read()
            back = forward.replace("from: { name: 2024-09", "from: { name: NEW").replace("to: { name: 2025-03", "to: { name: 2024-09")
            back = back.replace("name: NEW", "name: 2025-03").replace("old.key", "X.key").replace("new.key", "old.key").replace("X.key", "new.key")
            with open(place.config, "w", encoding="ascii") as file:
                file.write(back)
            code, said = place.run("run")
            self.assertEqual(code, 8, said)
            self.assertEqual(place.run("cancel", "--reason", "the way back")[0], 0)
            self.finish(place)
            self.sound(place, under="2024-09")


class Server(Case):
    def test_f3_the_server_crashes_in_the_middle(self):
        with places.Place(max_rows=200, rate=1000) as place:
            self.prepared(place)
            process = place.start("run", "--lease", "2", "--rows-per-segment", "1000")
            for moved in (1000, 3000):
                place.wait_until(lambda moved=moved: place.changed() > moved)
                place.crash()
            place.run("set-rate", "--rows-per-s", "0")
            self.assertEqual(process.wait(600), 0, place.said(process))
            status = self.sound(place)
            self.assertEqual(status["rows"]["changed"], 8_000, "cursor and rows went back together")

    def test_f4_answers_to_commit_are_lost(self):
        import proxy
        with places.Place(max_rows=200, rate=1000) as place:
            self.prepared(place)
            between = proxy.to(place.server)
            through = place.environment(DATABASE_URL=f"host=127.0.0.1 port={between.port} user=rdsadmin dbname=postgres sslmode=disable")
            process = place.start("run", "--lease", "5", env=through)
            for _ in range(5):
                moved = place.changed_or_zero()
                place.wait_until(lambda moved=moved: place.changed_or_zero() > moved or process.poll() is not None)
                between.lose_commits = 1
                time.sleep(0.3)
            self.assertEqual(process.wait(600), 0, place.said(process))
            between.close()
            self.assertGreater(between.lost, 1)
            status = self.sound(place)
            self.assertEqual(status["rows"]["changed"], 8_000)

    def test_f5_the_network_stands_still_beyond_the_lease(self):
        import proxy
        with places.Place(max_rows=100, rate=1000) as place:
            self.prepared(place)
            between = proxy.to(place.server)
            through = place.environment(DATABASE_URL=f"host=127.0.0.1 port={between.port} user=rdsadmin dbname=postgres sslmode=disable")
            process = place.start("run", "--lease", "1", "--rows-per-segment", "500", env=through)
            place.wait_until(lambda: place.changed_or_zero() > 500)
            between.stalled.set()
            self.finish(place)
            between.stalled.clear()
            self.assertEqual(process.wait(600), 0, place.said(process))
            between.close()
            status = self.sound(place)
            self.assertEqual(status["rows"]["changed"], 8_000)


class Contention(Case):
    def contested(self, *flags, stale):
        import application
        with places.Place(cache_ttl=0 if stale else 1) as place:
            self.prepared(place, rows=6_000)
            with application.Writers(place.application, count=8, cache_seconds=4 if stale else 0.3) as writers:
                time.sleep(0.5)
                process = place.start("run", "--rows-per-segment", "1000", *flags)
                self.assertEqual(process.wait(600), 0, place.said(process))
                # A stale cache may write under the old key behind the last look; that is what the fence is for.
                time.sleep(5 if stale else 0)
            self.assertEqual(writers.failures, [])
            self.finish(place)
            status = self.sound(place)
            return dict(place.application.writes)

    def test_f15_writers_with_stale_caches(self):
        print("writes:", self.contested(stale=True))

    def test_f15_repeatable_read(self):
        print("writes:", self.contested("--isolation", "repeatable-read", stale=False))

    def test_f17_transactions_in_reverse_order(self):
        with places.Place() as place:
            self.prepared(place, rows=4_000)
            stop = threading.Event()
            failures, done = [], [0]

            def reverse(number):
                import libpq
                with place.application.session() as db:
                    while not stop.is_set():
                        try:
                            db.run("BEGIN")
                            for one in range(4000 - number, 0, -97):
                                place.application.touched.add(str(one))
                                db.run("UPDATE connections SET name = 'reversed', updated_at = now() WHERE id = $1::bigint", one)
                            db.run("COMMIT")
                            done[0] += 1
                        except libpq.Refused as refused:
                            db.run("ROLLBACK")
                            if refused.sqlstate != "40P01":
                                failures.append(str(refused))
                        time.sleep(0.01)
            threads = [threading.Thread(target=reverse, args=(n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            self.finish(place)
            stop.set()
            for thread in threads:
                thread.join(30)
            self.assertEqual(failures, [])
            self.assertGreater(done[0], 3, "the application is not starved")
            self.sound(place)

    def test_f23_rows_and_table_locked_for_long(self):
        with places.Place(max_rows=500) as place:
            self.prepared(place, rows=4_000)
            with place.application.session() as db:
                db.run("BEGIN")
                db.run("SELECT 1 FROM connections WHERE id IN (77, 1500, 3999) FOR UPDATE")
                process = place.start("run", "--lease", "2")
                place.wait_until(lambda: place.changed_or_zero() >= 3_997)
                self.assertIsNone(process.poll(), "it waits for the three")
                db.run("COMMIT")
            self.assertEqual(process.wait(600), 0, place.said(process))
            status = self.sound(place)
            self.assertEqual(status["rows"]["changed"], 4_000)
            self.assertGreaterEqual(status["rows"]["conflicts"], 3)

    def test_f23_whoever_wants_the_whole_table_gets_it(self):
        with places.Place(max_rows=200, rate=400) as place:
            self.prepared(place, rows=6_000)
            process = place.start("run", "--lease", "2", "--rows-per-segment", "1000")
            place.wait_until(lambda: place.changed_or_zero() > 500)
            with place.application.session() as ddl:
                ddl.run("BEGIN")
                ddl.run("SET LOCAL lock_timeout = '20s'")
                ddl.run("LOCK TABLE connections IN ACCESS EXCLUSIVE MODE")
                stood = place.changed()
                time.sleep(3)
                self.assertEqual(place.changed(), stood)
                self.assertIsNone(process.poll(), place.said(process))
                ddl.run("COMMIT")
            place.run("set-rate", "--rows-per-s", "0")
            self.assertEqual(process.wait(600), 0, place.said(process))
            self.assertEqual(self.sound(place)["rows"]["changed"], 6_000)

    def test_f24_the_table_changes(self):
        with places.Place(max_rows=100, rate=400) as place:
            self.prepared(place)
            process = place.start("run", "--rows-per-segment", "500")
            place.wait_until(lambda: place.changed_or_zero() > 500)
            place.server.sql("ALTER TABLE connections ADD COLUMN surprise text")
            self.assertEqual(process.wait(600), 5, place.said(process))
            status = place.status()
            self.assertEqual(status["phase"], "paused")
            self.assertIn("columns of public.connections changed", status["reason"])
            self.assertEqual(place.run("resume")[0], 0)
            self.finish(place)
            self.sound(place)


class Damage(Case):
    def test_f18_damaged_rows_are_left_alone_and_counted(self):
        with places.Place() as place:
            self.prepared(place, rows=4_000)
            sql = place.server.sql
            sql("UPDATE connections SET payload_ciphertext = set_byte(payload_ciphertext, length(payload_ciphertext) - 1, "
                "get_byte(payload_ciphertext, length(payload_ciphertext) - 1) # 1) WHERE id IN (11, 12)")
            sql("UPDATE connections SET payload_iv = substring(payload_iv FROM 1 FOR 11) WHERE id = 500")
            sql("UPDATE connections SET data_key_ciphertext = substring(data_key_ciphertext FROM 1 FOR 39) WHERE id = 900")
            sql("UPDATE connections SET data_key_ciphertext = (SELECT data_key_ciphertext FROM connections WHERE id = 1) WHERE id = 1300")
            sql("UPDATE connections SET data_key_ciphertext = NULL WHERE id = 1700")
            sql("UPDATE connections SET payload_ciphertext = '\\x01' WHERE id = 2100")
            sql("UPDATE connections SET payload_ciphertext = '' WHERE id = 2500")
            sql("UPDATE connections SET encrypted_credentials = payload_ciphertext, iv = payload_iv")
            sql("UPDATE connections SET encrypted_credentials = '\\x00' WHERE id = 2900")
            bad = [11, 12, 500, 900, 1300, 1700, 2100, 2500, 2900]
            columns = "payload_ciphertext, payload_iv, data_key_ciphertext, encrypted_credentials, iv, encryption_key_id, updated_at"
            look = f"SELECT id, {columns} FROM connections WHERE id IN ({', '.join(map(str, bad))}) ORDER BY id"
            before = sql(look)
            process = place.start("run")
            self.assertEqual(process.wait(600), 4, place.said(process))
            self.assertEqual(sql(look), before, "not one byte of them was touched")
            status = self.sound(place, phase="completed_with_errors", except_ids={str(b) for b in bad})
            self.assertEqual(status["rows"]["issues"], len(bad))
            self.assertEqual(status["rows"]["changed"], 4_000 - len(bad))
            codes = {i["code"].split(":")[0]: 0 for i in status["issues"]}
            for issue in status["issues"]:
                codes[issue["code"].split(":")[0]] += issue["rows"]
            self.assertEqual(codes, {"authentication": 2, "format": 3, "wrapped-key": 1, "legacy": 1, "mirror": 1} | codes)
            self.assertEqual(sum(codes.values()), len(bad))
            self.assertEqual(sql("SELECT count(*) FROM connections WHERE last_error LIKE 'tfseal: %'"), str(len(bad)))
            self.assertEqual(sql("SELECT status, failed_connections FROM encryption_rotation_jobs"), f"completed_with_errors|{len(bad)}")

    def test_f18_many_damaged_rows_and_one_that_was_in_use(self):
        """What is left for the next pass, and for the next job, is nearly all damaged: that is no news."""
        import libpq
        with places.Place() as place:
            self.prepared(place, rows=8_000)
            bad = {str(n) for n in range(66, 8_001, 66)}
            damage = "UPDATE connections SET {0} = substring({0} FROM 1 FOR 11), {1} = substring({1} FROM 1 FOR 11) WHERE id % 66 = 0"
            place.server.sql(damage.format("payload_iv", "iv"))
            with libpq.Session(place.dsn) as db:
                db.run("BEGIN")
                db.run("UPDATE connections SET name = name WHERE id = 100")
                process = place.start("run")
                place.wait_until(lambda: place.changed_or_zero() > 7_800)
                db.run("COMMIT")
            self.assertEqual(process.wait(600), 4, place.said(process))
            status = self.sound(place, phase="completed_with_errors", except_ids=bad)
            self.assertEqual((status["rows"]["issues"], status["rows"]["changed"]), (len(bad), 8_000 - len(bad)))
            self.assertGreaterEqual(status["pass"], 1)
            # One of them is repaired, behind more than fifty others.
            plaintext = place.application.truth["7920"]
            ciphertext, iv, blob = place.application.seal("2024-09", plaintext)
            with libpq.Session(place.dsn) as db:
                db.run("UPDATE connections SET payload_ciphertext = $1, encrypted_credentials = $1, payload_iv = $2, iv = $2, "
                       "data_key_ciphertext = $3 WHERE id = 7920", ciphertext, iv, blob)
            code, said = place.run("run")
            self.assertEqual(code, 4, said)
            status = self.sound(place, phase="completed_with_errors", except_ids=bad - {"7920"})
            self.assertEqual((status["rows"]["issues"], status["rows"]["changed"]), (len(bad) - 1, 1))

    def test_f19_the_database_refuses_every_row(self):
        with places.Place() as place:
            self.prepared(place, rows=3_000)
            place.server.sql("ALTER TABLE connections ADD CONSTRAINT frozen CHECK (encryption_key_id = 1 OR id % 1000 = 7)")
            process = place.start("run")
            self.assertEqual(process.wait(600), 5, place.said(process))
            status = place.status()
            self.assertEqual((status["phase"], status["rows"]["changed"]), ("paused", 1))
            self.assertIn("50 rows in a row are refused by the database (SQLSTATE 23514)", status["reason"])
            # The six before the one that it took, and 49 behind that.
            self.assertEqual(place.server.sql("SELECT count(*) FROM connections WHERE last_error IS NOT NULL"), "55")
            place.server.sql("ALTER TABLE connections DROP CONSTRAINT frozen")
            self.assertEqual(place.run("resume")[0], 0)
            self.assertEqual(place.run("run")[0], 4)
            self.finish(place)
            self.assertEqual(self.sound(place)["rows"]["changed"], 55)

    def test_f19_everything_is_wrong(self):
        with places.Place() as place:
            self.prepared(place, rows=4_000)
            with open(place.keys["2024-09"].path, "wb") as file:
                file.write(os.urandom(32))
            process = place.start("run")
            self.assertEqual(process.wait(600), 5, place.said(process))
            status = place.status()
            self.assertEqual((status["phase"], status["rows"]["changed"]), ("paused", 0))
            self.assertIn("50 rows in a row", status["reason"])
            self.assertEqual(place.server.sql("SELECT count(*) FROM connections WHERE last_error IS NOT NULL"), "0")
            self.assertEqual(place.server.sql("SELECT count(*) FROM tfseal.row_issue"), "0")
            with open(place.keys["2024-09"].path, "wb") as file:
                file.write(place.keys["2024-09"].key)
            self.assertEqual(place.application.problems(under="2024-09"), [])
            self.assertEqual(place.run("cancel")[0], 0)
            self.finish(place)
            self.sound(place)


class Control(Case):
    def test_pause_resume_and_rates_from_elsewhere(self):
        with places.Place(max_rows=50, rate=400) as place:
            self.prepared(place, rows=6_000)
            process = place.start("run", "--rows-per-segment", "500")
            place.wait_until(lambda: place.changed_or_zero() > 200)
            self.assertEqual(place.run("set-rate", "--rows-per-s", "500")[0], 0)
            # A worker that is not held back at the moment of asking names no limit; one at 500 rows per second mostly waits.
            place.wait_until(lambda: [w["limit"] for w in place.status()["workers"]] == ["row rate"])
            began, before = time.monotonic(), place.changed()
            time.sleep(3)
            self.assertLess(place.changed() - before, (time.monotonic() - began) * 500 + 600)
            self.assertEqual(place.run("pause", "--reason", "CHG-1")[0], 0)
            self.assertEqual(process.wait(600), 6, place.said(process))
            stopped = place.changed()
            time.sleep(0.5)
            self.assertEqual(place.changed(), stopped)
            self.assertEqual(place.status()["reason"], "CHG-1")
            self.assertEqual(place.run("run")[0], 6)
            self.assertEqual(place.run("resume")[0], 0)
            self.assertEqual(place.run("set-rate", "--rows-per-s", "0")[0], 0)
            self.finish(place)
            self.sound(place)

    def test_a_signal_stops_it_cleanly(self):
        with places.Place(max_rows=50, rate=400) as place:
            self.prepared(place)
            process = place.start("run")
            place.wait_until(lambda: place.changed_or_zero() > 200)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(600), 143, place.said(process))
            self.assertEqual(place.server.sql("SELECT count(*) FROM tfseal.segment WHERE owner IS NOT NULL"), "0")
            self.finish(place)
            self.assertEqual(self.sound(place)["rows"]["changed"], 8_000)


class Shapes(Case):
    def test_any_primary_key(self):
        import application
        for pk in ("uuid", "text"):
            with self.subTest(pk), places.Place(pk=pk, cache_ttl=1) as place:
                self.prepared(place, rows=3_000)
                with application.Writers(place.application, count=2, cache_seconds=0.3):
                    process = place.start("run", "--rows-per-segment", "300")
                    self.assertEqual(process.wait(600), 0, place.said(process))
                self.sound(place)

    def test_adopt_rows_without_wrapped_keys(self):
        with places.Place(legacy=True, mode="adopt") as place:
            self.prepared(place, rows=3_000, legacy_every=3)
            self.finish(place)
            self.sound(place)
            self.assertEqual(place.server.sql("SELECT count(*) FROM connections WHERE data_key_ciphertext IS NULL"), "0")

    def test_rewrap_leaves_the_payload(self):
        with places.Place(mode="rewrap") as place:
            self.prepared(place, rows=3_000)
            look = "SELECT md5(string_agg(payload_ciphertext || payload_iv, '' ORDER BY id)) FROM connections"
            before = place.server.sql(look)
            self.finish(place)
            self.sound(place)
            self.assertEqual(place.server.sql(look), before)


def main():
    places.need()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
