#!/usr/bin/env python3
"""A process is killed at every statement that changes something, before it reaches the server and after it did, from the
first one of a job to the retirement of the old key (F2). Whoever comes next goes on from there."""

import re
import sys
import threading

import place as places
import running
from cases import Case

CHANGES = re.compile(rb"\b(INSERT INTO|UPDATE|DELETE FROM|ALTER TABLE|CREATE SCHEMA|COMMIT)\b")


class Killer:
    """Ends a process at the nth message that changes something; `after`: when the server has the message."""

    def __init__(self, between, nth, after):
        self.between, self.nth, self.after, self.seen = between, nth, after, 0
        self.process, self.started, self.lock = None, threading.Event(), threading.Lock()
        between.watch = self.look

    def look(self, data):
        if not CHANGES.search(data):
            return
        with self.lock:
            self.seen += 1
            if self.seen != self.nth:
                return
        self.started.wait()
        if not self.after:
            self.process.kill()
            self.process.wait()
            raise OSError("killed before the server had it")
        threading.Timer(0.05, self.process.kill).start()


class CrashPoints(Case):
    def prepared_once(self, place):
        """A state to come back to, so that each point is met by a process that starts anew."""
        self.prepared(place, rows=120)
        place.server.sql("CREATE TABLE saved AS SELECT * FROM connections; CREATE TABLE saved_keys AS SELECT * FROM encryption_keys")

    def back(self, place):
        place.server.sql("DROP SCHEMA tfseal CASCADE; ALTER TABLE connections DROP CONSTRAINT IF EXISTS tfseal_fence_1; TRUNCATE connections, "
                         "encryption_rotation_jobs; DELETE FROM encryption_keys; INSERT INTO encryption_keys OVERRIDING SYSTEM VALUE "
                         "SELECT * FROM saved_keys; INSERT INTO connections SELECT * FROM saved")
        self.assertEqual(place.run("setup")[0], 0)

    def killed(self, place, between, nth, after, *command):
        killer = Killer(between, nth, after)
        through = place.environment(DATABASE_URL=f"host=127.0.0.1 port={between.port} user=rdsadmin dbname=postgres sslmode=disable")
        killer.process = place.start(*command, env=through)
        killer.started.set()
        killer.process.wait(600)
        between.watch = None
        return killer

    def sweep(self, place, command, again, prepare, check):
        """Until three runs in a row did less than there is to kill at; how many points there were."""
        import proxy
        between = proxy.to(place.server)
        nth, points, missed_in_a_row = 0, 0, 0
        while missed_in_a_row < 3:
            nth += 1
            # Before the nth statement is where an answer to the one before was the last that came.
            for after in (False, True):
                prepare()
                killer = self.killed(place, between, nth, after, *command)
                missed = killer.seen < nth
                if missed and killer.process.returncode != 0:
                    print(f"before change {nth} it ended by itself: {place.said(killer.process)}", flush=True)
                points += not missed
                missed_in_a_row = missed_in_a_row + 1 if missed else 0
                process = place.start(*again)
                self.assertEqual(process.wait(600), 0, (nth, after, place.said(process)))
                check()
        between.close()
        return points

    def test_f2_a_run(self):
        with places.Place(max_rows=100) as place:
            self.prepared_once(place)

            def check():
                self.sound(place)
                self.assertEqual(place.changed(), 120)
                self.assertEqual(place.server.sql("SELECT status FROM encryption_keys ORDER BY id"), "rotating\nactive")
                # Killed right after its end, the second process finds nothing to do and says so in a job of its own.
                self.assertEqual(place.server.sql("SELECT DISTINCT status FROM encryption_rotation_jobs"), "completed")
                self.assertEqual(place.server.sql("SELECT sum(processed_connections) FROM encryption_rotation_jobs"), "120")
                self.assertEqual(place.server.sql("SELECT DISTINCT phase FROM tfseal.job"), "completed")
            run = ("run", "--lease", "1", "--rows-per-segment", "100")
            points = self.sweep(place, run, run, lambda: self.back(place), check)
            print("points:", points)
            self.assertGreater(points, 20)

    def test_f2_a_retirement(self):
        with places.Place(max_rows=100) as place:
            self.prepared_once(place)

            def prepare():
                self.back(place)
                self.finish(place)

            def check():
                self.sound(place, phase="retired")
                self.assertEqual(place.server.sql("SELECT status FROM encryption_keys ORDER BY id"), "retired\nactive")
                self.assertEqual(place.run("verify")[0], 0)
            points = self.sweep(place, ("retire", "--wait"), ("retire", "--wait"), prepare, check)
            print("points:", points)
            self.assertGreater(points, 4)


def main():
    places.need()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
