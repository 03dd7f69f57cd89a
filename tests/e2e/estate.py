"""The start of a runbook in seconds: made with boto3 instead of Terraform, with the state that Terraform would have.

Small: one cluster with one instance, one service and a little data; or one service with the key in its environment.
"""

import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "emulator"))

import application  # noqa: E402
import tfseal  # noqa: E402

CLUSTER = "z360-staging-addonsstack-vg9z1x4cx7y2-dbdbcluster-d4asbozx0ixh"
PASSWORD = "CANARY-z360-db-password-0001"
ACCESS_KEY = "AKIATFSEAL0000000001"  # tfseal's, so that its calls are told from the test's
MASTER_KEY = "Q0FOQVJZLXBhenBhei1tYXN0ZXIta2V5LTAwMDAwMDE="
SMALL_DATA = """
CREATE TABLE customers (id bigserial PRIMARY KEY, name text NOT NULL);
CREATE TABLE events (id bigserial PRIMARY KEY, token uuid NOT NULL, at timestamptz DEFAULT now());
INSERT INTO customers (name) SELECT 'customer ' || i FROM generate_series(1, 200) i;
INSERT INTO events (token) SELECT gen_random_uuid() FROM generate_series(1, 100);
CREATE SEQUENCE tickets START 1000; SELECT nextval('tickets');
"""
CONFIG = """
version: 1
defaults:
  require: [encryption, customer_key, key_rotation, plaintext_secret]
environments:
  staging:
    wave: 1
    match: { addresses: ["**"] }
waivers:
  - { control: customer_key, address: "aws_cloudwatch_log_group.**", reason: "logs", owner: e2e, ticket: E-1, expires: 2099-12-31 }
"""
APPLICATION = """applications:
  - name: z360-staging
    database: { identifier: "z360-staging-*", url_env: Z360_STAGING_URL, operators: ["10.99.0.10/32"] }
    ecs: { cluster: z360-staging, services: [z360-staging-web] }
"""


class Estate:
    """`state`: path of the Terraform state; `config`: path of tfseal.yaml; `environment`: what a run needs."""

    account, flags, template = "", (), ""

    def __init__(self, aws, folder):
        self.aws, self.folder = aws, folder
        os.makedirs(folder, exist_ok=True)
        self.state, self.config = os.path.join(folder, "terraform.tfstate"), os.path.join(folder, "tfseal.yaml")

    def build(self):
        self.aws.reset()
        self.aws.world(pending=0, holds={}, denied_keys=[], failing_rollouts=[], clock_offset=0, tamper={}, keep_connections=True)
        values = self.make()
        with open(os.path.join(HERE, "estate", self.template), encoding="utf-8") as source:
            text = source.read()
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        with open(self.state, "w", encoding="utf-8") as out:
            out.write(text)
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(CONFIG + self.application())
        self.environment = self.aws.environment(**self.secrets(), AWS_ACCESS_KEY_ID=ACCESS_KEY)
        self.aws.clear()
        return self

    def run(self, *flags, folder=None):
        """A planned run of it."""
        run = tfseal.Run(folder or os.path.join(self.folder, "run"), self.environment, ["--poll", "0.01", *flags, *self.run_flags()])
        run.plan(self.state, *self.plan_flags(), config=self.config)
        return run

    def network(self):
        ec2 = self.aws.client("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        subnets = sorted(s["SubnetId"] for s in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"])[:2]
        services = ec2.create_security_group(GroupName="z360-services", Description="ECS tasks", VpcId=vpc)["GroupId"]
        return ec2, {"VPC": vpc, "SUBNET_A": subnets[0], "SUBNET_B": subnets[1], "SG_SERVICES": services}

    def service(self, cluster, name, values, container, **definition):
        ecs = self.aws.client("ecs")
        ecs.create_cluster(clusterName=cluster)
        ecs.register_task_definition(family=definition.pop("family", name), networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256",
                                     memory="512", containerDefinitions=[container], **definition)
        family = definition.get("family", name)
        arn = ecs.list_task_definitions()["taskDefinitionArns"][0]
        network = {"subnets": [values["SUBNET_A"], values["SUBNET_B"]], "securityGroups": [values["SG_SERVICES"]], "assignPublicIp": "DISABLED"}
        ecs.create_service(cluster=cluster, serviceName=name, taskDefinition=arn, desiredCount=2, launchType="FARGATE",
                           networkConfiguration={"awsvpcConfiguration": network})
        ecs.describe_services(cluster=cluster, services=[name])
        return family

    def application(self):
        return ""

    def secrets(self):
        return {}

    def plan_flags(self):
        return []

    def run_flags(self):
        return []

    def empty_plan(self, now, written=None):
        """Path of a Terraform plan of that time without changes, as `terraform show -json` writes it once everything agrees;
        `written`: what a person has put into the configuration, {address: arguments}."""
        with open(self.state, encoding="utf-8") as source:
            state = json.load(source)
        changes = []
        for resource in state["resources"]:
            module = resource.get("module", "")
            for instance in resource["instances"]:
                key = instance.get("index_key")
                index = "" if key is None else f"[{json.dumps(key)}]"
                address = f"{module + '.' if module else ''}{resource['type']}.{resource['name']}{index}"
                values = self.reconciled(resource["type"], {**instance["attributes"], **(written or {}).get(address, {})})
                change = {"actions": ["no-op"], "before": values, "after": values, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}
                changes.append({"address": address, "mode": "managed", "type": resource["type"], "name": resource["name"],
                                **({"module_address": module} if module else {}), **({"index": key} if key is not None else {}),
                                "provider_name": "registry.terraform.io/hashicorp/aws", "change": change})
        plan = {"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {"root_module": {}}, "resource_changes": changes,
                "configuration": {"root_module": {}}, "timestamp": now, "applyable": False, "complete": True, "errored": False}
        path = os.path.join(self.folder, "empty.secret.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump(plan, out)
        return path

    def reconciled(self, _kind, values):
        return values


class Aurora(Estate):
    account, flags, template = "108782097218", ("--postgres",), "aurora.tfstate"

    def make(self):
        ec2, values = self.network()
        group = ec2.create_security_group(GroupName="z360-databases", Description="Aurora clusters", VpcId=values["VPC"])["GroupId"]
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
        tags = [{"Key": "Name", "Value": "z360-staging"}, {"Key": "ManagedBy", "Value": "terraform"}, {"Key": "Project", "Value": "z360"}, {"Key": "Environment", "Value": "staging"}]
        rds.create_db_cluster(
            DBClusterIdentifier=CLUSTER, Engine="aurora-postgresql", EngineVersion="16.4", DatabaseName="z360", MasterUsername="z360",
            MasterUserPassword=PASSWORD, DBSubnetGroupName="z360-databases", VpcSecurityGroupIds=[group], BackupRetentionPeriod=1,
            PreferredBackupWindow="03:00-04:00", PreferredMaintenanceWindow="sun:04:00-sun:05:00", CopyTagsToSnapshot=True, DeletionProtection=False,
            ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 4}, Tags=tags)
        rds.create_db_instance(DBInstanceIdentifier="z360-staging-instance-0", DBClusterIdentifier=CLUSTER, DBInstanceClass="db.serverless",
                               Engine="aurora-postgresql", PromotionTier=0, Tags=[t for t in tags if t["Key"] in ("ManagedBy", "Project")])
        rds.describe_db_clusters()
        instance, cluster = rds.describe_db_instances()["DBInstances"][0], rds.describe_db_clusters()["DBClusters"][0]
        application.psql(cluster["Endpoint"], "z360", PASSWORD, "z360", SMALL_DATA)
        self.endpoint = cluster["Endpoint"]
        secret = self.aws.client("secretsmanager").create_secret(
            Name="z360-staging/dbAuroraSecret", SecretString=json.dumps({"username": "z360", "password": PASSWORD, "host": self.endpoint, "port": 5432}))["ARN"]
        self.aws.client("logs").create_log_group(logGroupName="/ecs/z360-staging")
        log = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/z360-staging", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "z360-staging-web"}}
        self.service("z360-staging", "z360-staging-web", values, {
            "name": "app", "image": "108782097218.dkr.ecr.us-east-1.amazonaws.com/z360:1.0", "essential": True, "environment": [{"name": "APP_ENV", "value": "staging"}],
            "secrets": [{"name": "DB_SECRET", "valueFrom": secret}], "logConfiguration": log}, executionRoleArn="arn:aws:iam::108782097218:role/z360-execution")
        return {**values, "SG_DATABASES": group, "KEY": key, "ENDPOINT": cluster["Endpoint"], "INSTANCE_ENDPOINT": instance["Endpoint"]["Address"],
                "CLUSTER_RESOURCE": cluster["DbClusterResourceId"], "INSTANCE_RESOURCE": instance["DbiResourceId"], "SECRET": secret, "PASSWORD": PASSWORD}

    def application(self):
        return APPLICATION

    def secrets(self):
        return {"Z360_STAGING_URL": f"postgresql://z360:{PASSWORD}@{self.endpoint}:5432/z360"}

    def reconciled(self, kind, values):
        if kind == "aws_rds_cluster":
            cluster = self.aws.client("rds").describe_db_clusters(DBClusterIdentifier=CLUSTER)["DBClusters"][0]
            values.update(storage_encrypted=cluster["StorageEncrypted"], kms_key_id=cluster.get("KmsKeyId", ""), cluster_resource_id=cluster["DbClusterResourceId"])
        return values

    def end(self):
        """What the world is in the end; equal for every way that led there. The names of the fenced and the final
        snapshot have a digest of the cluster's resource id, which is another one in every estate."""
        rds = self.aws.client("rds")
        names = "DBClusterIdentifier"
        clusters = rds.describe_db_clusters()["DBClusters"]
        manual = rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
        backups = rds.describe_db_cluster_automated_backups()["DBClusterAutomatedBackups"]
        members = sorted(m["DBInstanceIdentifier"] for c in clusters for m in c["DBClusterMembers"])
        groups = {g["GroupId"]: g["GroupName"].split("-vpc-")[0] for g in self.aws.client("ec2").describe_security_groups()["SecurityGroups"]}
        return {
            "clusters": sorted((c[names], c["StorageEncrypted"], c["DeletionProtection"], c["Status"],
                                sorted(groups[g["VpcSecurityGroupId"]] for g in c["VpcSecurityGroups"])) for c in clusters),
            "groups": sorted(groups.values()),
            "members": members, "snapshots": sorted(re.sub("-(fenced|final)-[0-9a-f]{8}$", r"-\1-of-this-cluster", s["DBClusterSnapshotIdentifier"]) for s in manual),
            "backups": sorted((b[names], b["Status"]) for b in backups), "services": self.aws.ask("/world")["services"],
            "rows": self.aws.sql(CLUSTER, "SELECT (SELECT count(*) FROM events) || ' ' || (SELECT count(*) FROM customers) || ' ' || (SELECT last_value FROM tickets)", "z360"),
        }


class Key(Estate):
    account, template = "123456789012", "pazpaz.tfstate"

    def make(self):
        _, values = self.network()
        iam = self.aws.client("iam")
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]}
        for name in ("PazPazECSTaskRole", "PazPazECSExecutionRole"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        self.aws.client("logs").create_log_group(logGroupName="/aws/ecs/pazpaz-api-production")
        log = {"logDriver": "awslogs", "options": {"awslogs-group": "/aws/ecs/pazpaz-api-production", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "api"}}
        self.service("pazpaz-production", "pazpaz-api", values, {
            "name": "pazpaz-api", "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/pazpaz-api:2025.10.12", "essential": True,
            "environment": [{"name": "ENVIRONMENT", "value": "production"}, {"name": "AWS_REGION", "value": "us-east-1"}, {"name": "ENCRYPTION_MASTER_KEY", "value": MASTER_KEY}],
            "logConfiguration": log}, family="pazpaz-api-production", taskRoleArn="arn:aws:iam::123456789012:role/PazPazECSTaskRole",
            executionRoleArn="arn:aws:iam::123456789012:role/PazPazECSExecutionRole")
        self.certificate = os.path.join(self.folder, "security.pem")
        if not os.path.exists(self.certificate):
            import subprocess
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-keyout", os.path.join(self.folder, "security.key"),
                            "-out", self.certificate, "-days", "2", "-subj", "/CN=security"], check=True, capture_output=True)
        return {**values, "MASTER_KEY": MASTER_KEY}

    def run_flags(self):
        return ["--recipient", self.certificate, "--sealed-dir", os.path.join(self.folder, "sealed")]

    def end(self):
        ecs, secrets = self.aws.client("ecs"), self.aws.client("secretsmanager")
        service = ecs.describe_services(cluster="pazpaz-production", services=["pazpaz-api"])["services"][0]
        container = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]["containerDefinitions"][0]
        found = secrets.list_secrets()["SecretList"]
        return {
            "environment": sorted(e["name"] for e in container.get("environment", [])), "secrets": sorted(s["name"] for s in container.get("secrets", [])),
            "known": sorted(s["Name"] for s in found), "same": [secrets.get_secret_value(SecretId=s["ARN"])["SecretString"] == MASTER_KEY for s in found],
            "versions": [len(secrets.list_secret_version_ids(SecretId=s["ARN"])["Versions"]) for s in found],
            "keys": len(self.aws.client("kms").list_keys()["Keys"]), "active": len(ecs.list_task_definitions(familyPrefix="pazpaz-api-production", status="ACTIVE")["taskDefinitionArns"]),
            "running": self.aws.ask("/world")["services"],
        }


class Fetching(Key):
    """The application reads the secret itself, and falls back to the variable while it has one."""

    def application(self):
        return """applications:
  - name: pazpaz
    secret: pazpaz/encryption-key-v1
    ecs: { cluster: pazpaz-production, services: [pazpaz-api] }
"""


def person(estate, run):
    """What a waiting item asks a person for, for Run.to_the_end()."""
    actions, written = {}, {}

    def act(item):
        if not actions:
            with open(run.actions, encoding="utf-8") as source:
                actions.update({a["id"]: a for a in json.load(source)["actions"]})
        action = actions[item["action"]]
        if action["kind"] in ("reconcile_terraform", "edit_configuration"):
            written.setdefault(action["target"]["address"], {}).update(action["payload"].get("set", {}))
            run.approve(item["action"], "--plan-json", estate.empty_plan(run.now(), written))
            return True
        if item.get("until"):
            return False
        if "approve" in item.get("hint", "") + item.get("text", ""):
            run.approve(item["action"])
            return True
        return False

    return act
