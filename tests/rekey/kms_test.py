#!/usr/bin/env python3
"""Rows whose data keys are under AWS KMS, as the emulator has it: moved, with KMS that throttles, refuses and is disabled."""

import sys
import unittest

import place as places
import running


class Kms(unittest.TestCase):
    """One emulator, an old and a new key; data keys are shared by a few rows, as applications with a cache do."""

    @classmethod
    def setUpClass(cls):
        cls.emulator = running.Emulator()
        cls.aws = cls.emulator.__enter__()
        cls.kms = cls.aws.client("kms")

    @classmethod
    def tearDownClass(cls):
        cls.emulator.__exit__()

    def setUp(self):
        self.aws.clear()

    def place(self, mode, shared, **mapping):
        import application
        old, new = (self.kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
        place = places.Place(mode=mode, old="", new=f", kms: {new}", **mapping)
        place.keys.update({"2024-09": application.KmsKey(self.kms, old, shared), "2025-03": application.KmsKey(self.kms, new, shared)})
        place.application.create(old)
        place.old, place.new = old, new
        place.surroundings = self.aws.environment(DATABASE_URL=place.dsn)
        return place

    def start(self, place, *arguments):
        return place.start(*arguments, env=place.surroundings)

    def calls(self, *actions):
        return sum(c["action"] in actions for c in self.aws.calls() if c["service"] == "kms")

    def finish(self, place, *flags):
        process = self.start(place, "run", *flags)
        self.assertEqual(process.wait(300), 0, place.said(process))
        self.asked = {action: self.calls(action) for action in ("Decrypt", "GenerateDataKey", "ReEncrypt")}
        self.assertEqual(place.application.problems(), [])
        self.assertEqual(place.status()["phase"], "completed")

    def test_rewrap_asks_once_for_each_data_key(self):
        with self.place("rewrap", shared=50) as place:
            place.application.fill(3_000)
            place.run("setup")
            self.aws.clear()
            self.finish(place)
            # 60 data keys; one that ends a batch and goes on in the next is asked for in both.
            self.assertEqual(self.asked["Decrypt"] + self.asked["GenerateDataKey"], 0)
            self.assertLessEqual(self.asked["ReEncrypt"], 60 + place.status()["segments"]["total"] + 70)
            self.assertEqual(place.server.sql("SELECT kms_key_arn FROM encryption_keys WHERE status = 'active'"), place.new)

    def test_reseal_makes_a_data_key_for_each_row(self):
        with self.place("reseal", shared=20) as place:
            place.application.fill(600)
            place.run("setup")
            self.aws.clear()
            self.finish(place)
            self.assertEqual(self.asked["GenerateDataKey"], 600)
            self.assertEqual(place.server.sql("SELECT count(DISTINCT data_key_ciphertext) FROM connections"), "600")

    def test_f11_denied_in_the_middle_pauses(self):
        with self.place("rewrap", shared=5) as place:
            place.application.fill(2_000)
            place.run("setup")
            self.aws.faults({"service": "kms", "action": "ReEncrypt", "code": "AccessDeniedException", "status": 400, "times": 5, "nth": 100})
            process = self.start(place, "run")
            self.assertEqual(process.wait(120), 5, place.said(process))
            self.assertEqual(place.status()["phase"], "paused")
            self.assertEqual(place.server.sql("SELECT count(*) FROM tfseal.row_issue"), "0")
            self.assertEqual(place.application.problems(under=None), [], "every row is as it was or under the new key")
            self.aws.clear()
            self.assertEqual(place.run("resume")[0], 0)
            self.finish(place)

    def test_f12_a_key_is_disabled_in_the_middle(self):
        with self.place("rewrap", shared=2, max_rows=50) as place:
            place.application.fill(1_500)
            place.run("setup")
            process = self.start(place, "run")
            place.wait_until(lambda: place.changed_or_zero() > 100)
            self.kms.disable_key(KeyId=place.old)
            self.assertEqual(process.wait(120), 5, place.said(process))
            self.assertEqual(place.status()["phase"], "paused")
            self.kms.enable_key(KeyId=place.old)
            self.assertEqual(place.application.problems(under=None), [])
            self.assertEqual(place.run("resume")[0], 0)
            self.finish(place)


def main():
    places.need()
    running.clients()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
