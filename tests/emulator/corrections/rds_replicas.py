"""RDS: read replicas of instances, and what instances restored from a snapshot do not take from it."""

import random
import string

from moto.core.utils import utcnow
from moto.rds import models, responses
from moto.rds.exceptions import RDSClientError

from corrections import rds_states

# Of a new instance for which none was asked.
CHOSEN_WINDOW = "wed:06:38-wed:07:08"
# GiB of gp3 below which a volume has its baseline and nothing else.
ADJUSTABLE_FROM = {"oracle": 200, "sqlserver": 0}


def refuse_baseline(source, asked):
    least = next((size for engine, size in ADJUSTABLE_FROM.items() if source.engine.startswith(engine)), 400)
    storage = asked.get("storage_type") or source.storage_type
    if storage == "gp3" and (asked.get("iops") or asked.get("storage_throughput")) and int(source.allocated_storage) < least:
        raise RDSClientError("InvalidParameterCombination",
                             f"You can't specify IOPS or storage throughput for engine {source.engine} and a storage size less than {least}.")


def correct(settings):
    backend = models.RDSBackend
    create, promote, modify = backend.create_db_instance_read_replica, backend.promote_read_replica, backend.modify_db_instance
    restore, copy_snapshot = backend.restore_db_instance_from_db_snapshot, backend.copy_db_snapshot

    def create_db_instance_read_replica(self, db_kwargs):
        source = self.find_db_from_id(db_kwargs["source_db_instance_identifier"])
        name = db_kwargs["db_instance_identifier"]
        if name in self.databases:
            raise RDSClientError("DBInstanceAlreadyExists", f"DB instance {name} already exists")
        if not source.backup_retention_period:
            raise RDSClientError("InvalidDBInstanceState", "Automated backups are not enabled for this database instance.")
        if source.status != "available":
            raise RDSClientError("InvalidDBInstanceState", f"{source.resource_id} is in {source.status} state, but must be available.")
        refuse_baseline(source, db_kwargs)
        made = create(self, db_kwargs)
        # moto shares everything with the source.
        made.created = made.instance_create_time = utcnow()
        made.dbi_resource_id = "db-" + "".join(random.choice(string.ascii_uppercase + string.digits) for _ in range(26))
        made.tags = list(db_kwargs.get("tags") or [])
        made.deletion_protection = bool(db_kwargs.get("deletion_protection"))
        made.backup_retention_period = 0
        made.preferred_maintenance_window = CHOSEN_WINDOW
        made.vpc_security_group_ids = list(db_kwargs.get("vpc_security_group_ids") or default_groups(self))
        made.enabled_cloudwatch_logs_exports = list(db_kwargs.get("enable_cloudwatch_logs_exports") or [])
        made._associated_roles = []
        return made

    def promote_read_replica(self, db_kwargs):
        replica = self.databases[db_kwargs["db_instance_identifier"]]
        if not replica.source_db_instance_identifier:
            raise RDSClientError("InvalidDBInstanceState", f"{replica.resource_id} is not a read replica.")
        part(self, replica)
        promote(self, db_kwargs)
        replica.is_replica = False
        replica.backup_retention_period = int(db_kwargs.get("backup_retention_period") or 1)
        rds_states.begin(settings, replica, "modifying")
        return replica

    def modify_db_instance(self, db_instance_identifier, db_kwargs):
        instance = modify(self, db_instance_identifier, db_kwargs)
        if instance.resource_id != db_instance_identifier:  # both sides know each other by name
            for other in self.databases.values():
                if getattr(other, "source_db_instance_identifier", None) == db_instance_identifier:
                    other.source_db_instance_identifier = instance.resource_id
                other.replicas = [instance.resource_id if r == db_instance_identifier else r for r in other.replicas]
        return instance

    def restore_db_instance_from_db_snapshot(self, from_snapshot_id, overrides):
        group = overrides.get("option_group_name") or ""
        if group.startswith("default:"):  # AWS has one for every engine and version
            overrides = {k: v for k, v in overrides.items() if k != "option_group_name"}
        snapshot = self.database_snapshots.get(from_snapshot_id)
        if snapshot is not None:
            refuse_baseline(snapshot.database, overrides)
        made = restore(self, from_snapshot_id, overrides)
        made.deletion_protection = bool(overrides.get("deletion_protection"))
        made.tags = list(overrides.get("tags") or [])
        return made

    def copy_db_snapshot(self, **kw):
        made = copy_snapshot(self, **kw)
        if kw.get("kms_key_id"):
            made.encrypted = True
        return made

    backend.create_db_instance_read_replica = create_db_instance_read_replica
    backend.promote_read_replica, backend.modify_db_instance = promote_read_replica, modify_db_instance
    backend.restore_db_instance_from_db_snapshot = restore_db_instance_from_db_snapshot
    backend.copy_db_snapshot = copy_db_snapshot
    correct_deletion()


def default_groups(backend):
    from moto.ec2.models import ec2_backends
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    return [ec2.get_default_security_group(ec2.default_vpc.id).id]


def part(backend, replica):
    source = backend.databases.get(replica.source_db_instance_identifier)
    if source and replica.resource_id in source.replicas:
        source.replicas.remove(replica.resource_id)
    replica.source_db_instance_identifier = None


def correct_deletion():
    answers = responses.RDSResponse
    delete = answers.delete_db_instance

    def delete_db_instance(self):
        instance = self.backend.databases.get(self.params.get("DBInstanceIdentifier"))
        if instance and getattr(instance, "source_db_instance_identifier", None) and not self.params.get("SkipFinalSnapshot"):
            raise RDSClientError("InvalidParameterCombination", "FinalDBSnapshotIdentifier can not be specified when deleting a replica instance")
        followers = [d for d in self.backend.databases.values()
                     if instance and getattr(d, "source_db_instance_identifier", None) == instance.resource_id]
        reply = delete(self)
        for follower in followers:  # they are promoted
            follower.is_replica, follower.source_db_instance_identifier = False, None
        return reply

    answers.delete_db_instance = delete_db_instance
