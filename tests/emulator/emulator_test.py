#!/usr/bin/env python3
"""Every correction of the emulator holds: one check each, so that an upgrade of moto cannot take one away unseen.

Exit 77 where moto or boto3 is missing; the checks of real databases are skipped where PostgreSQL is.
"""

import json
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import postgres_server  # noqa: E402
import running  # noqa: E402

AURORA = {"Engine": "aurora-postgresql", "EngineVersion": "16.4", "MasterUsername": "owner", "MasterUserPassword": "CANARY-emulator-0002"}


class Case(unittest.TestCase):
    flags = ()

    @classmethod
    def setUpClass(cls):
        cls.aws = running.Emulator(*cls.flags).__enter__()
        cls.addClassCleanup(cls.aws.__exit__)
        for name in ("rds", "kms", "secretsmanager", "ecs", "cloudtrail", "logs", "s3", "backup", "ec2", "cloudwatch"):
            setattr(cls, name, cls.aws.client(name))

    def setUp(self):
        self.aws.reset()
        self.aws.world(pending=0, holds={}, denied_keys=[], failing_rollouts=[], clock_offset=0)

    def refused(self, code, call, **parameters):
        from botocore.exceptions import ClientError
        with self.assertRaises(ClientError) as caught:
            call(**parameters)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)

    def cluster(self, name="orders", **more):
        self.rds.create_db_cluster(DBClusterIdentifier=name, **{**AURORA, **more})
        self.rds.create_db_instance(DBInstanceIdentifier=name + "-1", DBInstanceClass="db.serverless",
                                    Engine="aurora-postgresql", DBClusterIdentifier=name)
        self.rds.describe_db_clusters()
        self.rds.describe_db_instances()
        return self.shown(name)

    def shown(self, name):
        return self.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]

    def snapshot(self, name="s1", cluster="orders"):
        self.rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=name, DBClusterIdentifier=cluster)
        return self.rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)["DBClusterSnapshots"][0]

    def key(self):
        return self.kms.create_key()["KeyMetadata"]["Arn"]

    def restore(self, name="copy", snapshot="s1", **more):
        self.rds.restore_db_cluster_from_snapshot(DBClusterIdentifier=name, SnapshotIdentifier=snapshot, Engine="aurora-postgresql", **more)
        return self.shown(name)


class Databases(Case):
    def test_unencrypted_has_no_key_and_encrypted_has_one(self):
        self.assertNotIn("KmsKeyId", self.cluster())
        self.assertRegex(self.cluster("safe", StorageEncrypted=True)["KmsKeyId"], "^arn:aws:kms:")

    def test_copy_of_an_unencrypted_snapshot_takes_no_key(self):
        self.cluster()
        self.snapshot()
        self.refused("InvalidParameterCombination", self.rds.copy_db_cluster_snapshot, KmsKeyId=self.key(),
                     SourceDBClusterSnapshotIdentifier="s1", TargetDBClusterSnapshotIdentifier="s2")

    def test_restore_with_a_key_is_encrypted_and_forgets_settings(self):
        group = self.ec2.create_security_group(GroupName="g", Description="g")["GroupId"]
        self.cluster(DeletionProtection=True, VpcSecurityGroupIds=[group], EnableCloudwatchLogsExports=["postgresql"],
                     ServerlessV2ScalingConfiguration={"MinCapacity": 1, "MaxCapacity": 2})
        self.snapshot()
        key = self.key()
        copy = self.restore(KmsKeyId=key)
        self.assertTrue(copy["StorageEncrypted"])
        self.assertEqual(copy["KmsKeyId"], key)
        self.assertFalse(copy["DeletionProtection"])
        self.assertEqual(copy["VpcSecurityGroups"], [])
        self.assertNotIn("ServerlessV2ScalingConfiguration", copy)
        self.assertEqual(copy.get("EnabledCloudwatchLogsExports", []), [])

    def test_names_that_are_taken(self):
        self.cluster()
        self.cluster("other")
        self.snapshot()
        fault = "DBClusterAlreadyExistsFault"
        self.refused(fault, self.rds.restore_db_cluster_from_snapshot, DBClusterIdentifier="other", SnapshotIdentifier="s1", Engine="aurora-postgresql")
        self.refused(fault, self.rds.modify_db_cluster, DBClusterIdentifier="orders", NewDBClusterIdentifier="other", ApplyImmediately=True)
        self.refused(fault, self.rds.create_db_cluster, DBClusterIdentifier="other", **AURORA)
        self.refused("DBInstanceAlreadyExists", self.rds.modify_db_instance, DBInstanceIdentifier="orders-1", NewDBInstanceIdentifier="other-1")

    def test_automated_snapshots_go_with_their_cluster(self):
        self.cluster()
        self.snapshot()
        for _ in range(2):  # in the same minute, so that the name of the automated snapshot is the same
            self.rds.restore_db_cluster_from_snapshot(DBClusterIdentifier="copy", SnapshotIdentifier="s1", Engine="aurora-postgresql")
            self.assertEqual(self.shown("copy")["Status"], "available")
            self.rds.delete_db_cluster(DBClusterIdentifier="copy", SkipFinalSnapshot=True)
            self.refused("DBClusterNotFoundFault", self.rds.describe_db_clusters, DBClusterIdentifier="copy")
        self.assertEqual([s["DBClusterIdentifier"] for s in self.rds.describe_db_cluster_snapshots(SnapshotType="automated")["DBClusterSnapshots"]], ["orders"])

    def test_endpoints_are_named_and_targets_follow_renames(self):
        self.cluster()
        self.rds.create_db_cluster_endpoint(DBClusterIdentifier="orders", DBClusterEndpointIdentifier="reports", EndpointType="READER")
        self.assertEqual([host.split(".")[0] for host in self.shown("orders")["CustomEndpoints"]], ["reports"])
        self.rds.create_db_proxy(DBProxyName="proxy", EngineFamily="POSTGRESQL", Auth=[{"AuthScheme": "SECRETS"}], RoleArn="arn:aws:iam::123456789012:role/r", VpcSubnetIds=[self.ec2.describe_subnets()["Subnets"][0]["SubnetId"]])
        self.rds.register_db_proxy_targets(DBProxyName="proxy", DBClusterIdentifiers=["orders"])
        self.rds.modify_db_cluster(DBClusterIdentifier="orders", NewDBClusterIdentifier="orders-old", ApplyImmediately=True)
        self.assertEqual([t["RdsResourceId"] for t in self.rds.describe_db_proxy_targets(DBProxyName="proxy")["Targets"]], ["orders-old"])
        self.assertEqual([e["DBClusterIdentifier"] for e in self.rds.describe_db_cluster_endpoints()["DBClusterEndpoints"]], ["orders-old"])
        self.rds.deregister_db_proxy_targets(DBProxyName="proxy", DBClusterIdentifiers=["orders-old"])
        self.assertEqual(self.rds.describe_db_proxy_targets(DBProxyName="proxy")["Targets"], [])

    def test_point_in_time_restore_of_an_unencrypted_cluster_takes_no_key(self):
        self.cluster()
        self.refused("InvalidParameterCombination", self.rds.restore_db_cluster_to_point_in_time, DBClusterIdentifier="x",
                     SourceDBClusterIdentifier="orders", UseLatestRestorableTime=True, KmsKeyId=self.key())

    def test_members_stay_with_their_cluster_and_endpoints_with_the_name(self):
        endpoint = self.cluster()["Endpoint"]
        self.cluster("copy")
        rename = self.rds.modify_db_cluster
        rename(DBClusterIdentifier="orders", NewDBClusterIdentifier="orders-old", ApplyImmediately=True)
        self.rds.describe_db_clusters()
        rename(DBClusterIdentifier="copy", NewDBClusterIdentifier="orders", ApplyImmediately=True)
        new = self.shown("orders")
        self.assertEqual([m["DBInstanceIdentifier"] for m in new["DBClusterMembers"]], ["copy-1"])
        self.assertEqual(new["Endpoint"], endpoint)
        self.assertEqual([m["DBInstanceIdentifier"] for m in self.shown("orders-old")["DBClusterMembers"]], ["orders-1"])

    def test_modify_of_a_missing_cluster(self):
        self.refused("DBClusterNotFoundFault", self.rds.modify_db_cluster, DBClusterIdentifier="nobody")

    def test_keys_that_cannot_be_used(self):
        self.cluster()
        self.snapshot()
        off, denied = self.key(), self.key()
        self.kms.disable_key(KeyId=off)
        self.aws.world(denied_keys=[denied])
        for key in (off, denied, off[:-12] + "000000000000"):
            self.refused("KMSKeyNotAccessibleFault", self.rds.restore_db_cluster_from_snapshot, DBClusterIdentifier="copy",
                         SnapshotIdentifier="s1", Engine="aurora-postgresql", KmsKeyId=key)

    def test_things_take_time(self):
        self.cluster()
        self.aws.world(pending=2)
        states = [self.snapshot()["Status"]]
        states += [self.rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="s1")["DBClusterSnapshots"][0]["Status"] for _ in range(2)]
        self.assertEqual(states, ["creating", "creating", "available"])
        self.rds.modify_db_cluster(DBClusterIdentifier="orders", NewDBClusterIdentifier="new", ApplyImmediately=True)
        self.assertEqual(self.shown("orders")["Status"], "renaming")
        self.refused("InvalidDBClusterStateFault", self.rds.create_db_cluster_snapshot, DBClusterSnapshotIdentifier="s2", DBClusterIdentifier="orders")
        for _ in range(8):
            self.rds.describe_db_clusters()
        self.assertEqual(self.shown("new")["Status"], "available")
        self.rds.delete_db_instance(DBInstanceIdentifier="orders-1", SkipFinalSnapshot=True)
        self.assertEqual(self.rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"], "deleting")

    def test_holds(self):
        self.aws.world(holds={"s1": "never", "copy": "incompatible-restore"}, pending=1)
        self.cluster()
        for _ in range(4):
            self.rds.describe_db_clusters()
        self.snapshot()
        for _ in range(9):
            status = self.rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="s1")["DBClusterSnapshots"][0]["Status"]
        self.assertEqual(status, "creating")
        self.snapshot("s2")
        for _ in range(3):
            self.rds.describe_db_cluster_snapshots()
        self.restore(snapshot="s2")
        for _ in range(3):
            self.rds.describe_db_clusters()
        self.assertEqual(self.shown("copy")["Status"], "incompatible-restore")

    def test_deletion_says_what_happens_to_backups(self):
        self.cluster()
        self.rds.delete_db_instance(DBInstanceIdentifier="orders-1")
        self.refused("InvalidParameterCombination", self.rds.delete_db_cluster, DBClusterIdentifier="orders")
        backups = self.rds.describe_db_cluster_automated_backups
        self.assertEqual([b["Status"] for b in backups()["DBClusterAutomatedBackups"]], ["active"])
        self.rds.delete_db_cluster(DBClusterIdentifier="orders", FinalDBSnapshotIdentifier="last", DeleteAutomatedBackups=False)
        self.assertEqual([b["Status"] for b in backups()["DBClusterAutomatedBackups"]], ["retained"])

    def test_retention_has_a_limit(self):
        self.refused("InvalidParameterValue", self.rds.create_db_cluster, DBClusterIdentifier="x", BackupRetentionPeriod=99, **AURORA)

    def test_instances_have_ids_of_their_own(self):
        self.cluster()
        self.cluster("other")
        ids = {i["DbiResourceId"] for i in self.rds.describe_db_instances()["DBInstances"]}
        self.assertEqual(len(ids), 2)

    def test_sessions_are_reported(self):
        import datetime
        self.cluster()
        now = datetime.datetime.now(datetime.timezone.utc)
        metric = {"Namespace": "AWS/RDS", "MetricName": "DatabaseConnections", "Dimensions": [{"Name": "DBClusterIdentifier", "Value": "orders"}]}
        found = self.cloudwatch.get_metric_data(
            StartTime=now - datetime.timedelta(minutes=5), EndTime=now + datetime.timedelta(minutes=1),
            MetricDataQueries=[{"Id": "c", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}])
        self.assertEqual(found["MetricDataResults"][0]["Values"], [0.0])


class Keys(Case):
    def test_keys_that_are_off(self):
        key = self.key()
        sealed = self.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "bc"})["CiphertextBlob"]
        self.refused("InvalidCiphertextException", self.kms.decrypt, CiphertextBlob=sealed, EncryptionContext={"ab": "c"})
        self.kms.disable_key(KeyId=key)
        self.refused("DisabledException", self.kms.encrypt, KeyId=key, Plaintext=b"x")
        self.refused("DisabledException", self.kms.decrypt, CiphertextBlob=sealed, EncryptionContext={"a": "bc"})

    def test_usage_has_a_default(self):
        self.assertEqual(self.kms.describe_key(KeyId=self.key())["KeyMetadata"]["KeyUsage"], "ENCRYPT_DECRYPT")

    def test_rotation_period(self):
        key = self.key()
        self.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
        self.assertEqual(self.kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"], 180)

    def test_primary_stays_primary(self):
        key = self.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
        self.kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
        self.assertEqual(self.kms.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]["MultiRegionKeyType"], "PRIMARY")


class Secrets(Case):
    def test_moved_stage_is_what_is_read(self):
        first = self.secretsmanager.create_secret(Name="s", SecretString="CANARY-1")["VersionId"]
        second = self.secretsmanager.put_secret_value(SecretId="s", SecretString="CANARY-2", VersionStages=["AWSPENDING"])["VersionId"]
        self.secretsmanager.update_secret_version_stage(SecretId="s", VersionStage="AWSCURRENT", RemoveFromVersionId=first, MoveToVersionId=second)
        self.assertEqual(self.secretsmanager.get_secret_value(SecretId="s")["VersionId"], second)

    def test_reads_are_in_the_trail(self):
        self.secretsmanager.create_secret(Name="s", SecretString="CANARY-1")
        self.secretsmanager.get_secret_value(SecretId="s")
        events = self.cloudtrail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetSecretValue"}])["Events"]
        self.assertIn("s", [r["ResourceName"] for e in events for r in e["Resources"]])
        self.assertNotIn("CANARY", str(events))


class Backups(Case):
    def test_jobs_leave_recovery_points(self):
        self.backup.create_backup_vault(BackupVaultName="safe")
        arn = "arn:aws:rds:us-east-1:123456789012:cluster:orders"
        job = self.backup.start_backup_job(BackupVaultName="safe", ResourceArn=arn, IamRoleArn="arn:aws:iam::123456789012:role/b")["BackupJobId"]
        self.assertEqual(self.backup.describe_backup_job(BackupJobId=job)["State"], "COMPLETED")
        for found in (self.backup.list_recovery_points_by_backup_vault(BackupVaultName="safe"), self.backup.list_recovery_points_by_resource(ResourceArn=arn)):
            self.assertEqual([p["Status"] for p in found["RecoveryPoints"]], ["COMPLETED"])

    def test_vaults_have_policies(self):
        self.backup.create_backup_vault(BackupVaultName="safe")
        self.refused("ResourceNotFoundException", self.backup.get_backup_vault_access_policy, BackupVaultName="safe")
        self.backup.put_backup_vault_access_policy(BackupVaultName="safe", Policy='{"Version": "2012-10-17"}')
        self.assertIn("2012", self.backup.get_backup_vault_access_policy(BackupVaultName="safe")["Policy"])

    def test_plans_have_selections(self):
        self.backup.create_backup_vault(BackupVaultName="safe")
        rule = {"RuleName": "daily", "TargetBackupVaultName": "safe", "ScheduleExpression": "cron(0 3 * * ? *)"}
        plan = self.backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [rule]})["BackupPlanId"]
        chosen = {"SelectionName": "all", "IamRoleArn": "arn:aws:iam::123456789012:role/b", "Resources": ["*"]}
        made = self.backup.create_backup_selection(BackupPlanId=plan, BackupSelection=chosen)["SelectionId"]
        self.assertEqual([s["SelectionId"] for s in self.backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]], [made])


class LogGroups(Case):
    def test_a_key_has_to_admit_the_service(self):
        logs, key = self.aws.client("logs"), self.key()
        arn = self.kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
        logs.create_log_group(logGroupName="/app")
        self.refused("InvalidParameterException", logs.associate_kms_key, logGroupName="/app", kmsKeyId=arn)
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"},
                                                         {"Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"}, "Action": "kms:Encrypt*", "Resource": "*"}]}
        self.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
        logs.associate_kms_key(logGroupName="/app", kmsKeyId=arn)
        self.assertEqual(logs.describe_log_groups()["logGroups"][0]["kmsKeyId"], arn)
        logs.disassociate_kms_key(logGroupName="/app")
        self.assertNotIn("kmsKeyId", logs.describe_log_groups()["logGroups"][0])


class Services(Case):
    def service(self, name="api", secret=None, **more):
        self.ecs.create_cluster(clusterName="prod")
        definition = self.definition(name, secret)
        self.ecs.create_service(cluster="prod", serviceName=name, taskDefinition=definition, desiredCount=2, **more)
        self.look(name)
        return definition

    def definition(self, family, secret=None):
        try:
            self.logs.create_log_group(logGroupName="/app")
        except self.logs.exceptions.ResourceAlreadyExistsException:
            pass
        container = {"name": "app", "image": "i", "cpu": 1, "memory": 128, "environment": [],
                     "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/app", "awslogs-region": "us-east-1"}}}
        if secret:
            container["secrets"] = [{"name": "KEY", "valueFrom": secret}]
        return self.ecs.register_task_definition(family=family, containerDefinitions=[container], executionRoleArn="arn:aws:iam::123456789012:role/exec")["taskDefinition"]["taskDefinitionArn"]

    def look(self, name="api"):
        return self.ecs.describe_services(cluster="prod", services=[name])["services"][0]

    def test_rollout_takes_time_and_drains(self):
        self.service()
        self.aws.world(pending=1)
        new = self.definition("api")
        self.ecs.update_service(cluster="prod", service="api", taskDefinition="api:2")
        during, after = self.look(), self.look()
        self.assertEqual([d["status"] for d in during["deployments"]], ["PRIMARY", "ACTIVE"])
        self.assertEqual(during["deployments"][0]["rolloutState"], "IN_PROGRESS")
        self.assertEqual([(d["taskDefinition"], d["rolloutState"], d["runningCount"]) for d in after["deployments"]], [(new, "COMPLETED", 2)])
        self.assertEqual(after["availabilityZoneRebalancing"], "DISABLED")

    def test_stopping_a_service(self):
        self.service()
        self.ecs.update_service(cluster="prod", service="api", desiredCount=0)
        self.assertEqual(self.look()["runningCount"], 0)

    def test_tasks_read_their_secrets(self):
        arn = self.secretsmanager.create_secret(Name="k", SecretString="CANARY-1")["ARN"]
        self.aws.world(task_lines=["hello"])
        self.service(secret=arn)
        events = self.cloudtrail.lookup_events(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": arn}])["Events"]
        self.assertEqual([e["Username"] for e in events], ["exec", "exec"])
        self.assertEqual(len(self.logs.filter_log_events(logGroupName="/app", filterPattern="hello")["events"]), 2)

    def test_failing_rollout_goes_back(self):
        old = self.service()
        self.definition("api", "arn:aws:secretsmanager:us-east-1:123456789012:secret:missing-AbCdEf")
        self.ecs.update_service(cluster="prod", service="api", taskDefinition="api:2",
                                deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}})
        self.assertIn("FAILED", [d["rolloutState"] for d in self.look()["deployments"]])
        self.assertEqual(self.look()["taskDefinition"], old)


class FaultInjection(Case):
    def test_rest_services_have_names(self):
        self.s3.create_bucket(Bucket="bucket-1")
        self.aws.faults({"action": "PutObject", "code": "SlowDown", "status": 503}, {"action": "ListBackupVaults", "code": "ThrottlingException"})
        self.refused("SlowDown", self.s3.put_object, Bucket="bucket-1", Key="k", Body=b"x")
        self.refused("ThrottlingException", self.backup.list_backup_vaults)
        self.s3.put_object(Bucket="bucket-1", Key="k", Body=b"x")
        self.assertEqual([c["action"] for c in self.aws.calls()], ["CreateBucket", "PutObject", "ListBackupVaults", "PutObject"])

    def test_lost_reply_and_lost_request(self):
        from botocore.exceptions import ConnectionClosedError
        self.aws.faults({"action": "*", "changing": True, "nth": 2, "after": True}, {"action": "CreateKey", "nth": 4, "drop": True})
        self.kms.create_key()
        for _ in range(2):
            with self.assertRaises(ConnectionClosedError):
                self.kms.create_key() if _ == 0 else (self.kms.create_key(), self.kms.create_key())
        self.assertEqual(len(self.kms.list_keys()["Keys"]), 3)

    def test_kill_at_the_nth_request(self):
        process = subprocess.Popen(["sleep", "60"])
        self.aws.faults({"action": "*", "nth": 2, "signal": "KILL", "pid": process.pid, "when": "before"})
        self.kms.list_keys()
        self.assertIsNone(process.poll())
        with self.assertRaises(Exception):
            self.kms.create_key()
        self.assertEqual(process.wait(5), -9)
        self.assertEqual(self.kms.list_keys()["Keys"], [])

    def test_the_log_names_and_keeps_secrets(self):
        self.secretsmanager.create_secret(Name="n", SecretString="CANARY-log")
        call = self.aws.calls()[-1]
        self.assertEqual((call["action"], call["changing"], call["named"].get("Name"), call["status"]), ("CreateSecret", True, "n", 200))
        self.assertNotIn("CANARY", str(call))

    def test_latency_does_not_serialise(self):
        from concurrent.futures import ThreadPoolExecutor
        self.kms.list_keys()
        self.aws.faults({"action": "*", "times": 99, "delay_ms": 300})
        start = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: self.kms.list_keys(), range(8)))
        self.assertLess(time.monotonic() - start, 1.8)


@unittest.skipIf(postgres_server.missing(), postgres_server.missing() or "")
class RealDatabases(Case):
    flags = ("--postgres",)

    def psql(self, endpoint, sql, user="owner", password="CANARY-emulator-0002"):
        done = subprocess.run([postgres_server.program("psql"), "-XAtq", "-c", sql, f"host={endpoint} port=5432 user={user} dbname=shop connect_timeout=5"],
                              env={**os.environ, "PGPASSWORD": password}, capture_output=True, text=True)
        return done.returncode, done.stdout.strip()

    def shop(self):
        self.aws.world(sources={"*": {"address": "10.1.0.5"}}, keep_connections=True, tamper={})
        self.group = self.ec2.create_security_group(GroupName="db", Description="db")["GroupId"]
        self.ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.1.0.0/16"}]}])
        endpoint = self.cluster(DatabaseName="shop", VpcSecurityGroupIds=[self.group])["Endpoint"]
        self.assertEqual(self.psql(endpoint, "CREATE TABLE t (id serial, v text); INSERT INTO t (v) VALUES ('a'), ('b')"), (0, ""))
        return endpoint

    def test_restore_brings_the_data_of_the_snapshot(self):
        endpoint = self.shop()
        self.snapshot()
        self.psql(endpoint, "INSERT INTO t (v) VALUES ('late')")
        self.aws.world(tamper={"broken": [{"database": "shop", "sql": "DELETE FROM t WHERE id = 1"}]})
        counts = {}
        for name in ("copy", "broken"):
            copy = self.restore(name, VpcSecurityGroupIds=[self.group])
            self.assertNotEqual(self.psql(copy["Endpoint"], "SELECT 1")[0], 0)  # no instance yet
            self.rds.create_db_instance(DBInstanceIdentifier=name + "-1", DBInstanceClass="db.serverless", Engine="aurora-postgresql", DBClusterIdentifier=name)
            counts[name] = self.psql(copy["Endpoint"], "SELECT count(*) FROM t")
        self.assertEqual(counts, {"copy": (0, "2"), "broken": (0, "1")})
        self.assertEqual(self.psql(endpoint, "SELECT count(*) FROM t"), (0, "3"))

    def test_groups_close_the_network(self):
        endpoint = self.shop()
        closed = self.ec2.create_security_group(GroupName="closed", Description="closed")["GroupId"]
        session = subprocess.Popen([postgres_server.program("psql"), "-XAtq", f"host={endpoint} user=owner dbname=shop"], text=True,
                                   env={**os.environ, "PGPASSWORD": "CANARY-emulator-0002"}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        session.stdin.write("SELECT 'in';\n")
        session.stdin.flush()
        self.assertEqual(session.stdout.readline(), "in\n")
        self.rds.modify_db_cluster(DBClusterIdentifier="orders", VpcSecurityGroupIds=[closed], ApplyImmediately=True)
        self.assertNotEqual(self.psql(endpoint, "SELECT 1")[0], 0)
        session.stdin.write("SELECT 'still in';\n")  # as on AWS: what is connected stays
        session.stdin.flush()
        self.assertEqual(session.stdout.readline(), "still in\n")
        session.communicate(timeout=5)
        self.aws.world(sources={"*": {"address": "10.1.0.5"}, "owner": {"address": "0.0.0.0", "always": True}})
        self.assertEqual(self.psql(endpoint, "SELECT 1"), (0, "1"))

    def test_the_name_moves_and_the_data_with_it(self):
        endpoint = self.shop()
        self.snapshot()
        self.restore("copy", VpcSecurityGroupIds=[self.group])
        self.rds.create_db_instance(DBInstanceIdentifier="copy-1", DBInstanceClass="db.serverless", Engine="aurora-postgresql", DBClusterIdentifier="copy")
        self.aws.sql("copy", "INSERT INTO t (v) VALUES ('only in the copy')", "shop")
        self.rds.describe_db_clusters()
        for old, new in (("orders", "orders-old"), ("copy", "orders")):
            self.rds.modify_db_cluster(DBClusterIdentifier=old, NewDBClusterIdentifier=new, ApplyImmediately=True)
            self.rds.describe_db_clusters()
        self.assertEqual(self.shown("orders")["Endpoint"], endpoint)
        self.assertEqual(self.psql(endpoint, "SELECT count(*) FROM t"), (0, "3"))


def main():
    running.clients()
    with running.Emulator():
        pass  # a Skip, where moto is missing
    return running.run_tests()


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
