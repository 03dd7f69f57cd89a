"""CloudWatch: the number of sessions of a database, as RDS reports it every minute."""

import datetime

from moto.cloudwatch import models
from moto.core.utils import utcnow
from moto.rds.models import rds_backends


def correct(settings):
    backend = models.CloudWatchBackend

    def with_sessions(original):
        def call(self, *args, **kw):
            report(self, settings)
            return original(self, *args, **kw)
        return call

    for operation in ("get_metric_data", "get_metric_statistics"):
        setattr(backend, operation, with_sessions(getattr(backend, operation)))


def report(cloudwatch, settings):
    rds = rds_backends[cloudwatch.account_id][cloudwatch.region_name]
    at = utcnow() - datetime.timedelta(seconds=5)
    for kind, things in (("DBClusterIdentifier", rds.clusters), ("DBInstanceIdentifier", rds.databases)):
        for name, thing in things.items():
            count = settings.world.sessions(thing) if settings.world else 0
            cloudwatch.metric_data.append(models.MetricDatum(
                "AWS/RDS", "DatabaseConnections", float(count), [{"Name": kind, "Value": name}], at, "Count"))
