#!/usr/bin/env python3
"""Rows are re-encrypted by real processes on a real PostgreSQL while an independent program writes; it opens them all."""

import sys
import unittest

import place as places
import running


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


def main():
    places.need()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
