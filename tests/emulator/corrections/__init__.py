"""moto as AWS behaves: each module corrects one service; GAPS.md lists what and why."""


def apply_all(settings):
    """settings: see emulator.Settings. Imports moto; ImportError if it is not installed."""
    from corrections import backup, cloudtrail, cloudwatch, dynamodb, ecs, efs, elasticache, kms, logs, opensearch, rds, rds_blue_green, rds_engines, rds_offers, rds_proxies, rds_replicas, rds_states, redshift, secretsmanager
    kms.correct(settings)
    logs.correct(settings)
    opensearch.correct(settings)
    rds.correct(settings)
    rds_engines.correct(settings)
    rds_offers.correct(settings)
    rds_states.correct(settings)
    rds_replicas.correct(settings)
    rds_proxies.correct(settings)
    rds_blue_green.correct(settings)
    secretsmanager.correct(settings)
    ecs.correct(settings)
    efs.correct(settings)
    elasticache.correct(settings)
    redshift.correct(settings)
    dynamodb.correct(settings)
    cloudtrail.correct(settings)
    cloudwatch.correct(settings)
    backup.correct(settings)
