#!/usr/bin/env python3
"""What stands beside a database or a key, through the real binary.

  moved   a cluster with everything around it that a restore does not bring along: a reader, a role, a custom endpoint,
          auto scaling of readers, a proxy
  keys    a log group and a bucket under a customer-managed key, whose policy has to admit the services first
Exit 77: moto, boto3 or PostgreSQL is missing.
"""

import copy
import json
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import databases  # noqa: E402
import estate  # noqa: E402
import postgres_server  # noqa: E402
import running  # noqa: E402
from repeated import repeated_changes  # noqa: E402

ROLE = "arn:aws:iam::108782097218:role/s3-import"
RESOURCE = f"cluster:{estate.CLUSTER}"
READER, ENDPOINT, PROXY = "z360-staging-instance-1", "z360-staging-reports", "z360-staging-proxy"
DIMENSION = "rds:cluster:ReadReplicaCount"
TRACKING = {"TargetValue": 60.0, "ScaleInCooldown": 300, "ScaleOutCooldown": 60, "PredefinedMetricSpecification": {"PredefinedMetricType": "RDSReaderAverageCPUUtilization"}}


class Surrounded(estate.Aurora):
    def make(self):
        values = super().make()
        rds, scaling = self.aws.client("rds"), self.aws.client("application-autoscaling")
        rds.create_db_instance(DBInstanceIdentifier=READER, DBClusterIdentifier=estate.CLUSTER, DBInstanceClass="db.serverless", Engine="aurora-postgresql",
                               PromotionTier=1, Tags=[{"Key": "ManagedBy", "Value": "terraform"}, {"Key": "Project", "Value": "z360"}])
        rds.describe_db_instances()
        rds.add_role_to_db_cluster(DBClusterIdentifier=estate.CLUSTER, RoleArn=ROLE, FeatureName="s3Import")
        rds.create_db_cluster_endpoint(DBClusterIdentifier=estate.CLUSTER, DBClusterEndpointIdentifier=ENDPOINT, EndpointType="READER", StaticMembers=[READER])
        rds.create_db_proxy(DBProxyName=PROXY, EngineFamily="POSTGRESQL", Auth=[{"AuthScheme": "SECRETS", "SecretArn": values["SECRET"], "IAMAuth": "DISABLED"}],
                            RoleArn=ROLE, VpcSubnetIds=[values["SUBNET_A"], values["SUBNET_B"]])
        rds.register_db_proxy_targets(DBProxyName=PROXY, TargetGroupName="default", DBClusterIdentifiers=[estate.CLUSTER])
        scaling.register_scalable_target(ServiceNamespace="rds", ResourceId=RESOURCE, ScalableDimension=DIMENSION, MinCapacity=1, MaxCapacity=4)
        scaling.put_scaling_policy(PolicyName="cpu", ServiceNamespace="rds", ResourceId=RESOURCE, ScalableDimension=DIMENSION, PolicyType="TargetTrackingScaling",
                                   TargetTrackingScalingPolicyConfiguration=TRACKING)
        self.reader = rds.describe_db_instances(DBInstanceIdentifier=READER)["DBInstances"][0]
        return values

    def build(self):
        super().build()
        with open(self.state, encoding="utf-8") as source:
            state = json.load(source)
        members = next(r for r in state["resources"] if r["type"] == "aws_rds_cluster_instance")
        reader = copy.deepcopy(members["instances"][0])
        reader["index_key"] = 1
        reader["attributes"].update({"id": READER, "identifier": READER, "arn": self.reader["DBInstanceArn"], "dbi_resource_id": self.reader["DbiResourceId"],
                                     "endpoint": self.reader["Endpoint"]["Address"], "promotion_tier": self.reader.get("PromotionTier", 0), "writer": False})
        members["instances"].append(reader)
        region, account = "us-east-1", self.account

        def add(kind, **attributes):
            state["resources"].append({"mode": "managed", "type": kind, "name": "z360", "provider": members["provider"],
                                       "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}]})

        add("aws_rds_cluster_role_association", db_cluster_identifier=estate.CLUSTER, feature_name="s3Import", role_arn=ROLE, id=f"{estate.CLUSTER},{ROLE}")
        add("aws_rds_cluster_endpoint", cluster_identifier=estate.CLUSTER, cluster_endpoint_identifier=ENDPOINT, custom_endpoint_type="READER", id=ENDPOINT,
            static_members=[READER], excluded_members=[], arn=f"arn:aws:rds:{region}:{account}:cluster-endpoint:{ENDPOINT}")
        add("aws_appautoscaling_target", resource_id=RESOURCE, scalable_dimension=DIMENSION, service_namespace="rds", min_capacity=1, max_capacity=4, id=RESOURCE)
        add("aws_appautoscaling_policy", resource_id=RESOURCE, scalable_dimension=DIMENSION, service_namespace="rds", name="cpu", policy_type="TargetTrackingScaling",
            target_tracking_scaling_policy_configuration=[{"target_value": 60, "scale_in_cooldown": 300, "scale_out_cooldown": 60, "disable_scale_in": False,
                                                           "predefined_metric_specification": [{"predefined_metric_type": "RDSReaderAverageCPUUtilization", "resource_label": ""}]}])
        add("aws_db_proxy_target", db_proxy_name=PROXY, target_group_name="default", db_cluster_identifier=estate.CLUSTER, db_instance_identifier=None,
            rds_resource_id=estate.CLUSTER, type="TRACKED_CLUSTER", id=f"{PROXY}/default/TRACKED_CLUSTER/{estate.CLUSTER}")
        with open(self.state, "w", encoding="utf-8") as out:
            json.dump(state, out)
        return self

    def around(self):
        """What belongs to the cluster beside its settings."""
        rds, scaling = self.aws.client("rds"), self.aws.client("application-autoscaling")
        cluster = rds.describe_db_clusters(DBClusterIdentifier=estate.CLUSTER)["DBClusters"][0]
        targets = [t for _ in range(3) for t in rds.describe_db_proxy_targets(DBProxyName=PROXY)["Targets"]][-1:]
        return {
            "members": sorted(m["DBInstanceIdentifier"] for m in cluster["DBClusterMembers"]),
            "roles": [(r["RoleArn"], r["FeatureName"]) for r in cluster.get("AssociatedRoles", [])],
            "endpoints": [(e["DBClusterIdentifier"], e["DBClusterEndpointIdentifier"], e["CustomEndpointType"], e["StaticMembers"])
                          for e in rds.describe_db_cluster_endpoints()["DBClusterEndpoints"]],
            "proxy": [(t["RdsResourceId"], t["TargetHealth"]["State"]) for t in targets],
            "scaling": [(t["ResourceId"], t["MinCapacity"], t["MaxCapacity"]) for t in scaling.describe_scalable_targets(ServiceNamespace="rds")["ScalableTargets"]],
            "policies": [(p["PolicyName"], p["TargetTrackingScalingPolicyConfiguration"]) for p in scaling.describe_scaling_policies(ServiceNamespace="rds")["ScalingPolicies"]],
        }


def check(true, text):
    if not true:
        raise AssertionError(text)


def moved(aws, folder):
    made = Surrounded(aws, folder).build()
    was = made.around()
    first = aws.client("rds").describe_db_clusters(DBClusterIdentifier=estate.CLUSTER)["DBClusters"][0]
    run = made.run(folder=os.path.join(folder, "run"))
    with open(run.actions, encoding="utf-8") as source:
        plan = json.load(source)
    kinds = {a["kind"] for a in plan["actions"]}
    check({"add_role", "recreate_cluster_endpoint", "register_scaling", "register_proxy_target"} <= kinds, f"the plan has only {sorted(kinds)}")
    # RDS Proxy is what blue/green deployments do not support everywhere: refused, with that reason.
    refused = [s for d in plan["databases"] for s in d["considered"] if s["name"] == "blue-green"]
    check(refused and not refused[0]["chosen"] and "Proxy" in " ".join(refused[0]["reasons"]), f"blue-green: {refused}")
    forced = run.call("plan", made.state, "--config", made.config, "--strategy", "blue-green", "--out", os.path.join(folder, "forced.json"))
    check(forced.returncode == 64 and "Proxy" in forced.stderr and not os.path.exists(os.path.join(folder, "forced.json")), f"--strategy blue-green: {forced.returncode} {forced.stderr}")
    run.to_the_end(estate.person(made, run), clock=lambda offset: aws.world(clock_offset=offset))
    now = aws.client("rds").describe_db_clusters(DBClusterIdentifier=estate.CLUSTER)["DBClusters"][0]
    check(now["StorageEncrypted"] and now["DbClusterResourceId"] != first["DbClusterResourceId"], "the cluster is the old one")
    check(made.around() == was, f"around it: {made.around()}\nwas {was}")
    check(made.end()["rows"] == ["100 200 1000"], f"rows: {made.end()['rows']}")
    doubles = repeated_changes([c for c in aws.calls() if c["account"] == estate.ACCESS_KEY])
    check(not doubles, f"done twice: {doubles}")
    run.scan_files()


class Keys(databases.Stores):
    """The data stores with the log group and the bucket. What a bucket gets are resources of their own, which are
    imported."""

    ignored = ("aws_efs_file_system.shared",)

    def make(self, given):
        chosen = super().make(given)
        self.aws.client("logs").put_retention_policy(logGroupName="/app", retentionInDays=given["aws_cloudwatch_log_group.app"].get("retention_in_days") or 365)
        return chosen

    def empty_plan(self, now, written=None):
        path = super().empty_plan(now, written)
        with open(path, encoding="utf-8") as source:
            plan = json.load(source)
        known = {change["address"] for change in plan["resource_changes"]}
        provider = plan["resource_changes"][0]["provider_name"]
        for address, values in (written or {}).items():
            if address not in known:
                kind, name = address.split(".")
                plan["resource_changes"].append({"address": address, "mode": "managed", "type": kind, "name": name, "provider_name": provider, "change": {
                    "actions": ["no-op"], "before": values, "after": values, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}})
        with open(path, "w", encoding="utf-8") as out:
            json.dump(plan, out)
        return path


def keys(aws, folder):
    made = Keys(aws, folder).build()
    run = made.run(folder=os.path.join(folder, "run"))
    run.to_the_end(estate.person(made, run), clock=lambda offset: aws.world(clock_offset=offset))
    with open(made.state, encoding="utf-8") as source:
        key = next(r["values"]["arn"] for r in json.load(source)["values"]["root_module"]["resources"] if r["address"] == "aws_kms_key.data")
    group = next(g for g in aws.client("logs").describe_log_groups()["logGroups"] if g["logGroupName"] == "/app")
    check(group.get("kmsKeyId") == key, f"log group: {group}")
    s3 = aws.client("s3")
    rule = s3.get_bucket_encryption(Bucket="documents")["ServerSideEncryptionConfiguration"]["Rules"][0]
    check(rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key and rule["BucketKeyEnabled"], f"bucket: {rule}")
    check(s3.get_bucket_versioning(Bucket="documents").get("Status") == "Enabled", "the bucket keeps no versions")
    policy = json.loads(aws.client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    services = [s["Principal"]["Service"] for s in policy["Statement"] if "Service" in s.get("Principal", {})]
    check(sorted(services) == ["cloudtrail.amazonaws.com", "logs.us-east-1.amazonaws.com"], f"the key admits {services}")
    check(any("AWS" in s.get("Principal", {}) for s in policy["Statement"]), "the key has no owner any more")
    doubles = repeated_changes([c for c in aws.calls() if c["account"] == estate.ACCESS_KEY])
    check(not doubles, f"done twice: {doubles}")
    run.scan_files()


CASES = {"moved": (moved, ("--postgres",), estate.Aurora.account), "keys": (keys, (), Keys.account)}


def main():
    running.clients()
    if postgres_server.missing():
        raise running.Skip(postgres_server.missing())
    folder, failed = tempfile.mkdtemp(prefix="tfseal-surroundings-"), []
    for name in sys.argv[1:] or CASES:
        case, flags, account = CASES[name]
        began, word = time.monotonic(), "       OK "
        try:
            with running.Emulator(*flags, account=account, log=os.path.join(folder, name + ".log")) as aws:
                case(aws, os.path.join(folder, name))
        except (AssertionError, RuntimeError, KeyError, StopIteration) as error:
            print(f"surroundings {name}: {type(error).__name__}: {error}", flush=True)
            failed.append(name)
            word = "  FAILED  "
        print(f"[{word}] surroundings.{name} ({int((time.monotonic() - began) * 1000)} ms)", flush=True)
    if failed:
        print(f"surroundings: everything is in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
