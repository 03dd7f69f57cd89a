#!/usr/bin/env python3
"""verify --live judges what an environment asks of the databases themselves by what AWS answers: version, capacity, windows,
minor upgrades, Performance Insights, Enhanced Monitoring. What it does not read is unknown, never passed. TFSEAL_BIN is the
binary."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "emulator"))

import running  # noqa: E402

TFSEAL = os.environ.get("TFSEAL_BIN", os.path.join(ROOT, "build", "dev", "cli", "tfseal"))
POLICY = """version: 1
environments:
  prod:
    match: { names: ["orders-*"] }
    engine: { names: [aurora-postgresql, postgres], min_version: "15.7" }
    minor_upgrades: automatic
    capacity: { min: 1, max: 16, auto_pause: never }
    backup: { retention_days: { min: 7 }, window: "03:00-04:00" }
    maintenance_window: "sun:04:00-sun:05:00"
    insights: { enabled: true }
    monitoring: { max_interval_seconds: 60 }
    alarms: { CPUUtilization: { above: 70 } }
    budget: { alerts_percent: [80] }
"""
CLUSTER = 'live.aws_rds_cluster["us-east-1/orders-prod"]'
MEMBER = 'live.aws_rds_cluster_instance["us-east-1/orders-prod-0"]'
DATABASE = 'live.aws_db_instance["us-east-1/orders-reports"]'
# What each is judged by, and by which attribute of the answer it would be noticed.
JUDGED = {(CLUSTER, f"TFS-ENV-{n}") for n in ("001", "002", "004", "012", "013")} | \
    {(MEMBER, f"TFS-ENV-{n}") for n in ("041", "042")} | \
    {(DATABASE, f"TFS-ENV-{n}") for n in ("001", "002", "003", "012", "013")}


def make(rds):
    rds.create_db_cluster(DBClusterIdentifier="orders-prod", Engine="aurora-postgresql", EngineVersion="15.10",
                          MasterUsername="app", MasterUserPassword="CANARY-live-0001",
                          PreferredBackupWindow="03:10-03:40", PreferredMaintenanceWindow="sun:04:00-sun:04:30",
                          ServerlessV2ScalingConfiguration={"MinCapacity": 1, "MaxCapacity": 16})
    rds.create_db_instance(DBInstanceIdentifier="orders-prod-0", DBClusterIdentifier="orders-prod",
                           Engine="aurora-postgresql", DBInstanceClass="db.serverless", AutoMinorVersionUpgrade=True,
                           EnablePerformanceInsights=True, MonitoringInterval=60)
    rds.create_db_instance(DBInstanceIdentifier="orders-reports", Engine="postgres", EngineVersion="15.10",
                           DBInstanceClass="db.t4g.medium", AllocatedStorage=20, MasterUsername="app",
                           MasterUserPassword="CANARY-live-0001", PreferredBackupWindow="03:10-03:40",
                           PreferredMaintenanceWindow="sun:04:00-sun:04:30", AutoMinorVersionUpgrade=True,
                           EnablePerformanceInsights=True, MonitoringInterval=60)


class Environment(unittest.TestCase):
    def verify(self, policy=POLICY):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "tfseal.yaml"), "w", encoding="utf-8") as file:
                file.write(policy)
            done = subprocess.run([TFSEAL, "verify", "--live", "--region", "us-east-1", "--output", "json=report.json",
                                   "--output", "csv=report.csv", "--quiet"], cwd=folder, env=emulator.environment(),
                                  text=True, capture_output=True, check=False)
            self.assertIn(done.returncode, (3, 4), done.stderr)
            with open(os.path.join(folder, "report.json"), encoding="utf-8") as file:
                text = file.read()
        self.assertNotIn("CANARY", text + done.stdout + done.stderr)
        found = {}
        for finding in json.loads(text)["findings"]:
            if finding["control"].startswith("TFS-ENV-"):
                found[finding["address"], finding["control"]] = finding
        return found

    def test_settings_are_judged_by_what_aws_answers(self):
        before = self.verify()
        for place in JUDGED:
            self.assertNotIn(place, before, before.get(place, {}).get("message"))
        # The emulator says nothing of Enhanced Monitoring where there is no cluster: silence is off, and does not pass.
        self.assertEqual(before[DATABASE, "TFS-ENV-042"]["verdict"], "fail")
        # Others are not read: whatever AWS has, nobody claims to know.
        for place in ((CLUSTER, "TFS-ENV-043"), (CLUSTER, "TFS-ENV-060")):
            self.assertEqual(before[place]["verdict"], "unknown")
            self.assertIn("not read from AWS", before[place]["message"])
        strict = POLICY.replace("15.7", "16.1").replace("aurora-postgresql, postgres", "mysql") \
            .replace("automatic", "by-hand").replace("max: 16", "max: 8").replace('window: "03:00', 'window: "03:30') \
            .replace('"sun:04:00-', '"sun:04:15-').replace("insights: { enabled: true }", "insights: { enabled: false }") \
            .replace("max_interval_seconds: 60", "max_interval_seconds: 30")
        after = self.verify(strict)
        for place in JUDGED:
            self.assertEqual(after.get(place, {}).get("verdict"), "fail", place)
        self.assertIn("engine_version_actual is 15.10", after[CLUSTER, "TFS-ENV-002"]["message"])

    def test_what_somebody_changes_is_seen(self):
        rds = emulator.client("rds")
        rds.modify_db_cluster(DBClusterIdentifier="orders-prod", PreferredBackupWindow="12:00-12:30",
                              ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 16})
        rds.modify_db_instance(DBInstanceIdentifier="orders-reports", AutoMinorVersionUpgrade=False, ApplyImmediately=True)
        found = self.verify()
        for place in ((CLUSTER, "TFS-ENV-012"), (CLUSTER, "TFS-ENV-004"), (DATABASE, "TFS-ENV-003")):
            self.assertEqual(found.get(place, {}).get("verdict"), "fail", place)


def main():
    global emulator
    with running.Emulator() as emulator:
        make(emulator.client("rds"))
        result = unittest.TextTestRunner(resultclass=running.Report, verbosity=0).run(
            unittest.defaultTestLoader.loadTestsFromTestCase(Environment))
        return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
