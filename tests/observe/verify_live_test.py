#!/usr/bin/env python3
"""verify --live on estates that real Terraform made on the emulator: it agrees with the state, sees what somebody breaks
behind Terraform's back, never passes what it may not read, and shows no secret.

TFSEAL_BIN is the binary. ESTATES names which of the fixtures' estates are made; by default those that need no Aurora,
whose creation takes minutes: ESTATES=pazpaz,everything,z360,clinical-trial makes them all.
"""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "emulator"))

import running  # noqa: E402

TFSEAL = os.environ.get("TFSEAL_BIN", os.path.join(ROOT, "build", "dev", "cli", "tfseal"))
# Folder of the root module in src/, account, variables.
ESTATES = {
    "pazpaz": (".", "123456789012", []),
    "everything": (".", "123456789012", ["-var=full=false"]),
    "z360": (".", "108782097218", []),
    "clinical-trial": ("environments/prod", "123456789012", []),
}
# (estate, address, control) where the emulator does not answer as AWS does, and why.
GAPS = {}


class Estate:
    """One of the fixtures' configurations, applied."""

    def __init__(self, name, scratch):
        self.name = name
        root, account, self.variables = ESTATES[name]
        self.config = os.path.join(ROOT, "fixtures", "terraform-json", name, "tfseal.yaml")
        source = os.path.join(scratch, name)
        shutil.copytree(os.path.join(ROOT, "fixtures", "terraform-json", name, "src"), source)
        self.folder = os.path.join(source, root)
        self.state = os.path.join(self.folder, "terraform.tfstate")
        self.emulator = running.Emulator(account=account)

    def terraform(self, *arguments):
        environment = self.emulator.environment(TF_IN_AUTOMATION="1", NO_COLOR="1", TF_INPUT="0")
        if not os.path.isfile(environment.get("TF_CLI_CONFIG_FILE", "")):
            environment.pop("TF_CLI_CONFIG_FILE", None)
        return subprocess.run(["terraform", *arguments], cwd=self.folder, env=environment, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, check=False)

    def up(self):
        self.emulator.__enter__()
        mirror = os.environ.get("TFSEAL_PROVIDERS")
        init = self.terraform("init", *([f"-plugin-dir={mirror}"] if mirror else []))
        if init.returncode:
            raise running.Skip("the AWS provider is not available; TFSEAL_PROVIDERS can name a mirror of it")
        done = self.terraform("apply", "-auto-approve", "-parallelism=30", *self.variables)
        if done.returncode:
            raise RuntimeError(f"{self.name}: terraform apply ended with {done.returncode}\n{done.stderr[-3000:]}")
        return self

    def verify(self, *flags, config=True):
        """(exit, report, everything that was printed)"""
        arguments = [TFSEAL, "verify", self.state, *flags, "--output", "json", "--now", "2026-11-22T00:00:00Z"]
        if config:
            arguments += ["--config", self.config]
        done = subprocess.run(arguments, env=self.emulator.environment(), text=True, capture_output=True, check=False,
                              cwd=self.folder)
        report = json.loads(done.stdout) if done.stdout else None
        return done.returncode, report, done.stdout + done.stderr

    def attributes(self, type_, name, index=None):
        with open(self.state, encoding="utf-8") as state:
            for resource in json.load(state)["resources"]:
                if resource["type"] == type_ and resource["name"] == name and resource["mode"] == "managed":
                    for instance in resource["instances"]:
                        if index is None or instance.get("index_key") == index:
                            return instance["attributes"]
        raise KeyError(f"{type_}.{name}")


def verdicts(report, *wanted):
    return {(f["address"], f["control"]) for f in report["findings"] if not wanted or f["verdict"] in wanted}


def differences(report):
    return {(d["address"], d["attribute"]): {s["by"].rsplit("/", 1)[-1]: s["value"] for s in d["said"]}
            for d in report["live"]["differences"]}


estates = {}


class Agreement(unittest.TestCase):
    def test_the_same_verdict_of_every_control(self):
        for name, estate in estates.items():
            with self.subTest(name):
                offline_exit, offline, _ = estate.verify()
                live_exit, live, _ = estate.verify("--live")
                gaps = {(address, control) for (of, address, control) in GAPS if of == name}
                for verdict in ("fail", "unknown"):
                    self.assertEqual(verdicts(live, verdict) - gaps, verdicts(offline, verdict) - gaps, verdict)
                self.assertEqual(live_exit, offline_exit)
                self.assertGreater(len(live["findings"]), 0)
                self.assertEqual(live["live"]["differences"], [], "nobody has changed anything")
                self.assertEqual(live["live"]["unread"], [])
                self.assertEqual(live["live"]["resources"], live["live"]["resources_answered"])

    def test_one_request_at_a_time_says_the_same(self):
        for name, estate in estates.items():
            with self.subTest(name):
                _, together, _ = estate.verify("--live")
                _, apart, _ = estate.verify("--live", "--concurrency", "1")
                self.assertEqual(together, apart)

    def test_no_secret_is_shown(self):
        for name, estate in estates.items():
            with self.subTest(name):
                for flags in (("--live",), ("--live", "--verbose")):
                    self.assertNotIn("CANARY", estate.verify(*flags)[2])
                text = subprocess.run([TFSEAL, "verify", estate.state, "--live", "--verbose"], text=True, check=False,
                                      capture_output=True, env=estate.emulator.environment(), cwd=estate.folder)
                self.assertNotIn("CANARY", text.stdout + text.stderr)
                self.assertIn("requests", text.stdout)


class Promises(unittest.TestCase):
    def test_obligations_of_the_gate_are_closed_live(self):
        estate = estates["everything"]
        plan = os.path.join(ROOT, "fixtures", "terraform-json", "everything", "01-create-full.json")
        with tempfile.TemporaryDirectory() as scratch:
            gate = os.path.join(scratch, "gate.json")
            subprocess.run([TFSEAL, "gate", plan, "--config", estate.config, "--output", f"json={gate}"], check=False,
                           capture_output=True)
            _, report, text = estate.verify("--live", "--managed-only", "--obligations", gate)
        closed = {(o["address"], o["control"]): o["verdict"] for o in report["obligations"]}
        self.assertGreaterEqual(len(closed), 2, text[-1000:])
        self.assertEqual(set(closed.values()), {"pass"}, closed)

    def test_promises_of_an_action_plan_are_judged_live(self):
        estate = estates["pazpaz"]
        with tempfile.TemporaryDirectory() as scratch:
            actions = os.path.join(scratch, "actions.json")
            subprocess.run([TFSEAL, "plan", estate.state, "--config", estate.config, "--out", actions], check=True,
                           capture_output=True)
            code, report, _ = estate.verify("--live", "--actions", actions)
            alone = subprocess.run([TFSEAL, "verify", "--live", "--actions", actions, "--config", estate.config, "--output", "json"],
                                   env=estate.emulator.environment(), text=True, capture_output=True, check=False)
            iam = subprocess.run([TFSEAL, "doctor", "--iam", "apply", actions], text=True, capture_output=True, check=True)
        broken = {(p["address"], p["control"]) for p in report["live"]["promises"] if p["verdict"] == "fail"}
        self.assertEqual(code, 3)
        self.assertIn(("aws_ecs_task_definition.api", "TFS-ECS-001"), broken)
        self.assertEqual(alone.returncode, 3, alone.stderr)
        self.assertNotIn("CANARY", alone.stdout + alone.stderr)
        for statement in json.loads(iam.stdout)["Statement"]:
            self.assertFalse([a for a in statement["Action"] if "*" in a])


class Account(unittest.TestCase):
    def test_everything_in_a_region_is_found_and_judged(self):
        estate = estates["everything"]
        ecs = estate.emulator.client("ecs")
        for family, encryption in (("mounts-in-clear", {}), ("mounts-with-tls", {"transitEncryption": "ENABLED"})):
            ecs.register_task_definition(
                family=family, containerDefinitions=[{"name": "app", "image": "app", "memory": 128}],
                volumes=[{"name": "scratch"},
                         {"name": "files", "efsVolumeConfiguration": {"fileSystemId": "fs-0123456789abcdef0", **encryption}}])
        done = subprocess.run([TFSEAL, "verify", "--live", "--region", "us-east-1", "--output", "json"],
                              env=estate.emulator.environment(), text=True, capture_output=True, check=False, cwd=estate.folder)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertNotIn("CANARY", done.stdout + done.stderr)
        report = json.loads(done.stdout)
        found = verdicts(report, "fail")
        name = estate.attributes("aws_db_instance", "bad")["identifier"]
        self.assertIn((f'live.aws_db_instance["us-east-1/{name}"]', "TFS-RDS-020"), found)
        open_key = estate.attributes("aws_kms_key", "open")["key_id"]
        self.assertIn((f'live.aws_kms_key["us-east-1/{open_key}"]', "TFS-KMS-001"), found)
        mounted = {address for address, control in found if control == "TFS-ECS-002"}
        self.assertTrue(any("mounts-in-clear" in address for address in mounted), mounted)
        self.assertFalse(any("mounts-with-tls" in address for address in mounted), mounted)
        # What the emulator cannot list is unknown, never silently fine.
        self.assertTrue([f for f in report["findings"] if f["control"] == "TFS-LIVE-002" and f["verdict"] == "unknown"])

    def test_who_the_credentials_are_for(self):
        estate = estates["pazpaz"]
        done = subprocess.run([TFSEAL, "doctor", "--live"], env=estate.emulator.environment(), text=True, capture_output=True,
                              check=False, cwd=estate.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("account 123456789012", done.stdout)
        self.assertIn("us-east-1", done.stdout)
        self.assertIn("clock", done.stdout)
        self.assertNotIn("CANARY", done.stdout + done.stderr)


class NothingUnreadPasses(unittest.TestCase):
    """Each read is denied in turn. Runs before anything is broken."""

    def test_denied_reads(self):
        estate = estates["everything"]
        emulator = estate.emulator
        _, baseline, _ = estate.verify("--live", "--managed-only")
        failing = verdicts(baseline, "fail")
        denied = 0
        for request in baseline["live"]["requests"]:
            service, operation = request.split()
            with self.subTest(request):
                emulator.faults({"action": operation, "times": 100000, "status": 403, "code": "AccessDeniedException"})
                code, report, text = estate.verify("--live", "--managed-only")
                emulator.clear()
                self.assertIn(code, (3, 4), text[-2000:])
                self.assertLessEqual(failing, verdicts(report, "fail", "unknown"))
                self.assertTrue(any(u["denied"] for u in report["live"]["unread"]), request)
                denied += 1
        self.assertGreater(denied, 20)

    def test_all_reads_denied_is_no_verdict(self):
        estate = estates["pazpaz"]
        for action in ("DescribeTaskDefinition", "DescribeClusters", "DescribeLogGroups", "GetRole"):
            estate.emulator.ask("/faults", {"action": action, "times": 1000, "status": 403, "code": "AccessDeniedException"})
        code, report, text = estate.verify("--live")
        estate.emulator.clear()
        self.assertEqual(code, 1, text)
        self.assertIsNone(report)
        self.assertIn("is not allowed", text)
        self.assertIn("doctor --iam verify", text)


class ZBehindTerraformsBack(unittest.TestCase):
    """Last: it changes the estate."""

    def test_a_policy_that_refuses_requests_without_tls_is_read(self):
        estate = estates["everything"]
        bucket = estate.attributes("aws_s3_bucket", "this")["bucket"]
        s3 = estate.emulator.client("s3")

        def answering():
            return {address for address, control in verdicts(estate.verify("--live")[1], "fail") if control == "TFS-S3-009"}

        def refuse(action):
            s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
                "Effect": "Deny", "Principal": "*", "Action": action, "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}]}))

        before = answering()
        refuse("s3:*")
        self.assertEqual(len(before - answering()), 1, before)
        refuse("s3:GetObject")
        self.assertEqual(answering(), before)
        s3.delete_bucket_policy(Bucket=bucket)
        self.assertEqual(answering(), before)

    def test_what_somebody_broke_is_named(self):
        estate = estates["everything"]
        aws = estate.emulator.client
        before = verdicts(estate.verify("--live")[1], "fail")
        key = estate.attributes("aws_kms_key", "k", "a")
        aws("kms").disable_key_rotation(KeyId=key["key_id"])
        table = estate.attributes("aws_dynamodb_table", "good")
        aws("dynamodb").update_table(TableName=table["name"], DeletionProtectionEnabled=False)
        database = estate.attributes("aws_db_instance", "good")
        aws("rds").modify_db_instance(DBInstanceIdentifier=database["identifier"], BackupRetentionPeriod=1,
                                      DeletionProtection=False, PubliclyAccessible=True, ApplyImmediately=True)
        bad = estate.attributes("aws_db_instance", "bad")
        aws("rds").create_db_snapshot(DBInstanceIdentifier=bad["identifier"], DBSnapshotIdentifier="left-behind")
        bucket = estate.attributes("aws_s3_bucket_public_access_block", "this", None)["bucket"]
        aws("s3").delete_public_access_block(Bucket=bucket)
        aws("s3").put_bucket_acl(Bucket=bucket, ACL="public-read")

        code, report, text = estate.verify("--live")
        self.assertEqual(code, 3)
        new = verdicts(report, "fail") - before
        for expected in (('aws_kms_key.k["a"]', "TFS-KMS-001"), ("aws_dynamodb_table.good", "TFS-DYNAMODB-005"),
                         ("aws_db_instance.good", "TFS-RDS-022"), ("aws_db_instance.good", "TFS-RDS-024"),
                         ("aws_db_instance.good", "TFS-RDS-028")):
            self.assertIn(expected, new)
        self.assertTrue(any(control == "TFS-S3-005" and address.endswith("aws_s3_bucket.this") for address, control in new), new)
        self.assertTrue(any(control == "TFS-LIVE-001" and "public_access_block" in address for address, control in new))
        said = differences(report)
        self.assertEqual(said[("aws_db_instance.good", "backup_retention_period")],
                         {"terraform.tfstate": str(database["backup_retention_period"]), "AWS": "1"})
        self.assertEqual(said[('aws_kms_key.k["a"]', "enable_key_rotation")], {"terraform.tfstate": "true", "AWS": "false"})
        self.assertEqual(said[("aws_db_instance.good", "deletion_protection")], {"terraform.tfstate": "true", "AWS": "false"})
        beside = {(f["address"], f["control"]) for f in report["live"]["unmanaged"]["findings"]}
        self.assertIn(('live.aws_db_snapshot["us-east-1/left-behind"]', "TFS-RDS-040"), beside)
        self.assertNotIn("CANARY", text)

    def test_keys_that_cannot_be_used(self):
        estate = estates["everything"]
        key = estate.attributes("aws_kms_key", "k", "b")
        estate.emulator.client("kms").schedule_key_deletion(KeyId=key["key_id"], PendingWindowInDays=7)
        code, report, _ = estate.verify("--live")
        self.assertEqual(code, 3)
        self.assertIn(('aws_kms_key.k["b"]', "TFS-KMS-002"), verdicts(report, "fail"))


def main():
    running.clients()
    if not shutil.which("terraform"):
        raise running.Skip("terraform is not on PATH")
    names = os.environ.get("ESTATES", "pazpaz,everything").split(",")
    with tempfile.TemporaryDirectory() as scratch:
        made = [Estate(name, scratch) for name in names]
        try:
            with concurrent.futures.ThreadPoolExecutor() as pool:
                for estate in pool.map(Estate.up, made):
                    estates[estate.name] = estate
            return running.run_tests()
        finally:
            for estate in made:
                if hasattr(estate.emulator, "process"):
                    estate.emulator.__exit__()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
