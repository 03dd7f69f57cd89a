"""ElastiCache: settings of replication groups can be changed; nodes have security groups; snapshots say when they were begun.

Nodes count commands as the test says (POST /world, `cache_commands`), nothing otherwise; there is no cached data.
"""

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.elasticache import responses
from moto.elasticache.exceptions import SnapshotNotFound
from moto.elasticache.models import ElastiCacheBackend


def node_of(backend, name):
    """The replication group that has this node."""
    return next((g for g in backend.replication_groups.values() if name in g.member_clusters), None)


def correct(_settings):
    answers = responses.ElastiCacheResponse
    describe_clusters, describe_snapshots = answers.describe_cache_clusters, answers.describe_snapshots
    create, snapshot = ElastiCacheBackend.create_replication_group, ElastiCacheBackend.create_snapshot

    def modify_replication_group(self):
        group = self.elasticache_backend.describe_replication_groups(replication_group_id=self._get_param("ReplicationGroupId"))[0]
        limit = self._get_int_param("SnapshotRetentionLimit")
        if limit is not None:
            group.snapshot_retention_limit = limit
        groups = self._get_param("SecurityGroupIds")
        if groups:
            group.security_group_ids = groups
        return ActionResult({"ReplicationGroup": group})

    def describe_cache_clusters(self):
        name = self._get_param("CacheClusterId")
        group = node_of(self.elasticache_backend, name)
        if group is None:
            return describe_clusters(self)
        return ActionResult({"CacheClusters": [{
            "CacheClusterId": name, "CacheClusterStatus": "available", "ReplicationGroupId": group.replication_group_id,
            "SecurityGroups": [{"SecurityGroupId": g, "Status": "active"} for g in getattr(group, "security_group_ids", None) or []]}]})

    def create_replication_group(self, **given):
        if given.get("snapshot_name") and given["snapshot_name"] not in self.snapshots:
            raise SnapshotNotFound(given["snapshot_name"])
        group = create(self, **given)
        group.security_group_ids = given.get("security_group_ids") or []
        return group

    def create_snapshot(self, *args, **given):
        made = snapshot(self, *args, **given)
        made.begun_at = utcnow()
        return made

    def with_nodes(self):
        shown = []
        for each in describe_snapshots(self).result["Snapshots"]:
            group = self.elasticache_backend.replication_groups.get(getattr(each, "replication_group_id", None))
            shown.append({
                "SnapshotName": each.snapshot_name, "ReplicationGroupId": getattr(each, "replication_group_id", None), "SnapshotStatus": "available",
                "KmsKeyId": getattr(each, "kms_key_id", None), "ARN": each.arn,
                "NodeSnapshots": [{"CacheClusterId": n, "CacheNodeId": "0001", "SnapshotCreateTime": each.begun_at} for n in (group.member_clusters[:1] if group else [])]})
        return ActionResult({"Snapshots": shown})

    answers.modify_replication_group = modify_replication_group
    answers.describe_cache_clusters = describe_cache_clusters
    answers.describe_snapshots = with_nodes
    ElastiCacheBackend.create_replication_group = create_replication_group
    ElastiCacheBackend.create_snapshot = create_snapshot
