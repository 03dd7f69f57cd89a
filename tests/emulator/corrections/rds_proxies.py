"""RDS: the target of a proxy is its database, whatever that is called: it follows renames."""

from moto.rds import models


def correct(_settings):
    backend = models.RDSBackend
    register, deregister, describe = backend.register_db_proxy_targets, backend.deregister_db_proxy_targets, backend.describe_db_proxy_targets

    def register_db_proxy_targets(self, *args, **kw):
        made = register(self, *args, **kw)
        for target in made:
            things = self.clusters if target.type == "TRACKED_CLUSTER" else self.databases
            target._database = identity(things[target.rds_resource_id])
        follow(self)
        return made

    def describe_db_proxy_targets(self, *args, **kw):
        follow(self)
        return describe(self, *args, **kw)

    def deregister_db_proxy_targets(self, *args, **kw):
        follow(self)
        return deregister(self, *args, **kw)

    backend.register_db_proxy_targets = register_db_proxy_targets
    backend.describe_db_proxy_targets = describe_db_proxy_targets
    backend.deregister_db_proxy_targets = deregister_db_proxy_targets


def identity(thing):
    return thing.db_cluster_resource_id if isinstance(thing, models.DBCluster) else thing.dbi_resource_id


def follow(backend):
    names = {identity(thing): name for things in (backend.clusters, backend.databases) for name, thing in things.items()}
    for proxy in backend.db_proxies.values():
        for group in proxy.proxy_target_groups.values():
            for target in group.targets:
                target.rds_resource_id = names.get(target._database, target.rds_resource_id)
                target.tracked_cluster_id = target.rds_resource_id if target.type == "TRACKED_CLUSTER" else None
