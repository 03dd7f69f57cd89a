"""RDS: things take time. Every transition (creating, modifying, renaming, deleting) shows for `settings.pending`
describes of that kind of thing before it is over; POST /world {"holds"} can hold or break one.

settings.holds: {identifier: "never" | status}: a new snapshot, cluster or instance of that name stays "creating" for
ever, or ends in that status ("failed", "incompatible-restore") instead of "available".
"""

from moto.rds import models, responses
from moto.rds.exceptions import RDSClientError


def correct(settings):
    models.DBCluster.status = property(lambda self: self._status, lambda self, value: setattr(self, "_status", value))
    answers, backend = responses.RDSResponse, models.RDSBackend
    for operation, kind in (("describe_db_clusters", "clusters"), ("describe_db_instances", "databases"),
                            ("describe_db_cluster_snapshots", "cluster_snapshots"),
                            ("describe_db_snapshots", "database_snapshots")):
        setattr(answers, operation, ticking(getattr(answers, operation), kind))
    for operation in ("create_db_cluster", "create_db_instance", "create_db_cluster_snapshot", "create_db_snapshot",
                      "copy_db_cluster_snapshot", "copy_db_snapshot", "create_db_instance_read_replica"):
        setattr(backend, operation, starting(settings, getattr(backend, operation)))
    modifying(settings, backend)
    deleting(settings, answers)
    needs_available(answers)


def begin(settings, thing, status, then="available"):
    thing.status, thing._then, thing._left = status, then, settings.pending
    if isinstance(thing, (models.DBClusterSnapshot, models.DBSnapshot)):
        thing.percent_progress = 0


def tick(things, key):
    thing = things[key]
    if getattr(thing, "_left", None) is None:
        return
    if thing._left > 0:
        thing._left -= 1
        return
    then, thing._left = thing._then, None
    if then == "gone":
        del things[key]
    elif callable(then):
        then()
    else:
        thing.status = then
        if then == "available" and hasattr(thing, "percent_progress"):
            thing.percent_progress = 100


def ticking(original, kind):
    def describe(self):
        things = getattr(self.backend, kind)
        for key in list(things):
            tick(things, key)
        return original(self)
    return describe


def starting(settings, original):
    def create(self, *args, **kw):
        made = original(self, *args, **kw)
        if getattr(made, "snapshot_type", "manual") == "automated":
            return made  # AWS takes these by itself
        name = made.resource_id
        hold = settings.holds.get(name)
        begin(settings, made, "creating", "available" if hold in (None, "never") else hold)
        if hold == "never":
            made._left = float("inf")
        return made
    return create


def modifying(settings, backend):
    modify_cluster, modify_instance = backend.modify_db_cluster, backend.modify_db_instance

    def modify_db_cluster(self, kwargs):
        name, new = kwargs["db_cluster_identifier"], kwargs.get("new_db_cluster_identifier")
        if not new or new == name or settings.pending == 0:
            reply = modify_cluster(self, kwargs)
            begin(settings, self.clusters[new or name], "renaming" if new else "modifying")
            return reply
        if new in self.clusters or new in getattr(self, "_promised", ()):
            raise RDSClientError("DBClusterAlreadyExistsFault", f"DB Cluster {new} already exists")
        cluster = self.clusters[name]
        self.__dict__.setdefault("_promised", set()).add(new)

        def rename():
            self._promised.discard(new)
            modify_cluster(self, dict(kwargs, db_cluster_identifier=name))
            begin(settings, cluster, "renaming")

        begin(settings, cluster, "renaming", rename)
        return cluster

    def modify_db_instance(self, db_instance_identifier, db_kwargs):
        new = db_kwargs.get("new_db_instance_identifier")
        instance = modify_instance(self, db_instance_identifier, db_kwargs)
        begin(settings, instance, "renaming" if new else "modifying")
        return instance

    backend.modify_db_cluster, backend.modify_db_instance = modify_db_cluster, modify_db_instance


def deleting(settings, answers):
    def lingering(original, kind, parameter):
        def delete(self):
            name = self.params.get(parameter)
            things = getattr(self.backend, kind)
            thing = things.get(name)
            if thing is not None and thing.status == "deleting":
                code = "InvalidDBClusterStateFault" if kind == "clusters" else "InvalidDBInstanceState"
                raise RDSClientError(code, f"{name} is already being deleted.")
            reply = original(self)
            if thing is not None:
                thing.status = "deleting"
                if settings.pending:
                    things[name] = thing
                    begin(settings, thing, "deleting", "gone")
            return reply
        return delete

    answers.delete_db_cluster = lingering(answers.delete_db_cluster, "clusters", "DBClusterIdentifier")
    answers.delete_db_instance = lingering(answers.delete_db_instance, "databases", "DBInstanceIdentifier")
    # Instances that are being deleted do not keep their cluster from being deleted.
    members = models.DBCluster._members.fget
    models.DBCluster._members = property(lambda self: [m for m in members(self) if m.status != "deleting"])


def needs_available(answers):
    def checked(original, kind, parameter, code, allowed):
        def call(self):
            thing = getattr(self.backend, kind).get(self.params.get(parameter))
            if thing is not None and thing.status not in allowed:
                name = self.params.get(parameter)
                raise RDSClientError(code, f"{name} is in {thing.status} state, but must be available.")
            return original(self)
        return call

    for operation, kind, parameter, code, allowed in (
            ("create_db_cluster_snapshot", "clusters", "DBClusterIdentifier", "InvalidDBClusterStateFault", ("available",)),
            ("modify_db_cluster", "clusters", "DBClusterIdentifier", "InvalidDBClusterStateFault", ("available",)),
            ("create_db_snapshot", "databases", "DBInstanceIdentifier", "InvalidDBInstanceState", ("available", "stopped")),
            ("modify_db_instance", "databases", "DBInstanceIdentifier", "InvalidDBInstanceState", ("available", "modifying"))):
        setattr(answers, operation, checked(getattr(answers, operation), kind, parameter, code, allowed))
