"""What every fault is checked by: each row opens under the key that its id names and holds what was written last (I1, I2),
the counters say what happened (I3), the job is where it should be (I4), and nothing secret was said (I5)."""

import base64
import unittest


class Case(unittest.TestCase):
    def prepared(self, place, rows=8_000, **fill):
        place.application.create()
        place.application.fill(rows, **fill)
        self.assertEqual(place.run("setup")[0], 0)

    def sound(self, place, phase="completed", **problems):
        self.assertEqual(place.application.problems(**problems)[:10], [])
        status = place.status()
        self.assertEqual(status["phase"], phase, status)
        self.secretless(place)
        return status

    def secretless(self, place):
        """Neither keys nor plaintexts in what any process said, nor in tfseal's own tables."""
        said = b"".join(open(p.log, "rb").read() for p in place.processes)
        said += place.server.sql("SELECT string_agg(x::text, '') FROM (SELECT j::text AS x FROM tfseal.job j UNION ALL SELECT "
                                 "i::text FROM tfseal.row_issue i UNION ALL SELECT w::text FROM tfseal.worker w UNION ALL SELECT "
                                 "last_error FROM connections WHERE last_error IS NOT NULL) s").encode()
        for secret in [k.key for k in place.keys.values()] + [b"secret of", b"written by the application"]:
            for form in (secret, secret.hex().encode(), base64.b64encode(secret)):
                self.assertNotIn(form, said)

    def finish(self, place, *flags):
        """To the end, as fast as it goes."""
        place.run("set-rate", "--rows-per-s", "0")
        process = place.start("run", "--lease", "2", *flags)
        self.assertEqual(process.wait(600), 0, place.said(process))
