"""CloudWatch: the number of sessions of a database, as RDS reports it every minute; what nodes of caches count."""

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
    statistics = backend.get_metric_statistics

    # Five minutes from the beginning of what was asked for, also where the fifth has not come yet: nobody waits here.
    def of_caches(self, namespace, metric_name, start_time, end_time, period, stats, dimensions, unit=None):
        if namespace != "AWS/ElastiCache":
            return statistics(self, namespace, metric_name, start_time, end_time, period, stats, dimensions, unit)
        node = next(d["Value"] for d in dimensions if d["Name"] == "CacheClusterId")
        found = []
        for minute in range(5):
            at = start_time + datetime.timedelta(minutes=minute)
            found.append(models.Statistics(stats, at))
            found[-1].unit = "Count"
            found[-1].metric_data.append(models.MetricDatum(
                namespace, metric_name, float(settings.cache_commands.get(node, {}).get(metric_name, 0)), dimensions, at, "Count"))
        return found

    backend.get_metric_statistics = of_caches


def report(cloudwatch, settings):
    rds = rds_backends[cloudwatch.account_id][cloudwatch.region_name]
    at = utcnow() - datetime.timedelta(seconds=5)
    for kind, things in (("DBClusterIdentifier", rds.clusters), ("DBInstanceIdentifier", rds.databases)):
        for name, thing in things.items():
            count = settings.world.sessions(thing) if settings.world else 0
            cloudwatch.metric_data.append(models.MetricDatum(
                "AWS/RDS", "DatabaseConnections", float(count), [{"Name": kind, "Value": name}], at, "Count"))
