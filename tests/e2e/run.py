#!/usr/bin/env python3
"""Both examples to the end: real Terraform, real PostgreSQL, an emulated AWS, and the binary as a scheduled job.

  run.py                 both examples at once
  run.py z360 | pazpaz   one of them
  run.py --stock         the same on moto as it is: tfseal must stop and say why, and have deleted nothing
  run.py --keep          leaves the folders behind and says where

Each ends with: every acknowledged write in the new database exactly once, the old databases retired with a final
snapshot, `tfseal verify --live` compliant, an empty plan of Terraform, and no secret in anything tfseal wrote.
Exit 77: Terraform, the AWS provider, moto, boto3 or PostgreSQL is missing.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from terraform import ROOT, Terraform, program as terraform_program  # noqa: E402  (also makes tests/emulator importable)
import application  # noqa: E402
import postgres_server  # noqa: E402
import running  # noqa: E402
import tfseal  # noqa: E402
from repeated import repeated_changes  # noqa: E402

MASTER = "CANARY-z360-db-password-0001"
POLL = ["--poll", "0.2"]


def check(condition, text):
    if not condition:
        raise AssertionError(text)


class AskedAgain(AssertionError):
    """tfseal wants something that was done already."""


class Scenario:
    """What both examples have in common: an emulator, the example applied, and the steps in between, timed."""

    example, account, flags, variables = "", "", (), {}

    def __init__(self, folder):
        self.folder = os.path.join(folder, self.example)
        os.makedirs(self.folder)
        self.steps = []
        self.asked = {}
        self.patience = 6
        self.applied_after = None  # how many runs

    def step(self, name):
        now = time.monotonic()
        if self.steps:
            print(f"e2e {self.example}: {self.steps[-1][0]} took {now - self.steps[-1][1]:.1f} s", flush=True)
        self.steps.append((name, now))

    def run(self):
        with running.Emulator(*self.flags, account=self.account, log=os.path.join(self.folder, "emulator.log")) as self.aws:
            self.apply_example()
            self.step("application data")
            self.prepare()
            self.start_application()
            self.step("gate and plan")
            config = self.gate_and_plan()
            self.step("apply to the end")
            self.aws.clear()
            self.tfseal.to_the_end(self.person, clock=lambda offset: self.aws.world(clock_offset=offset))
            check(self.tfseal.status()["state"] == "done", "status does not say done")
            self.step("what is there now")
            self.verify(config)
            self.step("terraform plan at the end")
            changes = self.terraform.changes()
            check(not changes, f"Terraform still wants to change something:\n{changes[-3000:]}")
            self.tfseal.scan_files()
            self.step("")

    def apply_example(self):
        self.step("terraform apply")
        self.terraform = Terraform(self.example, os.path.join(self.folder, "configuration"), self.aws.environment(**self.variables))
        self.terraform.init()
        self.terraform.apply()

    def gate_and_plan(self):
        now = self.terraform.plan("now")
        config = self.config(os.path.join(self.terraform.folder, "tfseal.yaml"))
        self.tfseal = tfseal.Run(os.path.join(self.folder, "run"), self.aws.environment(**self.secrets()),
                                 [*POLL, "--terraform-dir", self.terraform.folder, *self.run_flags()])
        self.tfseal.environment.update({k: v for k, v in self.terraform.environment.items() if k.startswith(("TF_", "TFSEAL_"))})
        self.gate(config, now)
        self.plan = self.tfseal.plan(now, config=config)
        self.actions = {a["id"]: a for a in self.plan["actions"]}
        check(self.plan["complete"], "the plan leaves something open")
        return config

    def run_on_stock(self):
        """On moto as it is tfseal must not get to the end: it has to stop, say why, and have deleted nothing."""
        with running.Emulator("--stock", account=self.account, log=os.path.join(self.folder, "emulator.log")) as self.aws:
            self.apply_example()
            self.prepare()
            self.step("gate and plan")
            self.gate_and_plan()
            self.step("apply until it stops")
            self.aws.clear()
            self.patience = 2
            try:
                self.tfseal.to_the_end(self.person)
            except (RuntimeError, AskedAgain) as stopped:
                why = [line for line in str(stopped).splitlines() if re.search(r"failed:|hint:|\"text\"|asked again", line)]
                print(f"e2e {self.example} on stock moto stopped: " + "\n  ".join(why or [str(stopped)[-800:]]), flush=True)
            else:
                raise AssertionError("it went to the end on an emulator that does not behave as AWS")
            deleted = [c["action"] for c in self.aws.calls() if c["action"].startswith(("Delete", "Deregister")) and c["status"] == 200]
            check(not deleted, f"before it stopped it had deleted something: {deleted}")
            status = self.tfseal.status()
            check(status["state"] != "done", "status says done")
            self.tfseal.scan_files()
            self.step("")

    # What the examples differ in.

    def prepare(self):
        """What a run needs beside the example."""

    def start_application(self):
        """What uses the databases; there are none on stock moto."""

    def secrets(self):
        return {}

    def run_flags(self):
        return []

    def config(self, path):
        return path

    def person(self, item):
        """Does what is asked; False if only time is asked for. The same thing asked for again and again is an error."""
        self.asked[item["action"]] = self.asked.get(item["action"], 0) + 1
        if self.asked[item["action"]] >= self.patience:
            raise AskedAgain(f"asked again and again: {json.dumps(item, indent=1)}")
        action = self.actions[item["action"]]
        if "approve" in item.get("hint", "") and "--plan-json" not in item["hint"] and action["kind"] not in self.edits():
            self.tfseal.approve(item["action"])
            return True
        edit = self.edits().get(action["kind"])
        return edit(action, item) if edit else False

    def edits(self):
        return {}

    def apply_what_only_terraform_knows(self):
        """A plan that goes through the gate as any other; nothing in it may be made, replaced or destroyed. Once for all
        that wait for it between two runs."""
        runs = sum(call[0][0] in ("apply", "resume") for call in self.tfseal.log)
        if self.applied_after == runs:
            return
        self.applied_after = runs
        path = self.terraform.plan("edit")
        done = self.tfseal.call("gate", path, "--config", os.path.join(self.terraform.folder, "tfseal.yaml"))
        check(done.returncode in (0, 4), f"gate of the edit ended with {done.returncode}:\n{done.stdout[-3000:]}")
        with open(path, encoding="utf-8") as source:
            planned = json.load(source)["resource_changes"]
        odd = [(r["address"], r["change"]["actions"]) for r in planned if r["change"]["actions"] not in (["no-op"], ["update"], ["read"])]
        check(not odd, f"the edit would do more than update: {odd}")
        self.terraform.run("apply", "edit.tfplan")

    def verify_live(self, config):
        done = self.tfseal.call("verify", "--live", os.path.join(self.terraform.folder, "terraform.tfstate"), "--config", config,
                                "--output", "json")
        check(done.returncode == 0, f"verify --live ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")


class Z360(Scenario):
    example, account, flags = "z360", "108782097218", ("--postgres", "--pending", "1")
    variables = {"TF_VAR_master_password": MASTER}
    health = None
    names = ("z360-staging", "z360-agent-layer-staging", "z360-beta", "z360-agent-layer-beta")

    def prepare(self):
        self.endpoints = self.terraform.outputs()["endpoints"]
        self.databases = {name: self.secret(name)["dbname"] for name in self.names}

    def start_application(self):
        groups = self.aws.client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": ["z360-services"]}])
        self.aws.world(sources={"z360": {"address": "10.99.0.10"}, application.USER: {"address": "10.36.10.7", "groups": [groups["SecurityGroups"][0]["GroupId"]]}})
        for name in self.names:
            application.psql(self.endpoints[name], "z360", MASTER, self.databases[name], application.SCHEMA)
        self.services = {}
        self.refresh_services()
        threading.Thread(target=self.watch_services, daemon=True).start()
        self.writers = {name: application.Writer(name, lambda name=name: self.secret(name)["host"], self.databases[name],
                                                 lambda name=name: self.has_tasks(name)) for name in self.names}
        for writer in self.writers.values():
            writer.start()
        self.health = application.Health(lambda: [self.writers["z360-beta"]])

    def secret(self, name):
        found = self.aws.client("secretsmanager").get_secret_value(SecretId=f"{name}/dbAuroraSecret")
        return json.loads(found["SecretString"])

    def refresh_services(self):
        self.services = self.aws.ask("/world")["services"]

    def watch_services(self):
        while self.aws.process.poll() is None:
            try:
                self.refresh_services()
            except OSError:
                return
            time.sleep(0.1)

    def has_tasks(self, name):
        own = [n for n in self.services if re.fullmatch(re.escape(name) + r"-[a-z]+", n)]
        return any(self.services[n] for n in own)

    def secrets(self):
        named = {"Z360_STAGING_URL": "z360-staging", "Z360_AGENT_LAYER_STAGING_URL": "z360-agent-layer-staging",
                 "Z360_BETA_URL": "z360-beta", "Z360_AGENT_LAYER_BETA_URL": "z360-agent-layer-beta"}
        return {variable: f"postgresql://z360:{MASTER}@{self.endpoints[n]}:5432/{self.databases[n]}" for variable, n in named.items()}

    def config(self, path):
        if not self.health:
            return path
        with open(path, encoding="utf-8") as source:
            text = source.read().replace("https://beta.z360.example.com/health", self.health.url)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def gate(self, config, now):
        flip = self.terraform.plan("flip", "-var", "encrypt_in_place=true", "-refresh=false")
        done = self.tfseal.call("gate", flip, "--config", config, "--output", "json")
        check(done.returncode == 3, f"gate of the naive change ended with {done.returncode}, want deny")
        destroyed = [d for d in json.loads(done.stdout)["destroys"] if d["class"] == "replace_data_loss"]
        check(len(destroyed) == 4, f"gate names {len(destroyed)} clusters, want 4")
        done = self.tfseal.call("gate", now, "--config", config)
        check(done.returncode == 4, f"gate of no change ended with {done.returncode}, want review")

    def edits(self):
        return {"edit_configuration": self.edit, "reconcile_terraform": self.edit}

    def edit(self, action, item):
        """One line of clusters.tf, as README.md says; and what tfseal says is only Terraform's, once gated, applied."""
        if "gate the plan, apply it" in item.get("hint", ""):
            self.apply_what_only_terraform_knows()
            return True
        name = re.match(r'module\.cluster\["([^"]+)"\]', action["target"]["address"])[1]
        # What was set in AWS already has to be in the configuration before anything is applied.
        given = {k: v for a in self.plan["actions"] if a["target"].get("address") == action["target"]["address"] and a["kind"] in self.edits()
                 for k, v in a["payload"].get("set", {}).items() if k in ("backup_retention_period", "deletion_protection")}
        given.update(action["payload"].get("set", {}))

        def change(text):
            start = text.index(f"    {name} = {{")
            end = text.index("\n    }", start)
            block = text[start:end]
            if given.get("final_snapshot_identifier"):
                block = re.sub(r"final_snapshot( *)= (null|\"[^\"]*\")", f'final_snapshot\\1= "{given["final_snapshot_identifier"]}"', block)
            if given.get("backup_retention_period"):
                block = re.sub(r"retention( *)= \d+", f"retention\\1= {given['backup_retention_period']}", block)
            if given.get("deletion_protection"):
                block = re.sub(r"protected( *)= false", "protected\\1= true", block)
            if given.get("storage_encrypted"):
                block = re.sub(r"encrypted( *)= false", "encrypted\\1= true", block)
            return text[:start] + block + text[end:]

        try:
            self.terraform.edit("clusters.tf", change)
        except RuntimeError:
            return False  # it is as asked already
        return True

    def verify(self, config):
        time.sleep(1)
        for writer in self.writers.values():
            check(time.monotonic() - writer.last < 10, f"{writer.name} does not write again")
            writer.stop()
        rds = self.aws.client("rds")
        clusters = {c["DBClusterIdentifier"]: c for c in rds.describe_db_clusters()["DBClusters"]}
        check(len(clusters) == 4, f"there are {len(clusters)} clusters, want the 4 new ones: {sorted(clusters)}")
        check(all(c["StorageEncrypted"] and c["DeletionProtection"] and c["BackupRetentionPeriod"] >= 7 for c in clusters.values()),
              "a cluster is not as required")
        snapshots = rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
        finals = [s for s in snapshots if "-final-" in s["DBClusterSnapshotIdentifier"]]
        check(len(finals) == 4, f"{len(finals)} final snapshots, want 4")
        retained = [b for b in rds.describe_db_cluster_automated_backups()["DBClusterAutomatedBackups"] if b["Status"] == "retained"]
        check(len(retained) == 4, f"{len(retained)} retained automated backups, want 4")
        for name, writer in self.writers.items():
            identifier = next(i for i in clusters if i.startswith(name + "-addons") or i.startswith(name + "-addonsst"))
            stored = self.aws.sql(identifier, "SELECT token FROM events", self.databases[name])
            lost, doubled = application.lost_and_doubled(writer.acknowledged, stored)
            check(not lost and not doubled, f"{name}: {len(lost)} acknowledged rows lost, {len(doubled)} doubled")
            check(len(writer.acknowledged) > 50, f"{name}: only {len(writer.acknowledged)} rows were acknowledged")
            print(f"e2e z360: {name}: {len(writer.acknowledged)} acknowledged rows, all there once; {writer.refused} refusals", flush=True)
        doubles = repeated_changes(self.aws.calls())
        check(not doubles, f"done twice: {doubles}")
        self.verify_live(config)


class Pazpaz(Scenario):
    example, account, flags = "pazpaz", "123456789012", ("--pending", "1")
    variables = {"TF_VAR_encryption_master_key": "Q0FOQVJZLXBhenBhei1tYXN0ZXIta2V5LTAwMDAwMDE="}

    def prepare(self):
        self.certificate = os.path.join(self.folder, "security.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-keyout", os.path.join(self.folder, "security.key"),
                        "-out", self.certificate, "-days", "2", "-subj", "/CN=security"], check=True, capture_output=True)

    def run_flags(self):
        return ["--recipient", self.certificate, "--sealed-dir", os.path.join(self.folder, "sealed")]

    def gate(self, config, now):
        done = self.tfseal.call("gate", now, "--config", config)
        check(done.returncode == 4, f"gate of no change ended with {done.returncode}, want review")

    def edits(self):
        return {"reconcile_terraform": self.edit}

    def edit(self, _action, _item):
        """The variable goes, the reference comes, and what was made beside Terraform is imported."""
        if os.path.exists(os.path.join(self.terraform.folder, "secret.tf")):
            return False
        made = self.aws.client("secretsmanager").describe_secret(SecretId="pazpaz-api-production/encryption-master-key")
        key = made["KmsKeyId"].rsplit("/", 1)[-1]
        iam = self.aws.client("iam")
        policy = iam.list_role_policies(RoleName="PazPazECSExecutionRole")["PolicyNames"][0]
        document = iam.get_role_policy(RoleName="PazPazECSExecutionRole", PolicyName=policy)["PolicyDocument"]
        alias = [a["AliasName"] for a in self.aws.client("kms").list_aliases()["Aliases"] if a.get("TargetKeyId") == key][0]
        running_now = self.aws.client("ecs").describe_services(cluster="pazpaz-production", services=["pazpaz-api"])["services"][0]["taskDefinition"]
        described = self.aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]
        with open(os.path.join(self.terraform.folder, "secret.tf"), "w", encoding="utf-8") as out:
            out.write(SECRET_TF.format(arn=made["ARN"], key=key, alias=alias, policy=policy, statements=json.dumps(document),
                                       running=running_now, description=described["Description"],
                                       tags=hcl_map({t["Key"]: t["Value"] for t in made.get("Tags", [])}),
                                       key_tags=hcl_map({t["TagKey"]: t["TagValue"] for t in self.aws.client("kms").list_resource_tags(KeyId=key)["Tags"]})))

        def change(text):
            text = re.sub(r"\n *\{ name = \"ENCRYPTION_MASTER_KEY\".*\n", "\n", text)
            text = text.replace("    logConfiguration = {", '    secrets = [{ name = "ENCRYPTION_MASTER_KEY", valueFrom = aws_secretsmanager_secret.master_key.arn }]\n    logConfiguration = {', 1)
            return text.replace('resource "aws_ecs_task_definition" "api" {\n', 'resource "aws_ecs_task_definition" "api" {\n  track_latest             = true\n  skip_destroy             = true\n', 1)

        self.terraform.edit("api.tf", change)
        self.terraform.run("state", "rm", "aws_ecs_task_definition.api")
        self.apply_what_only_terraform_knows()
        return True


    def verify(self, config):
        ecs = self.aws.client("ecs")
        service = ecs.describe_services(cluster="pazpaz-production", services=["pazpaz-api"])["services"][0]
        definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        container = definition["containerDefinitions"][0]
        check(not [e for e in container["environment"] if e["name"] == "ENCRYPTION_MASTER_KEY"], "the variable is still there")
        check([s["name"] for s in container.get("secrets", [])] == ["ENCRYPTION_MASTER_KEY"], "the reference is not there")
        check(service["runningCount"] == 2 and len(service["deployments"]) == 1, "the service is not stable")
        secret = self.aws.client("secretsmanager").get_secret_value(SecretId="pazpaz-api-production/encryption-master-key")
        check(secret["SecretString"] == self.variables["TF_VAR_encryption_master_key"], "the secret is not the value that was in use")
        left = ecs.list_task_definitions(familyPrefix="pazpaz-api-production", status="ACTIVE")["taskDefinitionArns"]
        check(left == [service["taskDefinition"]], f"old revisions are left: {left}")
        for arn in ecs.list_task_definitions(familyPrefix="pazpaz-api-production", status="INACTIVE")["taskDefinitionArns"]:
            old = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["containerDefinitions"][0]
            check(not [e for e in old.get("environment", []) if e["name"] == "ENCRYPTION_MASTER_KEY"], f"{arn} still shows the value")
        check(os.listdir(os.path.join(self.folder, "sealed")), "there is no sealed copy")
        doubles = repeated_changes(self.aws.calls())
        check(not doubles, f"done twice: {doubles}")
        self.verify_live(config)


def hcl_map(pairs):
    return "{ " + ", ".join(f'"{k}" = "{v}"' for k, v in sorted(pairs.items())) + " }" if pairs else "{}"


SECRET_TF = '''
import {{
  to = aws_kms_key.secrets
  id = "{key}"
}}
resource "aws_kms_key" "secrets" {{
  description         = "{description}"
  enable_key_rotation = true
  tags                = {key_tags}
}}
import {{
  to = aws_kms_alias.secrets
  id = "{alias}"
}}
resource "aws_kms_alias" "secrets" {{
  name          = "{alias}"
  target_key_id = aws_kms_key.secrets.key_id
}}
import {{
  to = aws_secretsmanager_secret.master_key
  id = "{arn}"
}}
resource "aws_secretsmanager_secret" "master_key" {{
  name       = "pazpaz-api-production/encryption-master-key"
  kms_key_id = aws_kms_key.secrets.arn
  tags       = {tags}
}}
import {{
  to = aws_iam_role_policy.read_master_key
  id = "PazPazECSExecutionRole:{policy}"
}}
resource "aws_iam_role_policy" "read_master_key" {{
  name   = "{policy}"
  role   = aws_iam_role.execution.name
  policy = jsonencode({statements})
}}
import {{
  to = aws_ecs_task_definition.api
  id = "{running}"
}}
'''


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="*", choices=["z360", "pazpaz", []])
    parser.add_argument("--stock", action="store_true")
    parser.add_argument("--keep", action="store_true")
    flags = parser.parse_args()
    running.clients()
    terraform_program()
    wanted = [s for s in (Z360, Pazpaz) if not flags.examples or s.example in flags.examples]
    if Z360 in wanted and not flags.stock and postgres_server.missing():
        raise running.Skip(postgres_server.missing())
    folder = tempfile.mkdtemp(prefix="tfseal-e2e-")
    outcomes = {}

    def go(scenario):
        began = time.monotonic()
        try:
            scenario(folder).run_on_stock() if flags.stock else scenario(folder).run()
            outcomes[scenario.example] = ("OK", time.monotonic() - began)
        except running.Skip as reason:
            outcomes[scenario.example] = (reason, 0)
        except Exception:
            print(f"e2e {scenario.example}:\n{traceback.format_exc()}", flush=True)
            outcomes[scenario.example] = ("FAILED", time.monotonic() - began)

    threads = [threading.Thread(target=go, args=(scenario,)) for scenario in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, (outcome, seconds) in outcomes.items():
        word = {"OK": "       OK ", "FAILED": "  FAILED  "}.get(outcome, "  SKIPPED ")
        if isinstance(outcome, running.Skip):
            print(f"SKIP e2e {name}: {outcome}")
        print(f"[{word}] e2e.{name}{'-on-stock-moto' if flags.stock else ''} ({int(seconds * 1000)} ms)", flush=True)
    failed = [n for n, (outcome, _) in outcomes.items() if outcome == "FAILED"]
    if flags.keep or failed:
        print(f"e2e: everything is in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    if failed:
        return 1
    return 77 if all(isinstance(o, running.Skip) for o, _ in outcomes.values()) else 0


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
