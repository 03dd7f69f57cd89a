#!/usr/bin/env python3
"""Stores that are encrypted by a recipe of their own: the real binary on the emulator, from plan to the end.

  store_recipes.py            all of them
  store_recipes.py NAME..     the named ones
Exit 77: moto or boto3 is missing.

What the emulator says of AWS here: which calls it takes, which it refuses, and what things look like afterwards. It has
no indices and no cached data, and its dry runs find nothing; see tests/emulator/GAPS.md.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import databases  # noqa: E402
import cases  # noqa: E402
import estate  # noqa: E402
import running  # noqa: E402
from databases import check, same  # noqa: E402


class Search(databases.Golden):
    """An unencrypted domain; the others of the golden plan are for a person."""

    golden = "search-domains"
    ignored = ("aws_opensearch_domain.managed_key", "aws_elasticsearch_domain.logs")


    def make(self, given):
        was = given["aws_opensearch_domain.catalogue"]
        self.aws.client("opensearch").create_domain(
            DomainName=was["domain_name"], EngineVersion=was["engine_version"],
            ClusterConfig={"InstanceType": was["cluster_config"][0]["instance_type"], "InstanceCount": was["cluster_config"][0]["instance_count"]},
            EBSOptions={"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 50})
        self.KEY = given["aws_kms_key.data"]["key_id"]
        return {}


def search(aws, folder):
    made = Search(aws, folder).build()
    run = databases.to_the_end(made, os.path.join(folder, "run"))
    live = aws.client("opensearch").describe_domain(DomainName="catalogue")["DomainStatus"]
    with open(made.state, encoding="utf-8") as source:
        check(live["EncryptionAtRestOptions"]["KmsKeyId"] in source.read(), f"another key: {live['EncryptionAtRestOptions']}")
    same((live["EncryptionAtRestOptions"]["Enabled"], live["Processing"]), (True, False), "the domain")
    calls = [c for c in aws.calls() if c["account"] == estate.ACCESS_KEY and c["action"] == "UpdateDomainConfig"]
    same(len(calls), 2, "a dry run and the change")
    same(run.status()["waiting"], [], "what is left")


class Caches(databases.Golden):
    """A cache whose data is kept and one whose data is disposable; one with a token is for a person."""

    golden = "caches"
    ignored = ("aws_elasticache_replication_group.tokens",)

    def make(self, given):
        ec2, values = self.network()
        group = ec2.create_security_group(GroupName="stores", Description="stores", VpcId=values["VPC"])["GroupId"]
        self.texts = {given["aws_vpc.main"]["id"]: values["VPC"], given["aws_security_group.stores"]["id"]: group}
        self.KEY = given["aws_kms_key.data"]["key_id"]
        self.group = group
        for name in ("carts", "pages"):
            was = given[f"aws_elasticache_replication_group.{name}"]
            self.aws.client("elasticache").create_replication_group(
                ReplicationGroupId=name, ReplicationGroupDescription=was["description"], Engine=was["engine"], CacheNodeType=was["node_type"],
                NumCacheClusters=was["num_cache_clusters"], SecurityGroupIds=[group], SnapshotRetentionLimit=was["snapshot_retention_limit"] or 0)
        return {}


def caches(aws, folder):
    made = Caches(aws, folder).build()
    # Clients read from the new ones; nothing writes to the old one.
    aws.world(cache_commands={f"{name}-encrypted-001": {"CacheHits": 1} for name in ("carts", "pages")})
    databases.to_the_end(made, os.path.join(folder, "run"))
    cache = aws.client("elasticache")
    found = {g["ReplicationGroupId"]: g for g in cache.describe_replication_groups()["ReplicationGroups"]}
    same(sorted(found), ["carts", "carts-encrypted", "pages", "pages-encrypted"], "the old ones are kept")
    same([found[n]["AtRestEncryptionEnabled"] for n in sorted(found)], [False, True, False, True], "encrypted")
    same(found["carts-encrypted"]["SnapshotRetentionLimit"], 3, "retention, as the change in place made it")
    groups = {n: [g["SecurityGroupId"] for g in cache.describe_cache_clusters(CacheClusterId=f"{n}-001")["CacheClusters"][0]["SecurityGroups"]] for n in found}
    check(groups["carts"] != [made.group] and groups["pages"] == [made.group], f"the old one stays closed: {groups}")
    same((groups["carts-encrypted"], groups["pages-encrypted"]), ([made.group], [made.group]), "groups of the new ones")
    same(len(cache.describe_snapshots()["Snapshots"]), 1, "snapshots: of the one whose data is kept")


CASES = {"search": (search, Search), "caches": (caches, Caches)}


def main():
    running.clients()
    chosen = [(name, *CASES[name]) for name in sys.argv[1:] or CASES]
    return cases.run("store_recipes", [(name, case, made.flags, {"account": made.account}) for name, case, made in chosen])


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
