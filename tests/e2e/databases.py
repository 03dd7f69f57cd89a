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
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import application  # noqa: E402
import cases  # noqa: E402
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
        rds.describe_db_instances()
        rds.modify_db_instance(DBInstanceIdentifier=self.replica, PreferredMaintenanceWindow="mon:07:00-mon:08:00", BackupRetentionPeriod=2, ApplyImmediately=True)
        rds.describe_db_instances()
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
        self.services = values["SG_SERVICES"]
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


class Golden(estate.Estate):
    """What the documents of a golden plan say, made with boto3. make() returns what AWS chose: {address: attributes}."""

    account, golden, ignored, more = "123456789012", "", (), {}
    texts = {}  # of the documents: what AWS chose instead, for whatever refers to it

    def build(self):
        self.aws.reset()
        self.aws.world(pending=1, holds={}, clock_offset=0, tamper={}, keep_connections=True)
        source = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden", self.golden)
        with open(os.path.join(source, "state.json"), encoding="utf-8") as text:
            state = json.load(text)
        resources = [r for r in state["values"]["root_module"]["resources"] if r["address"] not in self.ignored]
        resources += [{"address": address, "mode": "managed", "type": address.split(".")[0], "name": address.split(".")[1], "schema_version": 0,
                       "provider_name": "registry.terraform.io/hashicorp/aws", "values": dict(values)} for address, values in self.more.items()]
        state["values"]["root_module"]["resources"] = resources
        given = {r["address"]: r["values"] for r in resources}
        for address, values in self.make(given).items():
            given[address].update(values)
        with open(self.state, "w", encoding="utf-8") as out:
            text = json.dumps(state)
            for old, new in {self.KEY: self.key(), **self.texts}.items():
                text = text.replace(old, new)
            out.write(text)
        shutil.copy(os.path.join(source, "tfseal.yaml"), self.config)
        self.environment = self.aws.environment(AWS_ACCESS_KEY_ID=estate.ACCESS_KEY)
        self.aws.clear()
        return self

    KEY = "11111111-2222-3333-4444-555555555555"  # of the documents

    def key(self):
        kms = self.aws.client("kms")
        made = kms.create_key(Description="data stores")["KeyMetadata"]["KeyId"]
        kms.enable_key_rotation(KeyId=made)
        return made

    def empty_plan(self, now, written=None):
        with open(self.state, encoding="utf-8") as source:
            resources = json.load(source)["values"]["root_module"]["resources"]
        known = {r["address"] for r in resources}
        # What a person has imported since: the settings resources of a bucket.
        resources += [{"address": address, "mode": "managed", "type": address.split(".")[0], "name": address.split(".")[1],
                       "provider_name": resources[0]["provider_name"], "values": {}} for address in (written or {}) if address not in known]
        changes = []
        for resource in resources:
            values = self.reconciled(resource["type"], {**resource["values"], **(written or {}).get(resource["address"], {})})
            changes.append({**{k: resource[k] for k in ("address", "mode", "type", "name", "provider_name")}, "change": {
                "actions": ["no-op"], "before": values, "after": values, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}})
        plan = {"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {"root_module": {}}, "resource_changes": changes,
                "configuration": {"root_module": {}}, "timestamp": now, "applyable": False, "complete": True, "errored": False}
        path = os.path.join(self.folder, "empty.secret.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump(plan, out)
        return path


class Documents(Golden):
    """An unencrypted DocumentDB cluster and an unencrypted Neptune cluster, one instance each."""

    golden = "synthetic-documents-and-graphs"

    def make(self, given):
        ec2, values = self.network()
        group = ec2.create_security_group(GroupName="data", Description="data", VpcId=values["VPC"])["GroupId"]
        rds = self.aws.client("rds")
        rds.create_db_subnet_group(DBSubnetGroupName="data", DBSubnetGroupDescription="data", SubnetIds=[values["SUBNET_A"], values["SUBNET_B"]])
        chosen = {}
        for cluster, member, parameter in (("aws_docdb_cluster.catalog", "aws_docdb_cluster_instance.catalog", "db_cluster_parameter_group_name"),
                                           ("aws_neptune_cluster.graph", "aws_neptune_cluster_instance.graph", "neptune_cluster_parameter_group_name")):
            was, instance = given[cluster], given[member]
            user = {} if was["engine"] == "neptune" else {"MasterUsername": was["master_username"], "MasterUserPassword": was["master_password"]}
            rds.create_db_cluster(
                DBClusterIdentifier=was["cluster_identifier"], Engine=was["engine"], EngineVersion=was["engine_version"], VpcSecurityGroupIds=[group],
                DBSubnetGroupName="data", BackupRetentionPeriod=was["backup_retention_period"], DeletionProtection=was["deletion_protection"], Port=was["port"],
                PreferredBackupWindow=was["preferred_backup_window"], PreferredMaintenanceWindow=was["preferred_maintenance_window"],
                CopyTagsToSnapshot=was.get("copy_tags_to_snapshot") or False, Tags=[{"Key": "Team", "Value": "data"}], **user)
            rds.create_db_instance(DBInstanceIdentifier=instance["identifier"], DBClusterIdentifier=was["cluster_identifier"], Engine=was["engine"],
                                   DBInstanceClass=instance["instance_class"], AvailabilityZone=instance["availability_zone"],
                                   PromotionTier=instance["promotion_tier"])
            for _ in range(3):
                live = rds.describe_db_clusters(DBClusterIdentifier=was["cluster_identifier"])["DBClusters"][0]
                own = rds.describe_db_instances(DBInstanceIdentifier=instance["identifier"])["DBInstances"][0]
            chosen[cluster] = {"cluster_resource_id": live["DbClusterResourceId"], "vpc_security_group_ids": [group], parameter: live["DBClusterParameterGroup"],
                               "endpoint": live["Endpoint"], "reader_endpoint": live["ReaderEndpoint"]}
            if was["engine"] == "neptune":
                chosen[cluster]["iam_database_authentication_enabled"] = False  # the emulator refuses it for Neptune
            chosen[member] = {"dbi_resource_id": own["DbiResourceId"], **({"neptune_parameter_group_name": ""} if was["engine"] == "neptune" else
                                                                          {"ca_cert_identifier": own["CACertificateIdentifier"]})}
        return chosen

    def reconciled(self, kind, values):
        if kind in ("aws_docdb_cluster", "aws_neptune_cluster"):
            live = self.aws.client("rds").describe_db_clusters(DBClusterIdentifier=values["cluster_identifier"])["DBClusters"][0]
            values.update({"storage_encrypted": live["StorageEncrypted"], "cluster_resource_id": live["DbClusterResourceId"],
                           "kms_key_arn" if "kms_key_arn" in values else "kms_key_id": live.get("KmsKeyId", "")})
        return values


BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


class Stores(Golden):
    """Data stores that are changed where they are: tables, a cache, a warehouse, queues, streams, logs, a bucket, an instance."""

    golden = "synthetic-stores"
    # File systems are moved in replaced.py; the emulator gives no log group a key.
    ignored = ("aws_efs_file_system.shared", "aws_cloudwatch_log_group.app")
    more = {"aws_s3_bucket_public_access_block.documents": {
        "id": "documents", "bucket": "documents", "block_public_acls": False, "block_public_policy": False, "ignore_public_acls": False, "restrict_public_buckets": False}}

    def make(self, given):
        client = self.aws.client
        old = client("kms").create_key(Description="not rotating")["KeyMetadata"]["KeyId"]
        client("dynamodb").create_table(TableName="sessions", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
        client("elasticache").create_replication_group(ReplicationGroupId="cache", ReplicationGroupDescription="cache", Engine="redis", CacheNodeType="cache.t4g.micro")
        client("redshift").create_cluster(ClusterIdentifier="warehouse", NodeType="ra3.large", ClusterType="single-node", MasterUsername="app",
                                          MasterUserPassword="CANARY-warehouse1", PubliclyAccessible=True)
        client("redshift").describe_clusters()
        queue = client("sqs").create_queue(QueueName="jobs", Attributes={"SqsManagedSseEnabled": "false"})["QueueUrl"]
        client("sns").create_topic(Name="alerts")
        client("kinesis").create_stream(StreamName="events", ShardCount=1)
        client("kinesis").describe_stream(StreamName="events")
        client("logs").create_log_group(logGroupName="/app")
        client("logs").put_retention_policy(logGroupName="/app", retentionInDays=365)
        client("s3").create_bucket(Bucket="audit-logs")
        client("s3").create_bucket(Bucket="documents")
        client("s3").put_public_access_block(Bucket="documents", PublicAccessBlockConfiguration=dict.fromkeys(BLOCKS, False))
        client("s3").put_object(Bucket="documents", Key="before.pdf", Body=b"CANARY-document")
        client("cloudtrail").create_trail(Name="audit", S3BucketName="audit-logs", IsMultiRegionTrail=True)
        client("cloudtrail").start_logging(Name="audit")
        secret = client("secretsmanager").create_secret(Name="api", SecretString="CANARY-api-0001")["ARN"]
        rds = client("rds")
        rds.create_db_instance(DBInstanceIdentifier="reports", Engine="mysql", EngineVersion="8.0.39", DBInstanceClass="db.m6g.large", AllocatedStorage=20,
                               StorageEncrypted=True, MasterUsername="app", MasterUserPassword="CANARY-reports", BackupRetentionPeriod=0, PubliclyAccessible=True)
        for _ in range(3):
            reports = rds.describe_db_instances()["DBInstances"][0]
        self.texts = {"99999999-2222-3333-4444-555555555555": old, "https://sqs.us-east-1.amazonaws.com/123456789012/jobs": queue,
                      "arn:aws:secretsmanager:us-east-1:123456789012:secret:api-AbCdEf": secret, "db-REPORTS": reports["DbiResourceId"]}
        return {"aws_db_instance.reports": {"kms_key_id": reports["KmsKeyId"]}}


class BlueGreen(Golden):
    """An unencrypted Aurora cluster with one instance; AWS keeps an encrypted copy beside it and switches the names."""

    flags, golden = ("--postgres",), "synthetic-blue-green"

    def make(self, given):
        ec2, values = self.network()
        group = ec2.create_security_group(GroupName="data", Description="data", VpcId=values["VPC"])["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.36.10.0/24"}]}])
        self.aws.world(sources={user: {"address": "10.36.10.7"} for user in ("app", application.USER)})
        rds = self.aws.client("rds")
        rds.create_db_subnet_group(DBSubnetGroupName="data", DBSubnetGroupDescription="data", SubnetIds=[values["SUBNET_A"], values["SUBNET_B"]])
        was, instance = given["aws_rds_cluster.orders"], given["aws_rds_cluster_instance.writer"]
        rds.create_db_cluster_parameter_group(DBClusterParameterGroupName=was["db_cluster_parameter_group_name"], DBParameterGroupFamily="aurora-postgresql16", Description="orders")
        rds.create_db_parameter_group(DBParameterGroupName=instance["db_parameter_group_name"], DBParameterGroupFamily="aurora-postgresql16", Description="orders")
        rds.create_db_cluster(
            DBClusterIdentifier="orders", Engine=was["engine"], EngineVersion=was["engine_version"], DatabaseName="shop", VpcSecurityGroupIds=[group], DBSubnetGroupName="data",
            MasterUsername=was["master_username"], MasterUserPassword=was["master_password"], BackupRetentionPeriod=was["backup_retention_period"], Port=was["port"],
            DeletionProtection=was["deletion_protection"], PreferredBackupWindow=was["preferred_backup_window"], PreferredMaintenanceWindow=was["preferred_maintenance_window"],
            CopyTagsToSnapshot=was["copy_tags_to_snapshot"], DBClusterParameterGroupName=was["db_cluster_parameter_group_name"],
            EnableIAMDatabaseAuthentication=was["iam_database_authentication_enabled"], EnableCloudwatchLogsExports=was["enabled_cloudwatch_logs_exports"],
            Tags=[{"Key": "Team", "Value": "data"}])
        rds.create_db_instance(
            DBInstanceIdentifier=instance["identifier"], DBClusterIdentifier="orders", Engine=was["engine"], DBInstanceClass=instance["instance_class"],
            AvailabilityZone=instance["availability_zone"], PromotionTier=instance["promotion_tier"], DBParameterGroupName=instance["db_parameter_group_name"],
            MonitoringInterval=instance["monitoring_interval"], MonitoringRoleArn=instance["monitoring_role_arn"])
        for _ in range(3):
            live = rds.describe_db_clusters(DBClusterIdentifier="orders")["DBClusters"][0]
            own = rds.describe_db_instances(DBInstanceIdentifier=instance["identifier"])["DBInstances"][0]
        self.endpoint, self.resource = live["Endpoint"], live["DbClusterResourceId"]
        application.psql(self.endpoint, "app", was["master_password"], "shop", estate.SMALL_DATA)
        application.psql(self.endpoint, "app", was["master_password"], "shop",
                         f"CREATE ROLE {application.USER} LOGIN PASSWORD '{application.PASSWORD}'; GRANT SELECT, INSERT ON events TO {application.USER};"
                         f"GRANT USAGE ON SEQUENCE events_id_seq TO {application.USER}")
        return {"aws_rds_cluster.orders": {"cluster_resource_id": self.resource, "vpc_security_group_ids": [group], "endpoint": live["Endpoint"],
                                           "reader_endpoint": live["ReaderEndpoint"]},
                "aws_rds_cluster_instance.writer": {"dbi_resource_id": own["DbiResourceId"], "ca_cert_identifier": own["CACertificateIdentifier"]}}

    def plan_flags(self):
        return ["--strategy", "blue-green"]

    def reconciled(self, kind, values):
        if kind == "aws_rds_cluster":
            live = self.aws.client("rds").describe_db_clusters(DBClusterIdentifier="orders")["DBClusters"][0]
            values.update(storage_encrypted=live["StorageEncrypted"], kms_key_id=live.get("KmsKeyId", ""), cluster_resource_id=live["DbClusterResourceId"])
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
    same((found[made.replica]["PreferredMaintenanceWindow"], found[made.replica]["BackupRetentionPeriod"]), ("mon:07:00-mon:08:00", 2), "what the replica was given")
    same(len({d["KmsKeyId"] for d in found.values()}), 1, "keys")
    same(found[made.name]["VpcSecurityGroups"], found[made.replica]["VpcSecurityGroups"], "security groups of both")
    kept = [s for s in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"] if "-final-" in s["DBSnapshotIdentifier"]]
    same(sorted(s["DBInstanceIdentifier"] for s in kept), [made.name + "-old", made.replica + "-old"], "final snapshots")
    same(aws.sql(made.name, ROWS, "z360"), WHOLE, "rows")
    same(aws.ask("/world")["services"], {"z360-staging-web": 2}, "services")


def until_it_stops(made, run):
    """Applies and resumes as a job does; the first ending that is no waiting."""
    person = estate.person(made, run)
    for _ in range(40):
        done = run.apply("resume" if os.path.exists(run.journal) else "apply")
        if done.returncode != 6:
            return done
        status = run.status()
        if not any([person(item) for item in status["waiting"]]):
            run.move_to(status["due"])
            made.aws.world(clock_offset=run.offset)
    raise RuntimeError("waits for ever")


def serves_as_before(made, was):
    """Nothing of a change that was taken back is left for the users: the very same instance, open, with every row."""
    live = made.aws.client("rds").describe_db_instances(DBInstanceIdentifier=made.name)["DBInstances"][0]
    for what in ("DbiResourceId", "VpcSecurityGroups", "Endpoint", "StorageEncrypted", "ReadReplicaDBInstanceIdentifiers"):
        same(live[what], was[what], what)
    made.aws.client("ecs").describe_services(cluster="z360-staging", services=["z360-staging-web"])
    same(made.aws.ask("/world")["services"], {"z360-staging-web": 2}, "services")
    same(made.aws.sql(made.name, ROWS, "z360"), WHOLE, "rows")
    # The application gets in from its own network, and its rows stay.
    made.aws.world(sources={"z360": {"address": "10.36.10.7", "groups": [g["VpcSecurityGroupId"] for g in was["VpcSecurityGroups"]] + [made.services]}})
    application.psql(made.endpoint, "z360", estate.PASSWORD, "z360", "INSERT INTO customers (name) VALUES ('afterwards')")
    made.aws.world(sources={"z360": {"address": "10.99.0.10"}})


def start(aws, folder):
    made = Instance(aws, folder).build()
    return made, aws.client("rds").describe_db_instances(DBInstanceIdentifier=made.name)["DBInstances"][0]


def restore_fails(aws, folder):
    """The copy cannot be restored: fence and stop are taken back at once, without a person."""
    made, was = start(aws, folder)
    aws.world(holds={made.name + "-encrypted": "incompatible-restore"})
    run = made.run(folder=os.path.join(folder, "run"))
    done = until_it_stops(made, run)
    same(done.returncode, 5, "exit")
    check("going back" in done.stderr and "incompatible-restore" in done.stderr, done.stderr)
    serves_as_before(made, was)
    same(run.apply("rollback").returncode, 0, "exit of rollback")
    serves_as_before_again(made)
    run.scan_files()


def serves_as_before_again(made):
    same(made.aws.sql(made.name, "SELECT count(*) FROM customers WHERE name = 'afterwards'", "z360"), ["1"], "rows written since")


def swap_fails(aws, folder):
    """The old instance has left its name already when the new one may not take it: the old one gets it back."""
    made, was = start(aws, folder)
    aws.faults({"action": "ModifyDBInstance", "match": {"DBInstanceIdentifier": made.name + "-encrypted", "NewDBInstanceIdentifier": made.name},
                "code": "AccessDenied", "status": 403, "times": 10**6})
    run = made.run(folder=os.path.join(folder, "run"))
    done = until_it_stops(made, run)
    same(done.returncode, 5, "exit")
    check("going back" in done.stderr, done.stderr)
    serves_as_before(made, was)
    run.scan_files()


def documents(aws, folder):
    """DocumentDB and Neptune through their own endpoints of the API; a person looks at their content."""
    made = Documents(aws, folder).build()
    to_the_end(made, os.path.join(folder, "run"))
    rds = aws.client("rds")
    found = {c["DBClusterIdentifier"]: c for c in rds.describe_db_clusters()["DBClusters"]}
    same(sorted(found), ["catalog", "graph"], "clusters")
    check(all(c["StorageEncrypted"] and c["DeletionProtection"] for c in found.values()), f"not encrypted or not protected: {found}")
    same({name: [m["DBInstanceIdentifier"] for m in c["DBClusterMembers"]] for name, c in found.items()}, {"catalog": ["catalog-0"], "graph": ["graph-0"]}, "members")
    kept = [s["DBClusterIdentifier"] for s in rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"] if "-final-" in s["DBClusterSnapshotIdentifier"]]
    same(sorted(kept), ["catalog-old", "graph-old"], "final snapshots")


def stores(aws, folder):
    made = Stores(aws, folder).build()
    to_the_end(made, os.path.join(folder, "run"))
    with open(made.state, encoding="utf-8") as source:
        values = {r["address"]: r["values"] for r in json.load(source)["values"]["root_module"]["resources"]}
    key = values["aws_kms_key.data"]["arn"]
    table = aws.client("dynamodb").describe_table(TableName="sessions")["Table"]
    same((table["SSEDescription"]["KMSMasterKeyArn"], table["DeletionProtectionEnabled"]), (key, True), "table")
    backups = aws.client("dynamodb").describe_continuous_backups(TableName="sessions")["ContinuousBackupsDescription"]
    same(backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "ENABLED", "point-in-time recovery")
    warehouse = aws.client("redshift").describe_clusters()["Clusters"][0]
    same((warehouse["Encrypted"], warehouse["KmsKeyId"], warehouse["PubliclyAccessible"]), (True, key, False), "warehouse")
    same(len(aws.client("redshift").describe_cluster_snapshots(ClusterIdentifier="warehouse", SnapshotType="manual")["Snapshots"]), 1, "snapshots of the warehouse")
    check(aws.client("elasticache").describe_replication_groups()["ReplicationGroups"][0]["SnapshotRetentionLimit"] > 0, "the cache has no snapshots")
    s3 = aws.client("s3")
    same(s3.get_public_access_block(Bucket="documents")["PublicAccessBlockConfiguration"], dict.fromkeys(BLOCKS, True), "public access to the bucket")
    same(s3.get_bucket_versioning(Bucket="documents")["Status"], "Enabled", "versions of the bucket")
    rule = s3.get_bucket_encryption(Bucket="documents")["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    same((rule["SSEAlgorithm"], rule["KMSMasterKeyID"]), ("aws:kms", key), "encryption of the bucket")
    same(s3.get_object(Bucket="documents", Key="before.pdf")["Body"].read(), b"CANARY-document", "what was in the bucket")
    reports = aws.client("rds").describe_db_instances()["DBInstances"][0]
    check(reports["BackupRetentionPeriod"] > 0 and reports["DeletionProtection"] and not reports["PubliclyAccessible"], f"instance: {reports}")


def blue_green(aws, folder):
    """The green cluster follows the blue one while it is written to, and has every row when it takes the names."""
    made = BlueGreen(aws, folder).build()
    writer = application.Writer("orders", lambda: made.endpoint, "shop", lambda: True)
    writer.start()
    try:
        to_the_end(made, os.path.join(folder, "run"))
        before = len(writer.acknowledged)
        deadline = time.monotonic() + 60
        while len(writer.acknowledged) < before + 10:
            check(time.monotonic() < deadline, "nobody can write after the switchover")
            time.sleep(0.05)
    finally:
        writer.stop()
    stored = aws.sql("orders", "SELECT token FROM events", "shop")
    same(application.lost_and_doubled(writer.acknowledged, stored), ([], []), "rows lost and doubled")
    rds = aws.client("rds")
    found = {c["DBClusterIdentifier"]: c for c in rds.describe_db_clusters()["DBClusters"]}
    same(sorted(found), ["orders"], "clusters")
    check(found["orders"]["StorageEncrypted"] and found["orders"]["DeletionProtection"], f"not encrypted or not protected: {found}")
    check(found["orders"]["DbClusterResourceId"] != made.resource, "it is the old one")
    same([m["DBInstanceIdentifier"] for m in found["orders"]["DBClusterMembers"]], ["orders-0"], "members")


CASES = {"blue-green": (blue_green, BlueGreen), "stores": (stores, Stores), "documents": (documents, Documents), "instance": (instance, Instance), "restore-fails": (restore_fails, Instance), "swap-fails": (swap_fails, Instance)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []])
    parser.add_argument("--keep", action="store_true")
    flags = parser.parse_args()
    running.clients()
    if postgres_server.missing():
        raise running.Skip(postgres_server.missing())
    chosen = [(name, *CASES[name]) for name in flags.cases or CASES]
    return cases.run("databases", [(name, case, made.flags, {"account": made.account}) for name, case, made in chosen], flags.keep)


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
