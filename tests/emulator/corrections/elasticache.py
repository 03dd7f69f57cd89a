"""ElastiCache: settings of replication groups can be changed."""

from moto.core.responses import ActionResult
from moto.elasticache import responses


def correct(_settings):
    def modify_replication_group(self):
        group = self.elasticache_backend.describe_replication_groups(replication_group_id=self._get_param("ReplicationGroupId"))[0]
        limit = self._get_int_param("SnapshotRetentionLimit")
        if limit is not None:
            group.snapshot_retention_limit = limit
        return ActionResult({"ReplicationGroup": group})

    responses.ElastiCacheResponse.modify_replication_group = modify_replication_group
