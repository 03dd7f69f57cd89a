#!/usr/bin/env python3
"""Rows whose data keys are under AWS KMS, as the emulator has it: moved, with KMS that refuses, keys that are disabled and
aliases that are moved."""

import sys

import kms_place
import place as places
import running


class Keys(kms_place.Kms):
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
            self.assertEqual(process.wait(600), 5, place.said(process))
            self.assertEqual(place.status()["phase"], "paused")
            self.assertEqual(place.server.sql("SELECT count(*) FROM tfseal.row_issue"), "0")
            self.assertEqual(place.application.problems(under=None), [], "every row is as it was or under the new key")
            self.aws.clear()
            self.assertEqual(place.run("resume")[0], 0)
            self.finish(place)

    def test_f12_a_key_is_disabled_in_the_middle(self):
        with self.place("rewrap", shared=2, max_rows=50, rate=40) as place:
            place.application.fill(1_000)
            place.run("setup")
            process = self.start(place, "run")
            place.wait_until(lambda: place.changed_or_zero() > 60)
            self.kms.disable_key(KeyId=place.old)
            self.assertEqual(process.wait(600), 5, place.said(process))
            self.assertEqual(place.status()["phase"], "paused")
            self.kms.enable_key(KeyId=place.old)
            self.assertEqual(place.application.problems(under=None), [])
            self.assertEqual(place.run("resume")[0], 0)
            self.finish(place)

    def test_f13_an_alias_is_moved_in_the_middle(self):
        with self.place("rewrap", shared=2, max_rows=50) as place:
            place.application.fill(1_000)
            place.run("setup")
            alias = "arn:aws:kms:us-east-1:123456789012:alias/rows"
            self.kms.create_alias(AliasName="alias/rows", TargetKeyId=place.new)
            place.write_config(mode="rewrap", old="", new=f", kms: {alias}", max_rows=50)
            process = self.start(place, "run")
            place.wait_until(lambda: place.changed_or_zero() > 100 or process.poll() is not None)
            other = self.kms.create_key()["KeyMetadata"]["Arn"]
            self.kms.update_alias(AliasName="alias/rows", TargetKeyId=other)
            self.assertEqual(process.wait(600), 0, place.said(process))
            # Every row is under the key that was meant when it began, and nobody joins with the one that is meant now.
            self.assertEqual(place.application.problems(), [])
            self.assertEqual((place.status()["phase"], place.status()["pin_to"]), ("completed", place.new))

    def test_f13_nobody_joins_with_another_key(self):
        with self.place("rewrap", shared=2, max_rows=50) as place:
            place.application.fill(1_000)
            place.run("setup")
            self.kms.create_alias(AliasName="alias/rows2", TargetKeyId=place.new)
            place.write_config(mode="rewrap", old="", new=", kms: arn:aws:kms:us-east-1:123456789012:alias/rows2", max_rows=50)
            self.aws.faults({"service": "kms", "action": "ReEncrypt", "code": "AccessDeniedException", "status": 400, "nth": 60})
            process = self.start(place, "run")
            self.assertEqual(process.wait(600), 5, place.said(process))
            self.kms.update_alias(AliasName="alias/rows2", TargetKeyId=self.kms.create_key()["KeyMetadata"]["Arn"])
            self.assertEqual(place.run("resume", env=place.surroundings)[0], 0)
            late = self.start(place, "run")
            self.assertNotEqual(late.wait(600), 0)
            self.assertIn("pinned to", place.said(late))
            self.kms.update_alias(AliasName="alias/rows2", TargetKeyId=place.new)
            self.assertEqual(place.application.problems(under=None), [])
            self.finish(place)


def main():
    places.need()
    running.clients()
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
