"""moto as AWS behaves: each module corrects one service; GAPS.md lists what and why."""


def apply_all(settings):
    """settings: see emulator.Settings. Imports moto; ImportError if it is not installed."""
    from corrections import backup, cloudtrail, cloudwatch, ecs, kms, rds, rds_engines, rds_offers, rds_replicas, rds_states, secretsmanager
    kms.correct(settings)
    rds.correct(settings)
    rds_engines.correct(settings)
    rds_offers.correct(settings)
    rds_states.correct(settings)
    rds_replicas.correct(settings)
    secretsmanager.correct(settings)
    ecs.correct(settings)
    cloudtrail.correct(settings)
    cloudwatch.correct(settings)
    backup.correct(settings)
