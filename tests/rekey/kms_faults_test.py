#!/usr/bin/env python3
"""KMS that throttles, is slow, breaks off, answers for another key or with another data key, and stays away."""

import base64
import sys
import time

import kms_place
import place as places
import running


class Faults(kms_place.Kms):
    def test_f9_throttled_whatever_it_asks(self):
        """Nothing gets through for a while: the worker says why it waits, holds no transaction and marks no row."""
        with self.place("rewrap", shared=5) as place:
            place.application.fill(600)
            place.run("setup")
            self.aws.faults({"service": "kms", "action": "ReEncrypt", "code": "ThrottlingException", "status": 400, "times": 1_000_000})
            process = self.start(place, "run", "--lease", "5")
            place.wait_until(lambda: [w["limit"] for w in place.status_or_none()["workers"] if "throttle" in w["limit"].lower()])
            # Looked at several times, as the worker keeps on trying.
            for _ in range(5):
                self.assertEqual(place.server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'tfseal%' AND state = "
                                                  "'idle in transaction' AND xact_start < now() - interval '1 s'"), "0")
                time.sleep(0.3)
            self.assertIsNone(process.poll(), place.said(process))
            self.aws.faults()
            self.assertEqual(process.wait(600), 0, place.said(process))
            self.assertEqual(place.server.sql("SELECT count(*) FROM tfseal.row_issue"), "0")
            self.finish(place)

    def test_f9_many_throttles_in_a_row(self):
        with self.place("rewrap", shared=5) as place:
            place.application.fill(600)
            place.run("setup")
            self.aws.faults({"service": "kms", "action": "ReEncrypt", "code": "ThrottlingException", "status": 400, "times": 120})
            self.finish(place, "--lease", "2")
            self.assertEqual(sum(c["fault"] is not None for c in self.aws.calls()), 120)

    def test_f9_every_second_call_is_throttled(self):
        for mode in ("rewrap", "reseal"):
            with self.subTest(mode), self.place(mode, shared=2) as place:
                place.application.fill(50)
                place.run("setup")
                self.aws.faults(*({"service": "kms", "action": action, "code": "ThrottlingException", "status": 400, "times": 1_000_000,
                                   "every": 2} for action in ("ReEncrypt", "Decrypt", "GenerateDataKey")))
                self.assertEqual(self.start(place, "run").wait(600), 0, place.said(place.processes[-1]))
                self.aws.clear()
                self.assertEqual(place.server.sql("SELECT count(*) FROM tfseal.row_issue"), "0")
                self.finish(place)

    def test_f9_f10_a_service_that_stays_away_pauses_the_job(self):
        for fault, word in (({"code": "ThrottlingException", "status": 400}, "Throttling"),
                            ({"code": "KMSInternalException", "status": 500}, "KMSInternalException"), ({"drop": True}, "kms ReEncrypt"),
                            ({"cut": 10, "cut_length": True}, "cannot be read")):
            with self.subTest(word), self.place("rewrap", shared=5, outage="1s") as place:
                place.application.fill(200)
                place.run("setup")
                self.aws.faults({"service": "kms", "action": "ReEncrypt", "times": 1_000_000, **fault})
                process = self.start(place, "run")
                self.assertEqual(process.wait(600), 5, place.said(process))
                status = place.status()
                self.assertEqual((status["phase"], status["rows"]["changed"], status["rows"]["issues"]), ("paused", 0, 0))
                self.assertIn(word, status["reason"])
                self.aws.faults()
                self.assertEqual(place.application.problems(under=None), [])
                self.assertEqual(place.run("resume")[0], 0)
                self.finish(place)

    def test_f10_slow_broken_and_cut_off_answers(self):
        with self.place("rewrap", shared=2) as place:
            place.application.fill(600)
            place.run("setup")
            self.aws.faults({"service": "kms", "delay_ms": 4000, "from": 20, "times": 5, "action": "ReEncrypt"},
                            {"service": "kms", "drop": True, "every": 7, "times": 20, "action": "ReEncrypt"},
                            {"service": "kms", "drop": True, "after": True, "every": 11, "times": 20, "action": "ReEncrypt"},
                            {"service": "kms", "code": "KMSInternalException", "status": 500, "every": 5, "times": 30, "action": "ReEncrypt"},
                            {"service": "kms", "cut": 40, "every": 6, "times": 20, "action": "ReEncrypt"},
                            {"service": "kms", "cut": 30, "cut_length": True, "every": 9, "times": 10, "action": "ReEncrypt"})
            self.finish(place, "--lease", "3")
            self.assertEqual(place.server.sql("SELECT count(*) FROM tfseal.row_issue"), "0")
            self.assertEqual(place.status()["rows"]["changed"], 600)

    def test_f14_answers_of_another_key_or_with_another_data_key(self):
        """Nothing of a batch is written that a service's answer could have spoiled."""
        wrong = base64.b64encode(bytes(32)).decode()
        for mode, action, replace in (("rewrap", "ReEncrypt", "KeyId"), ("rewrap", "ReEncrypt", "SourceKeyId"), ("reseal", "Decrypt", "KeyId"),
                                      ("reseal", "GenerateDataKey", "KeyId"), ("reseal", "GenerateDataKey", "Plaintext")):
            with self.subTest(action=action, replace=replace), self.place(mode, shared=5) as place:
                place.application.fill(300)
                place.run("setup")
                value = wrong if replace == "Plaintext" else self.kms.create_key()["KeyMetadata"]["Arn"]
                self.aws.faults({"service": "kms", "action": action, "replace": {replace: value}, "times": 1_000_000})
                process = self.start(place, "run")
                self.assertEqual(process.wait(600), 5, place.said(process))
                status = place.status()
                self.assertEqual((status["phase"], status["rows"]["changed"], status["rows"]["issues"]), ("paused", 0, 0))
                self.assertIn("another key" if replace != "Plaintext" else "does not come back", status["reason"])
                self.aws.faults()
                self.assertEqual(place.application.problems(under=None), [])
                self.assertEqual(place.run("resume")[0], 0)
                self.finish(place)

    def test_f14_one_wrong_data_key_among_many(self):
        wrong = base64.b64encode(bytes(32)).decode()
        with self.place("reseal", shared=5, read_back="every") as place:
            place.application.fill(300)
            place.run("setup")
            self.aws.faults({"service": "kms", "action": "GenerateDataKey", "replace": {"Plaintext": wrong}, "nth": 177})
            process = self.start(place, "run")
            self.assertEqual(process.wait(600), 5, place.said(process))
            self.assertIn("does not come back", place.status()["reason"])
            self.assertEqual(place.application.problems(under=None), [], "every row opens, under the old key or the new one")
            self.assertEqual(place.run("resume")[0], 0)
            self.finish(place)


def main():
    places.need()
    running.clients()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
