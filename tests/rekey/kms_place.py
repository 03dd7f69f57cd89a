"""Rows whose data keys are under AWS KMS, as the emulator has it, for test cases."""

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
        place.run("set-rate", "--rows-per-s", "0")
        process = self.start(place, "run", *flags)
        self.assertEqual(process.wait(600), 0, place.said(process))
        self.asked = {action: self.calls(action) for action in ("Decrypt", "GenerateDataKey", "ReEncrypt")}
        self.assertEqual(place.application.problems(), [])
        self.assertEqual(place.status()["phase"], "completed")
