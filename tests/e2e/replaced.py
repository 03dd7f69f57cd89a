#!/usr/bin/env python3
"""Stores whose encryption AWS cannot change where they are: real Terraform and the real binary on the emulator, from an
estate in clear to an empty Terraform plan of an encrypted one.

  replaced.py            all of them
  replaced.py NAME..     the named ones
Exit 77: moto, boto3, Terraform or its AWS provider is missing.
"""

import argparse
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import terraform  # noqa: E402
import tfseal  # noqa: E402
import cases  # noqa: E402
import running  # noqa: E402
from repeated import repeated_changes  # noqa: E402

EXAMPLE = "volumes-and-files"
ACCESS_KEY = "AKIATFSEAL0000000001"


def check(true, text):
    if not true:
        raise AssertionError(text)


def same(found, wanted, what):
    check(found == wanted, f"{what}: {json.dumps(found, default=str, indent=1)}\nwant {json.dumps(wanted, default=str)}")


class Estate:
    """The example, applied; and a person who does what a run asks for."""

    def __init__(self, aws, folder, only):
        self.aws, self.folder = aws, folder
        image = aws.client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        environment = aws.environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, TF_VAR_image_id=image)
        self.terraform = terraform.Terraform(EXAMPLE, folder, environment)
        self.terraform.init()
        self.terraform.apply()
        self.terraform.apply("-refresh-only")
        self.state = json.loads(self.terraform.run("show", "-json").stdout)
        # Nobody asks for the others in this run.
        resources = self.state["values"]["root_module"]["resources"]
        self.values = {r["address"]: r["values"] for r in resources}
        waived = sorted({r["type"] for r in resources} & {"aws_ebs_volume", "aws_instance", "aws_efs_file_system", "aws_backup_vault", "aws_ecr_repository"} - set(only))
        path = os.path.join(folder, "state.secret.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump(self.state, out)
        config = os.path.join(folder, "tfseal.yaml")
        with open(config, "w", encoding="utf-8") as out:
            out.write("version: 1\ndefaults:\n  require: [encryption, customer_key]\n")
            if waived:
                out.write("waivers:\n" + "".join(
                    f'  - {{ control: {topic}, address: "{kind}.**", reason: "another run", owner: e2e, ticket: E-1, expires: 2099-12-31 }}\n'
                    for kind in waived for topic in ("encryption", "customer_key")))
        self.aws.clear()
        self.run = tfseal.Run(os.path.join(folder, "run"), environment, ["--poll", "0.01", "--terraform-dir", self.terraform.folder])
        self.plan = self.run.plan(path, config=config)
        self.actions = {a["id"]: a for a in self.plan["actions"]}
        self.config, self.written = config, set()

    def act(self, item):
        action = self.actions[item["action"]]
        if action["kind"] in ("reconcile_terraform", "edit_configuration"):
            return self.reconcile(action, item)
        if action["kind"] == "copy_images":
            return self.copy_images(action)
        if "approve" in item.get("hint", "") + item.get("text", ""):
            self.run.approve(item["action"])
            return True
        return False

    def copy_images(self, action):
        """What `crane copy` does, without the layers: the emulator keeps none."""
        ecr, given = self.aws.client("ecr"), action["payload"]
        for image in ecr.describe_images(repositoryName=given["repository"])["imageDetails"]:
            found = ecr.batch_get_image(repositoryName=given["repository"], imageIds=[{"imageDigest": image["imageDigest"]}])["images"][0]
            for tag in image["imageTags"]:
                ecr.put_image(repositoryName=given["new_repository"], imageManifest=found["imageManifest"], imageTag=tag)
        return True

    def reconcile(self, action, item):
        """What the plan says: arguments, import blocks, commands; the last is the proof and is left to the run."""
        if item["action"] in self.written:
            return self.follow()
        self.written.add(item["action"])
        hcl = item["hcl"]
        imports = "".join(re.findall(r"^import \{\n.*?^\}\n", hcl, re.M | re.S))
        with open(os.path.join(self.terraform.folder, "imports.tf"), "a", encoding="utf-8") as out:
            out.write(imports)
        self.terraform.edit("main.tf", lambda text: with_arguments(text, action["target"]["address"], action["payload"]["set"]))
        for command in item["commands"]:
            words = [w.strip("'") for w in command.split()]
            if words[:3] == ["terraform", "state", "rm"]:
                self.terraform.run("state", "rm", words[3])
        # Other addresses may not be in line yet: what is applied is what concerns this one.
        targets = [f"-target={t}" for t in [action["target"]["address"], *re.findall(r"^  to = (.*)$", imports, re.M)]]
        self.terraform.run("plan", "-out=repair.tfplan", *targets)
        with open(os.path.join(self.folder, "repair.secret.json"), "w", encoding="utf-8") as out:
            out.write(self.terraform.run("show", "-json", "repair.tfplan").stdout)
        with open(os.path.join(self.folder, "repair.secret.json"), encoding="utf-8") as source:
            changes = [c for c in json.load(source)["resource_changes"] if {"delete", "create"} & set(c["change"]["actions"])]
        check(not changes, f"the repair would destroy or create: {[(c['address'], c['change']['actions']) for c in changes]}")
        self.terraform.run("apply", "repair.tfplan")
        return True

    def follow(self):
        """What names a moved object is made anew: the selection of a backup plan. Nothing else may be."""
        self.terraform.run("plan", "-out=follow.tfplan")
        changes = [c for c in json.loads(self.terraform.run("show", "-json", "follow.tfplan").stdout)["resource_changes"]
                   if c["change"]["actions"] != ["no-op"]]
        kinds = {c["type"] for c in changes}
        if not kinds or not kinds <= {"aws_backup_selection"}:
            return False
        self.terraform.run("apply", "follow.tfplan")
        return True

    def to_the_end(self):
        self.run.to_the_end(self.act)
        doubles = repeated_changes([c for c in self.aws.calls() if c["account"] == ACCESS_KEY])
        check(not doubles, f"done twice: {doubles}")
        self.run.scan_files()
        same(self.terraform.changes(), "", "what a Terraform plan would change in the end")


def argument(name, value):
    return f"  {name} = {json.dumps(value)}\n"


def with_arguments(text, address, arguments):
    """Writes them into the block of the address; nested blocks into the block that is there."""
    kind, name = address.split(".")
    head = f'resource "{kind}" "{name}" {{\n'
    before, block = text.split(head)
    block, after = block.split("\n}\n", 1)
    block += "\n"
    # The vault and the repository have another name afterwards, whatever name the block has.
    for key, value in arguments.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines = "".join("  " + argument(k, v) for k, v in value[0].items())
            if f"  {key} {{\n" in block:
                block = block.replace(f"  {key} {{\n", f"  {key} {{\n{lines}")
            else:
                block += f"\n  {key} {{\n{lines}  }}\n"
        else:
            block = re.sub(rf"^  {key} += .*\n", "", block, flags=re.M) + argument(key, value)
    return before + head + block + "}\n" + after


def volumes(aws, folder):
    """A root volume, a volume at a device and one that is attached to nothing; one outage."""
    made = Estate(aws, folder, ("aws_ebs_volume", "aws_instance"))
    was = made.values
    instance = was["aws_instance.render"]["id"]
    old = {was["aws_ebs_volume.scenes"]["id"], was["aws_ebs_volume.archive"]["id"], was["aws_instance.render"]["root_block_device"][0]["volume_id"]}
    key = was["aws_kms_key.data"]["arn"]
    made.to_the_end()
    ec2 = aws.client("ec2")
    found = {v["VolumeId"]: v for v in ec2.describe_volumes()["Volumes"]}
    check(old <= set(found), f"an old volume is gone: {sorted(old - set(found))}")
    for volume in old:
        check(not found[volume]["Encrypted"] and not found[volume]["Attachments"], f"an old volume was changed, or is still attached: {found[volume]}")
    fresh = {k: v for k, v in found.items() if k not in old}
    same([(v["Encrypted"], v["KmsKeyId"]) for v in fresh.values()], [(True, key)] * 3, "encryption of the new volumes")
    machine = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    same(machine["State"]["Name"], "running", "the instance")
    mapped = {m["DeviceName"]: m["Ebs"] for m in machine["BlockDeviceMappings"]}
    same(sorted(mapped), ["/dev/sda1", "/dev/sdf"], "devices")
    check({m["VolumeId"] for m in mapped.values()} <= set(fresh), f"an old volume is attached: {mapped}")
    same({k: m["DeleteOnTermination"] for k, m in mapped.items()}, {"/dev/sda1": True, "/dev/sdf": False}, "what goes with the instance")
    scenes = fresh[mapped["/dev/sdf"]["VolumeId"]]
    same({k: scenes[k] for k in ("Size", "VolumeType", "Iops", "AvailabilityZone")},
         {"Size": 100, "VolumeType": "gp3", "Iops": 4000, "AvailabilityZone": "us-east-1a"}, "settings")
    same({t["Key"]: t["Value"] for t in scenes["Tags"]}, {"Name": "scenes", "Environment": "studio"}, "tags")
    operations = [c["action"] for c in aws.calls() if c["account"] == ACCESS_KEY]
    check(operations.count("StopInstances") == 1 and operations.count("StartInstances") == 1, f"more than one outage: {operations}")


def others(aws, folder):
    """A file system, a backup vault and an image repository, which have no outage in common."""
    made = Estate(aws, folder, ("aws_efs_file_system", "aws_backup_vault", "aws_ecr_repository"))
    was, key = made.values, made.values["aws_kms_key.data"]["arn"]
    role, files = was["aws_iam_role.backup"]["arn"], was["aws_efs_file_system.assets"]
    backup, efs, ecr = aws.client("backup"), aws.client("efs"), aws.client("ecr")
    for _ in range(2):
        backup.start_backup_job(BackupVaultName="studio-daily", ResourceArn=files["arn"], IamRoleArn=role)
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                           "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 7, "digest": "sha256:" + "a" * 64}, "layers": []})
    ecr.put_image(repositoryName="studio/render", imageManifest=manifest, imageTag="1.0")
    made.to_the_end()

    systems = {f["FileSystemId"]: f for f in efs.describe_file_systems()["FileSystems"]}
    check(files["id"] in systems and not systems[files["id"]]["Encrypted"], f"the old file system is gone, or changed: {systems}")
    (copy,) = set(systems) - {files["id"]}
    same((systems[copy]["Encrypted"], systems[copy]["KmsKeyId"], systems[copy]["ThroughputMode"]), (True, key, "elastic"), "the new file system")
    same(sorted(t["SubnetId"] for t in efs.describe_mount_targets(FileSystemId=copy)["MountTargets"]),
         sorted(v["subnet_id"] for a, v in was.items() if a.startswith("aws_efs_mount_target.")), "mount targets")
    (point,) = efs.describe_access_points(FileSystemId=copy)["AccessPoints"]
    same((point["PosixUser"]["Uid"], point["RootDirectory"]["Path"]), (1000, "/upload"), "the access point")
    check(efs.describe_access_points(FileSystemId=files["id"])["AccessPoints"], "the old access point is gone")

    vaults = {v["BackupVaultName"]: v for v in backup.list_backup_vaults()["BackupVaultList"]}
    same(sorted(vaults), ["studio-daily", "studio-daily-key"], "vaults")
    same((vaults["studio-daily-key"]["EncryptionKeyArn"], vaults["studio-daily-key"]["Locked"], vaults["studio-daily-key"]["MinRetentionDays"]), (key, True, 7), "the new vault")
    check(vaults["studio-daily"]["Locked"], "the old vault lost its lock")
    points = {name: backup.list_recovery_points_by_backup_vault(BackupVaultName=name)["RecoveryPoints"] for name in vaults}
    same({name: len(found) for name, found in points.items()}, {"studio-daily": 2, "studio-daily-key": 1}, "recovery points")
    plan = backup.get_backup_plan(BackupPlanId=was["aws_backup_plan.daily"]["id"])["BackupPlan"]
    same([(r["TargetBackupVaultName"], r["Lifecycle"]["DeleteAfterDays"]) for r in plan["Rules"]], [("studio-daily-key", 35)], "rules")

    repositories = {r["repositoryName"]: r for r in ecr.describe_repositories()["repositories"]}
    same(sorted(repositories), ["studio/render", "studio/render-key"], "repositories")
    same(repositories["studio/render-key"]["encryptionConfiguration"], {"encryptionType": "KMS", "kmsKey": key}, "the new repository")
    digests = [[i["imageDigest"] for i in ecr.describe_images(repositoryName=name)["imageDetails"]] for name in sorted(repositories)]
    same(digests[0], digests[1], "images")


CASES = {"volumes": volumes, "others": others}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []])
    parser.add_argument("--keep", action="store_true")
    flags = parser.parse_args()
    running.clients()
    terraform.program()
    return cases.run("replaced", [(name, CASES[name], (), {}) for name in flags.cases or CASES], flags.keep)


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
