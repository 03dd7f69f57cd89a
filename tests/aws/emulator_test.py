#!/usr/bin/env python3
"""Calls of every protocol and service against the emulator: changes made by us, reads compared with what botocore
reads; then with signatures and policies checked.

usage: emulator_test.py AWS_CALL
"""
import base64
import datetime
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from drive import call, check, finish, one, outputs, write

try:
    import boto3
    import botocore.config
except ImportError:
    print("SKIP: boto3 is not installed")
    sys.exit(77)
if not shutil.which("moto_server"):
    print("SKIP: moto_server is not installed")
    sys.exit(77)

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-canary"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]})

# What is made. "{name}" is what an earlier answer gave: a line may keep one value of its answer under a name.
CHANGES = [
    ("kms", "CreateKey", {"Description": "for ü & <tests>", "Tags": [{"TagKey": "k", "TagValue": "v"}]},
     ("key", "KeyMetadata.Arn")),
    ("kms", "CreateAlias", {"AliasName": "alias/orders", "TargetKeyId": "{key}"}),
    ("kms", "EnableKeyRotation", {"KeyId": "{key}"}),
    ("rds", "CreateDBCluster", {"DBClusterIdentifier": "orders", "Engine": "aurora-postgresql", "MasterUsername": "u1",
                                "MasterUserPassword": "password-canary", "StorageEncrypted": True, "KmsKeyId": "{key}",
                                "EnableCloudwatchLogsExports": ["postgresql"], "BackupRetentionPeriod": 7,
                                "Tags": [{"Key": "a", "Value": "1 & 2"}]}),
    ("rds", "CreateDBInstance", {"DBInstanceIdentifier": "orders-1", "DBClusterIdentifier": "orders",
                                 "Engine": "aurora-postgresql", "DBInstanceClass": "db.r6g.large"}),
    ("rds", "CreateDBClusterSnapshot", {"DBClusterIdentifier": "orders", "DBClusterSnapshotIdentifier": "orders-s"}),
    ("rds", "CreateDBInstance", {"DBInstanceIdentifier": "single", "Engine": "postgres", "AllocatedStorage": 20,
                                 "DBInstanceClass": "db.t3.micro", "MasterUsername": "u1",
                                 "MasterUserPassword": "password-canary"}),
    ("rds", "CreateDBSnapshot", {"DBInstanceIdentifier": "single", "DBSnapshotIdentifier": "single-s"}),
    ("docdb", "CreateDBClusterSnapshot", {"DBClusterIdentifier": "orders", "DBClusterSnapshotIdentifier": "orders-d"}),
    ("neptune", "CreateDBCluster", {"DBClusterIdentifier": "graph", "Engine": "neptune"}),
    ("secretsmanager", "CreateSecret", {"Name": "app/key", "SecretString": "{\"a\": \"secret-canary\"}",
                                        "Tags": [{"Key": "k", "Value": "v"}]}),
    ("secretsmanager", "CreateSecret", {"Name": "binary", "SecretBinary": base64.b64encode(b"\x00\xff").decode()}),
    ("secretsmanager", "PutSecretValue", {"SecretId": "app/key", "SecretString": "secret-canary-2"}),
    ("iam", "CreateRole", {"RoleName": "task", "AssumeRolePolicyDocument": TRUST}),
    ("iam", "PutRolePolicy", {"RoleName": "task", "PolicyName": "p", "PolicyDocument": POLICY}),
    ("iam", "CreatePolicy", {"PolicyName": "all", "PolicyDocument": POLICY}, ("policy", "Policy.Arn")),
    ("iam", "AttachRolePolicy", {"RoleName": "task", "PolicyArn": "{policy}"}),
    ("ecs", "CreateCluster", {"clusterName": "main"}),
    ("ecs", "RegisterTaskDefinition", {"family": "app", "networkMode": "bridge", "containerDefinitions": [
        {"name": "web", "image": "web:1", "memory": 128, "essential": True,
         "environment": [{"name": "MODE", "value": "x"}]}]}),
    ("ecs", "CreateService", {"cluster": "main", "serviceName": "app", "taskDefinition": "app", "desiredCount": 1}),
    ("ec2", "CreateVolume", {"AvailabilityZone": "us-east-1a", "Size": 8, "Encrypted": True, "KmsKeyId": "{key}",
                             "TagSpecifications": [{"ResourceType": "volume",
                                                    "Tags": [{"Key": "Name", "Value": "data"}]}]},
     ("volume", "VolumeId")),
    ("ec2", "CreateSnapshot", {"VolumeId": "{volume}", "Description": "d"}),
    ("ec2", "CreateSecurityGroup", {"GroupName": "quarantine", "Description": "d"}, ("group", "GroupId")),
    ("ec2", "AuthorizeSecurityGroupIngress", {"GroupId": "{group}", "IpPermissions": [
        {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432,
         "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "in"}]}]}),
    ("s3", "CreateBucket", {"Bucket": "data-bucket"}),
    ("s3", "PutBucketEncryption", {"Bucket": "data-bucket", "ServerSideEncryptionConfiguration": {"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "{key}"},
         "BucketKeyEnabled": True}]}}),
    ("s3", "PutBucketVersioning", {"Bucket": "data-bucket", "VersioningConfiguration": {"Status": "Enabled"}}),
    ("s3", "PutPublicAccessBlock", {"Bucket": "data-bucket", "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}}),
    ("s3", "PutBucketPolicy", {"Bucket": "data-bucket", "Policy": POLICY}),
    ("s3", "PutBucketTagging", {"Bucket": "data-bucket", "Tagging": {"TagSet": [{"Key": "a", "Value": "<b>"}]}}),
    ("s3", "PutBucketLifecycleConfiguration", {"Bucket": "data-bucket", "LifecycleConfiguration": {"Rules": [
        {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}]}}),
    ("s3", "PutObject", {"Bucket": "data-bucket", "Key": "a b/ü~+=&?#.json", "Body": base64.b64encode(b"{}").decode(),
                         "Metadata": {"run": "1"}, "ContentType": "application/json", "IfNoneMatch": "*"}),
    ("sqs", "CreateQueue", {"QueueName": "jobs", "Attributes": {"VisibilityTimeout": "31"}}, ("queue", "QueueUrl")),
    ("sqs", "SetQueueAttributes", {"QueueUrl": "{queue}", "Attributes": {"KmsMasterKeyId": "{key}"}}),
    ("sns", "CreateTopic", {"Name": "news", "Attributes": {"DisplayName": "n"}}, ("topic", "TopicArn")),
    ("sns", "SetTopicAttributes", {"TopicArn": "{topic}", "AttributeName": "KmsMasterKeyId", "AttributeValue": "{key}"}),
    ("kinesis", "CreateStream", {"StreamName": "clicks", "ShardCount": 1}),
    ("dynamodb", "CreateTable", {"TableName": "carts", "BillingMode": "PAY_PER_REQUEST",
                                 "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                                 "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                                 "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "{key}"}}),
    ("dynamodb", "UpdateContinuousBackups", {"TableName": "carts", "PointInTimeRecoverySpecification":
                                             {"PointInTimeRecoveryEnabled": True}}),
    ("dynamodb", "PutItem", {"TableName": "carts", "Item": {"id": {"S": "1"}, "blob": {"B": "AP8="}, "n": {"N": "1.5"}}}),
    ("elasticache", "CreateReplicationGroup", {"ReplicationGroupId": "cache", "ReplicationGroupDescription": "d",
                                               "AtRestEncryptionEnabled": True}),
    ("redshift", "CreateCluster", {"ClusterIdentifier": "dw", "NodeType": "ra3.xlplus", "MasterUsername": "u1",
                                   "MasterUserPassword": "Password-canary1", "DBName": "d"}),
    ("opensearch", "CreateDomain", {"DomainName": "search", "EncryptionAtRestOptions": {"Enabled": True}}),
    ("efs", "CreateFileSystem", {"Encrypted": True, "KmsKeyId": "{key}", "Tags": [{"Key": "Name", "Value": "f"}]},
     ("fs", "FileSystemId")),
    ("kafka", "CreateCluster", {"ClusterName": "events", "KafkaVersion": "3.6.0", "NumberOfBrokerNodes": 3,
                                "BrokerNodeGroupInfo": {"InstanceType": "kafka.m5.large", "ClientSubnets": ["subnet-1"]}}),
    ("logs", "CreateLogGroup", {"logGroupName": "/app/web", "kmsKeyId": "{key}"}),
    ("logs", "PutRetentionPolicy", {"logGroupName": "/app/web", "retentionInDays": 30}),
    ("cloudtrail", "CreateTrail", {"Name": "audit", "S3BucketName": "data-bucket"}),
    ("backup", "CreateBackupVault", {"BackupVaultName": "vault", "EncryptionKeyArn": "{key}"}),
    ("backup", "CreateBackupPlan", {"BackupPlan": {"BackupPlanName": "daily", "Rules": [
        {"RuleName": "r", "TargetBackupVaultName": "vault", "Lifecycle": {"DeleteAfterDays": 35}}]}}),
    ("ecr", "CreateRepository", {"repositoryName": "web", "encryptionConfiguration": {"encryptionType": "KMS"}}),
    ("ssm", "PutParameter", {"Name": "/app/p", "Value": "parameter-canary", "Type": "SecureString"}),
    ("cloudwatch", "PutMetricAlarm", {"AlarmName": "a", "MetricName": "CPU", "Namespace": "AWS/RDS", "Period": 60,
                                      "EvaluationPeriods": 2, "Threshold": 0.5, "Statistic": "Average",
                                      "ComparisonOperator": "GreaterThanThreshold"}),
    ("application-autoscaling", "RegisterScalableTarget", {
        "ServiceNamespace": "ecs", "ResourceId": "service/main/app",
        "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 3}),
]

READS = [
    ("sts", "GetCallerIdentity", {}), ("kms", "ListKeys", {}), ("kms", "ListAliases", {}),
    ("kms", "DescribeKey", {"KeyId": "alias/orders"}), ("kms", "GetKeyRotationStatus", {"KeyId": "{key}"}),
    ("kms", "GetKeyPolicy", {"KeyId": "{key}", "PolicyName": "default"}), ("kms", "ListResourceTags", {"KeyId": "{key}"}),
    ("kms", "ListGrants", {"KeyId": "{key}"}),
    ("rds", "DescribeDBClusters", {}), ("rds", "DescribeDBInstances", {}), ("rds", "DescribeDBClusterSnapshots", {}),
    ("rds", "DescribeDBSnapshots", {}), ("rds", "DescribeDBClusterParameterGroups", {}),
    ("rds", "DescribeDBSubnetGroups", {}), ("rds", "DescribeEventSubscriptions", {}), ("rds", "DescribeGlobalClusters", {}),
    ("rds", "DescribeDBProxies", {}), ("rds", "DescribeBlueGreenDeployments", {}),
    ("rds", "DescribeDBClusters", {"Filters": [{"Name": "engine", "Values": ["aurora-postgresql", "neptune"]}]}),
    ("docdb", "DescribeDBClusters", {}), ("neptune", "DescribeDBClusters", {}),
    ("neptune", "DescribeOrderableDBInstanceOptions", {"Engine": "neptune"}),
    ("secretsmanager", "ListSecrets", {}), ("secretsmanager", "DescribeSecret", {"SecretId": "app/key"}),
    ("secretsmanager", "GetSecretValue", {"SecretId": "app/key"}),
    ("secretsmanager", "GetSecretValue", {"SecretId": "app/key", "VersionStage": "AWSPREVIOUS"}),
    ("secretsmanager", "GetSecretValue", {"SecretId": "binary"}),
    ("secretsmanager", "ListSecretVersionIds", {"SecretId": "app/key"}),
    ("iam", "GetRole", {"RoleName": "task"}), ("iam", "ListRoles", {}),
    ("iam", "GetRolePolicy", {"RoleName": "task", "PolicyName": "p"}),
    ("iam", "ListAttachedRolePolicies", {"RoleName": "task"}), ("iam", "ListRolePolicies", {"RoleName": "task"}),
    ("iam", "GetPolicyVersion", {"PolicyArn": "{policy}", "VersionId": "v1"}), ("iam", "GetAccountSummary", {}),
    ("ecs", "DescribeTaskDefinition", {"taskDefinition": "app"}), ("ecs", "ListTaskDefinitions", {"familyPrefix": "app"}),
    ("ecs", "DescribeServices", {"cluster": "main", "services": ["app"]}), ("ecs", "ListServices", {"cluster": "main"}),
    ("ecs", "DescribeClusters", {"clusters": ["main"]}),
    ("ec2", "DescribeVolumes", {}), ("ec2", "DescribeVolumes", {"VolumeIds": ["{volume}"]}),
    ("ec2", "DescribeSnapshots", {"OwnerIds": ["self"]}),
    ("ec2", "DescribeSecurityGroups", {"Filters": [{"Name": "group-name", "Values": ["quarantine"]}]}),
    ("ec2", "GetEbsEncryptionByDefault", {}), ("ec2", "DescribeVpcs", {}), ("ec2", "DescribeSubnets", {}),
    ("ec2", "DescribeInstances", {}), ("ec2", "DescribeRegions", {}),
    ("s3", "ListBuckets", {}), ("s3", "GetBucketEncryption", {"Bucket": "data-bucket"}),
    ("s3", "GetBucketVersioning", {"Bucket": "data-bucket"}), ("s3", "GetPublicAccessBlock", {"Bucket": "data-bucket"}),
    ("s3", "GetBucketPolicy", {"Bucket": "data-bucket"}), ("s3", "GetBucketTagging", {"Bucket": "data-bucket"}),
    ("s3", "GetBucketLifecycleConfiguration", {"Bucket": "data-bucket"}), ("s3", "GetBucketAcl", {"Bucket": "data-bucket"}),
    ("s3", "GetBucketLocation", {"Bucket": "data-bucket"}), ("s3", "ListObjectsV2", {"Bucket": "data-bucket"}),
    ("s3", "ListObjectVersions", {"Bucket": "data-bucket"}), ("s3", "GetBucketLogging", {"Bucket": "data-bucket"}),
    ("s3", "GetObject", {"Bucket": "data-bucket", "Key": "a b/ü~+=&?#.json"}),
    ("s3", "HeadObject", {"Bucket": "data-bucket", "Key": "a b/ü~+=&?#.json"}),
    ("sqs", "ListQueues", {}), ("sqs", "GetQueueAttributes", {"QueueUrl": "{queue}", "AttributeNames": ["All"]}),
    ("sns", "ListTopics", {}), ("sns", "GetTopicAttributes", {"TopicArn": "{topic}"}),
    ("kinesis", "DescribeStreamSummary", {"StreamName": "clicks"}), ("kinesis", "ListStreams", {}),
    ("dynamodb", "DescribeTable", {"TableName": "carts"}), ("dynamodb", "ListTables", {}),
    ("dynamodb", "DescribeContinuousBackups", {"TableName": "carts"}),
    ("dynamodb", "GetItem", {"TableName": "carts", "Key": {"id": {"S": "1"}}}),
    ("elasticache", "DescribeReplicationGroups", {}), ("elasticache", "DescribeCacheClusters", {}),
    ("redshift", "DescribeClusters", {}), ("redshift", "DescribeClusterSnapshots", {}),
    ("opensearch", "DescribeDomain", {"DomainName": "search"}), ("opensearch", "ListDomainNames", {}),
    ("efs", "DescribeFileSystems", {}), ("efs", "DescribeMountTargets", {"FileSystemId": "{fs}"}),
    ("kafka", "ListClusters", {}), ("kafka", "ListClustersV2", {}),
    ("logs", "DescribeLogGroups", {}), ("logs", "FilterLogEvents", {"logGroupName": "/app/web"}),
    ("cloudtrail", "DescribeTrails", {}), ("cloudtrail", "GetTrailStatus", {"Name": "audit"}),
    ("cloudtrail", "GetEventSelectors", {"TrailName": "audit"}),
    ("backup", "ListBackupVaults", {}), ("backup", "DescribeBackupVault", {"BackupVaultName": "vault"}),
    ("backup", "ListBackupPlans", {}),
    ("ecr", "DescribeRepositories", {}), ("ecr", "ListImages", {"repositoryName": "web"}),
    ("ssm", "DescribeParameters", {}), ("ssm", "GetParameter", {"Name": "/app/p", "WithDecryption": True}),
    ("cloudwatch", "DescribeAlarms", {}), ("cloudwatch", "ListMetrics", {}),
    ("application-autoscaling", "DescribeScalableTargets", {"ServiceNamespace": "ecs"}),
    ("dms", "DescribeReplicationInstances", {}), ("dms", "DescribeReplicationTasks", {}),
    ("lambda", "ListFunctions", {}), ("codebuild", "ListProjects", {}), ("events", "ListRules", {}),
    ("elbv2", "DescribeLoadBalancers", {}), ("resourcegroupstaggingapi", "GetResources", {}),
]

REFUSALS = [
    ("rds", "DescribeDBClusters", {"DBClusterIdentifier": "none"}, "not_found"),
    ("rds", "DescribeDBInstances", {"DBInstanceIdentifier": "none"}, "not_found"),
    ("rds", "CreateDBClusterSnapshot", {"DBClusterIdentifier": "orders", "DBClusterSnapshotIdentifier": "orders-s"}, "conflict"),
    ("kms", "DescribeKey", {"KeyId": "alias/none"}, "not_found"),
    ("kms", "CreateAlias", {"AliasName": "alias/orders", "TargetKeyId": "{key}"}, "conflict"),
    ("secretsmanager", "GetSecretValue", {"SecretId": "none"}, "not_found"),
    ("secretsmanager", "CreateSecret", {"Name": "app/key"}, "conflict"),
    ("ecs", "DescribeTaskDefinition", {"taskDefinition": "none"}, None),
    ("ec2", "DescribeVolumes", {"VolumeIds": ["vol-00000000000000000"]}, "not_found"),
    ("iam", "GetRole", {"RoleName": "none"}, "not_found"), ("iam", "CreateRole", {"RoleName": "task", "AssumeRolePolicyDocument": TRUST}, "conflict"),
    ("s3", "GetBucketEncryption", {"Bucket": "no-such-bucket"}, "not_found"),
    ("s3", "HeadObject", {"Bucket": "data-bucket", "Key": "none"}, "not_found"),
    ("s3", "PutObject", {"Bucket": "data-bucket", "Key": "a b/ü~+=&?#.json", "Body": "", "IfNoneMatch": "*"}, "conflict"),
    ("sqs", "GetQueueUrl", {"QueueName": "none"}, "not_found"),
    ("sns", "GetTopicAttributes", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:none"}, "not_found"),
    ("dynamodb", "DescribeTable", {"TableName": "none"}, "not_found"),
    ("efs", "DescribeFileSystems", {"FileSystemId": "fs-00000000"}, "not_found"),
    ("backup", "DescribeBackupVault", {"BackupVaultName": "none"}, "not_found"),
    ("lambda", "GetFunctionConfiguration", {"FunctionName": "none"}, "not_found"),
    ("elasticache", "DescribeReplicationGroups", {"ReplicationGroupId": "none"}, "not_found"),
    ("redshift", "DescribeClusters", {"ClusterIdentifier": "none"}, "not_found"),
    ("ssm", "GetParameter", {"Name": "none"}, "not_found"), ("ecr", "ListImages", {"repositoryName": "none"}, "not_found"),
]


def start():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(["moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=1)
            return server, f"http://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.05)
    server.kill()
    sys.exit("FAIL: the emulator does not start")


def fill(value, names):
    if isinstance(value, str):
        return re.sub(r"^\{(\w+)\}$", lambda m: names.get(m[1], m[0]), value)
    if isinstance(value, list):
        return [fill(v, names) for v in value]
    return {k: fill(v, names) for k, v in value.items()} if isinstance(value, dict) else value


def blobs(value):
    """botocore takes the bytes themselves."""
    if isinstance(value, list):
        return [blobs(v) for v in value]
    if isinstance(value, dict):
        return {k: base64.b64decode(v) if k in ("B", "SecretBinary") and isinstance(v, str) else blobs(v)
                for k, v in value.items()}
    return value


def plain(value, name=""):
    """What botocore reads, in the form that ours has."""
    if isinstance(value, dict):
        if name.endswith(("PolicyDocument", "Document")):
            return json.dumps(value, sort_keys=True)
        return {k: plain(v, k) for k, v in value.items() if k != "ResponseMetadata" and v is not None}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, datetime.datetime):
        value = value.astimezone(datetime.timezone.utc)
        return value.strftime("%Y-%m-%dT%H:%M:%S") + (f".{value.microsecond // 1000:03}" if value.microsecond // 1000 else "") + "Z"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if hasattr(value, "read"):
        return base64.b64encode(value.read()).decode()
    return value


def normal(value, name=""):
    if isinstance(value, str) and name.endswith("Document"):
        return json.dumps(json.loads(value), sort_keys=True)
    if isinstance(value, dict):
        return {k: normal(v, k) for k, v in value.items()}
    return [normal(v) for v in value] if isinstance(value, list) else value


def difference(own, theirs, path=""):
    if isinstance(own, dict) and isinstance(theirs, dict):
        for key in sorted(set(own) | set(theirs)):
            if key not in own or key not in theirs:
                return f"{path}.{key} is only with {'us' if key in own else 'botocore'}"
            if found := difference(own[key], theirs[key], f"{path}.{key}"):
                return found
        return ""
    if isinstance(own, list) and isinstance(theirs, list) and len(own) == len(theirs):
        return next((d for i, (a, b) in enumerate(zip(own, theirs)) if (d := difference(a, b, f"{path}[{i}]"))), "")
    # Milliseconds may be rounded or cut, and some times are those of the answer.
    if isinstance(own, str) and isinstance(theirs, str) and re.match(r"\d{4}-\d\d-\d\dT", own):
        apart = datetime.datetime.fromisoformat(own[:19]) - datetime.datetime.fromisoformat(theirs[:19])
        return "" if abs(apart.total_seconds()) < 60 and own[-1] == theirs[-1] else f"{path}: {own} {theirs}"
    return "" if own == theirs else f"{path}: {str(own)[:80]!r} {str(theirs)[:80]!r}"


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


def round_trips(url):
    names = {}
    variables = {"AWS_ENDPOINT_URL": url, "AWS_MAX_ATTEMPTS": "2", **KEYS}
    for service, operation, parameters, *keep in CHANGES:
        answer = one(service, operation, fill(parameters, names), **variables)
        check("answer" in answer, f"{service} {operation}: {answer}")
        for name, path in keep:
            value = answer.get("answer", {})
            for part in path.split("."):
                value = value.get(part, {}) if isinstance(value, dict) else {}
            names[name] = value
    reads = [(s, o, fill(p, names)) for s, o, p in READS]
    answers = call(reads, **variables)
    config = botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})
    clients = {}
    for (service, operation, parameters), answer in zip(reads, answers):
        if service not in clients:
            clients[service] = boto3.client(service, endpoint_url=url, region_name="us-east-1", config=config,
                                            aws_access_key_id="test", aws_secret_access_key="test")
        client = clients[service]
        method = next(m for m, o in client.meta.method_to_api_mapping.items() if o == operation)
        try:
            theirs = plain(getattr(client, method)(**blobs(parameters)))
            theirs.pop("EncodingType", None)  # botocore asks S3 for encoded keys by itself
        except Exception as error:  # noqa: BLE001: whatever botocore makes of it, we must not be better informed
            check("error" in answer, f"{service} {operation}: botocore fails with {error}, ours: {str(answer)[:200]}")
            print(f"note: {service} {operation} fails in the emulator: {str(error)[:100]}")
            continue
        check("answer" in answer, f"{service} {operation}: {answer}")
        found = difference(normal(answer.get("answer")), normal(theirs))
        check(not found, f"{service} {operation}: {found}")
    refusals = [(s, o, fill(p, names)) for s, o, p, _ in REFUSALS]
    for (service, operation, _, expected), answer in zip(REFUSALS, call(refusals, **variables)):
        check("error" in answer and (expected is None or answer["error"] == expected),
              f"{service} {operation} should be {expected}: {answer}")
    return len(CHANGES) + len(READS) + len(REFUSALS)


def pages(url):
    variables = {"AWS_ENDPOINT_URL": url, **KEYS}
    call([("secretsmanager", "CreateSecret", {"Name": f"many/{i:03}", "SecretString": "x"}) for i in range(120)], **variables)
    read = {"service": "secretsmanager", "operation": "ListSecrets", "paged": True,
            "parameters": {"Filters": [{"Key": "name", "Values": ["many/"]}], "MaxResults": 25}}
    answer = call([read], **variables)[0]["answer"]
    check(len({s["Name"] for s in answer["SecretList"]}) == 120 and "NextToken" not in answer, "120 secrets in pages")
    call([("rds", "CreateDBSnapshot", {"DBInstanceIdentifier": "single", "DBSnapshotIdentifier": f"many-{i}"})
          for i in range(110)], **variables)
    answer = call([{"service": "rds", "operation": "DescribeDBSnapshots", "paged": True, "parameters": {"MaxRecords": 20}}],
                  **variables)[0]["answer"]
    found = {s["DBSnapshotIdentifier"] for s in answer["DBSnapshots"] if s["DBSnapshotIdentifier"].startswith("many-")}
    check(len(found) == 110 and "Marker" not in answer, f"{len(found)} snapshots in pages")
    return 2


def signatures(url):
    """The emulator checks signatures and the policies of users: ours are accepted, damaged ones are not."""
    variables = {"AWS_ENDPOINT_URL": url, "AWS_MAX_ATTEMPTS": "1", **KEYS}
    call([("iam", "CreateUser", {"UserName": "u"}),
          ("iam", "PutUserPolicy", {"UserName": "u", "PolicyName": "p", "PolicyDocument": POLICY}),
          ("iam", "CreateUser", {"UserName": "nobody"})], **variables)
    keys = [one("iam", "CreateAccessKey", {"UserName": name}, **variables)["answer"]["AccessKey"]
            for name in ("u", "nobody")]
    outputs.clear()  # the keys were answers
    request = urllib.request.Request(f"{url}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
    urllib.request.urlopen(request)

    def ask(service, operation, parameters=None, key=keys[0], secret=None):
        return one(service, operation, parameters, AWS_ENDPOINT_URL=url, AWS_MAX_ATTEMPTS="1",
                   AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=secret or key["SecretAccessKey"])

    asked = [("rds", "DescribeDBClusters", {}), ("iam", "ListRoles", {}), ("ec2", "DescribeVolumes", {}),
             ("sts", "GetCallerIdentity", {}), ("kms", "ListKeys", {}), ("ecs", "ListClusters", {}),
             ("secretsmanager", "ListSecrets", {}), ("s3", "ListBuckets", {}), ("sns", "ListTopics", {}),
             # The emulator decodes some characters before it checks the signature; botocore's is refused there too.
             ("s3", "PutObject", {"Bucket": "data-bucket", "Key": "x/y ?~#", "Body": "AAAA"}),
             ("s3", "GetObject", {"Bucket": "data-bucket", "Key": "x/y ?~#"}),
             ("s3", "ListObjectsV2", {"Bucket": "data-bucket", "Prefix": "x y"}),
             ("rds", "DescribeDBClusters", {"DBClusterIdentifier": "orders"}), ("dynamodb", "ListTables", {})]
    for service, operation, parameters in asked:
        answer = ask(service, operation, parameters)
        check("answer" in answer, f"signed {service} {operation}: {answer}")
        answer = ask(service, operation, parameters, secret=keys[0]["SecretAccessKey"][:-1] + "#")
        check(answer.get("error") == "unauthenticated", f"damaged signature, {service} {operation}: {answer}")
    for service, operation, parameters in asked:
        if operation == "GetCallerIdentity":
            continue
        answer = ask(service, operation, parameters, key=keys[1])
        check(answer.get("error") == "permission_denied" and "doctor --iam" in answer["hint"],
              f"no permission, {service} {operation}: {answer}")
    for key in keys:
        check(not any(key["SecretAccessKey"] in output for output in outputs), "a secret key is in an output")
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset-auth", data=b"inf",
                                                  headers={"Content-Type": "text/plain"}))
    return 3 * len(asked) - 1


def roles(url):
    """A role taken on by the profile's keys, and one by the token of a CI system."""
    with tempfile.TemporaryDirectory() as folder:
        config = write(folder, "config", """[profile base]
aws_access_key_id = test
aws_secret_access_key = test-canary
[profile role]
role_arn = arn:aws:iam::210987654321:role/Deploy
role_session_name = night
source_profile = base
""")
        variables = {"AWS_ENDPOINT_URL": url, "AWS_CONFIG_FILE": config}
        answer = one("sts", "GetCallerIdentity", AWS_PROFILE="role", **variables)
        check(answer.get("answer", {}).get("Account") == "210987654321" and "/Deploy/night" in answer["answer"]["Arn"],
              f"role: {answer}")
        answer = one("sts", "GetCallerIdentity", AWS_WEB_IDENTITY_TOKEN_FILE=write(folder, "token", "jwt"),
                     AWS_ROLE_ARN="arn:aws:iam::210987654321:role/Ci", AWS_ROLE_SESSION_NAME="job-1", **variables)
        check(answer.get("answer", {}).get("Account") == "210987654321" and "/Ci/job-1" in answer["answer"]["Arn"],
              f"web identity: {answer}")
    return 2


def main():
    server, url = start()
    try:
        count = round_trips(url)
        count += pages(url)
        count += roles(url)
        check(not any("test-canary" in output or "password-canary" in output.lower() for output in outputs),
              "a secret is in an output")
        count += signatures(url)
    finally:
        server.kill()
        server.wait()
    finish(count)


if __name__ == "__main__":
    main()
