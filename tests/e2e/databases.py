#!/usr/bin/env python3
"""Databases that are no Aurora cluster, and going back: the real binary on the emulator, from plan to the end.

  databases.py            all of them
  databases.py NAME..     the named ones
Exit 77: moto, boto3 or PostgreSQL is missing.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import application  # noqa: E402
import estate  # noqa: E402
import postgres_server  # noqa: E402
import running  # noqa: E402
import tfseal  # noqa: E402
from repeated import repeated_changes  # noqa: E402

ROWS = "SELECT (SELECT count(*) FROM events) || ' ' || (SELECT count(*) FROM customers) || ' ' || (SELECT last_value FROM tickets)"
WHOLE = ["100 200 1000"]


class Instance(estate.Estate):
    """An unencrypted PostgreSQL instance with a read replica, and a service that uses it."""

    account, flags, template = "108782097218", ("--postgres",), "instance.tfstate"
    name, replica = "z360-orders", "z360-orders-read"

    def make(self):
        ec2, values = self.network()
        group = ec2.create_security_group(GroupName="z360-databases", Description="Databases", VpcId=values["VPC"])["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": values["SG_SERVICES"]}]},
            {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.99.0.10/32"}]}])
        self.aws.world(sources={"z360": {"address": "10.99.0.10"}, application.USER: {"address": "10.36.10.7", "groups": [values["SG_SERVICES"]]}})
        kms, rds = self.aws.client("kms"), self.aws.client("rds")
        key = kms.create_key(Description="z360 databases")["KeyMetadata"]["KeyId"]
        kms.enable_key_rotation(KeyId=key)
        kms.create_alias(AliasName="alias/z360-databases", TargetKeyId=key)
        rds.create_db_subnet_group(DBSubnetGroupName="z360-databases", DBSubnetGroupDescription="Managed by Terraform",
                                   SubnetIds=[values["SUBNET_A"], values["SUBNET_B"]])
        tags = [{"Key": "ManagedBy", "Value": "terraform"}, {"Key": "Environment", "Value": "staging"}]
        rds.create_db_instance(
            DBInstanceIdentifier=self.name, Engine="postgres", EngineVersion="16.4", DBName="z360", MasterUsername="z360", MasterUserPassword=estate.PASSWORD,
            DBInstanceClass="db.t4g.medium", AllocatedStorage=20, StorageType="gp3", DBSubnetGroupName="z360-databases", VpcSecurityGroupIds=[group],
            BackupRetentionPeriod=1, PreferredBackupWindow="03:00-04:00", PreferredMaintenanceWindow="sun:05:00-sun:06:00", CopyTagsToSnapshot=True,
            LicenseModel="postgresql-license", Tags=tags)
        rds.describe_db_instances()
        rds.create_db_instance_read_replica(DBInstanceIdentifier=self.replica, SourceDBInstanceIdentifier=self.name, DBInstanceClass="db.t4g.medium",
                                            VpcSecurityGroupIds=[group], Tags=tags)
        found = {d["DBInstanceIdentifier"]: d for d in rds.describe_db_instances()["DBInstances"]}
        self.endpoint = found[self.name]["Endpoint"]["Address"]
        application.psql(self.endpoint, "z360", estate.PASSWORD, "z360", estate.SMALL_DATA)
        secret = self.aws.client("secretsmanager").create_secret(
            Name="z360-staging/dbAuroraSecret", SecretString=json.dumps({"username": "z360", "password": estate.PASSWORD, "host": self.endpoint, "port": 5432}))["ARN"]
        self.aws.client("logs").create_log_group(logGroupName="/ecs/z360-staging")
        log = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/z360-staging", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "z360-staging-web"}}
        self.service("z360-staging", "z360-staging-web", values, {
            "name": "app", "image": "108782097218.dkr.ecr.us-east-1.amazonaws.com/z360:1.0", "essential": True, "environment": [{"name": "APP_ENV", "value": "staging"}],
            "secrets": [{"name": "DB_SECRET", "valueFrom": secret}], "logConfiguration": log}, executionRoleArn="arn:aws:iam::108782097218:role/z360-execution")
        return {**values, "SG_DATABASES": group, "KEY": key, "ADDRESS": self.endpoint, "RESOURCE": found[self.name]["DbiResourceId"],
                "READ_ADDRESS": found[self.replica]["Endpoint"]["Address"], "READ_RESOURCE": found[self.replica]["DbiResourceId"], "SECRET": secret,
                "PASSWORD": estate.PASSWORD}

    def application(self):
        return estate.APPLICATION.replace("z360-staging-*", "z360-orders")

    def secrets(self):
        return {"Z360_STAGING_URL": f"postgresql://z360:{estate.PASSWORD}@{self.endpoint}:5432/z360"}

    def reconciled(self, kind, values):
        if kind == "aws_db_instance":
            live = self.aws.client("rds").describe_db_instances(DBInstanceIdentifier=values["identifier"])["DBInstances"][0]
            values.update(storage_encrypted=live["StorageEncrypted"], kms_key_id=live.get("KmsKeyId", ""), resource_id=live["DbiResourceId"], id=live["DbiResourceId"],
                          deletion_protection=live["DeletionProtection"])
        return values


def to_the_end(made, folder):
    run = made.run(folder=folder)
    run.to_the_end(estate.person(made, run), clock=lambda offset: made.aws.world(clock_offset=offset))
    doubles = repeated_changes([c for c in made.aws.calls() if c["account"] == estate.ACCESS_KEY])
    check(not doubles, f"done twice: {doubles}")
    run.scan_files()
    return run


def check(true, text):
    if not true:
        raise AssertionError(text)


def same(found, wanted, what):
    check(found == wanted, f"{what}: {json.dumps(found, default=str, indent=1)}\nwant {json.dumps(wanted, default=str)}")


def instance(aws, folder):
    """Snapshot, copy under the key, restore, replica, names, and the old ones retired with their final snapshots."""
    made = Instance(aws, folder).build()
    aws.world(pending=1)
    to_the_end(made, os.path.join(folder, "run"))
    rds = aws.client("rds")
    found = {d["DBInstanceIdentifier"]: d for d in rds.describe_db_instances()["DBInstances"]}
    same(sorted(found), [made.name, made.replica], "instances")
    check(all(d["StorageEncrypted"] and d["DeletionProtection"] for d in found.values()), f"not encrypted or not protected: {found}")
    same(found[made.replica].get("ReadReplicaSourceDBInstanceIdentifier"), made.name, "the source of the replica")
    same(len({d["KmsKeyId"] for d in found.values()}), 1, "keys")
    same(found[made.name]["VpcSecurityGroups"], found[made.replica]["VpcSecurityGroups"], "security groups of both")
    kept = [s for s in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"] if "-final-" in s["DBSnapshotIdentifier"]]
    same(sorted(s["DBInstanceIdentifier"] for s in kept), [made.name + "-old", made.replica + "-old"], "final snapshots")
    same(aws.sql(made.name, ROWS, "z360"), WHOLE, "rows")
    same(aws.ask("/world")["services"], {"z360-staging-web": 2}, "services")


CASES = {"instance": (instance, Instance)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []])
    parser.add_argument("--keep", action="store_true")
    flags = parser.parse_args()
    running.clients()
    if postgres_server.missing():
        raise running.Skip(postgres_server.missing())
    folder, failed = tempfile.mkdtemp(prefix="tfseal-databases-"), []
    for name in flags.cases or CASES:
        case, made = CASES[name]
        base, began = os.path.join(folder, name), time.monotonic()
        os.makedirs(base)
        try:
            with running.Emulator(*made.flags, account=made.account, log=os.path.join(base, "emulator.log")) as aws:
                case(aws, base)
            word = "       OK "
        except Exception:
            print(f"databases {name}:\n{traceback.format_exc()}", flush=True)
            failed.append(name)
            word = "  FAILED  "
        print(f"[{word}] databases.{name} ({int((time.monotonic() - began) * 1000)} ms)", flush=True)
    if failed or flags.keep:
        print(f"databases: everything is in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
