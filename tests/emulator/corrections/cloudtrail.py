"""CloudTrail: trails by ARN (the Terraform provider starts logging so)."""

from moto.cloudtrail import models


def correct(settings):
    def by_name(original):
        def call(self, name, *args, **kw):
            return original(self, self.get_trail(name).trail_name if len(name) > 2 else name, *args, **kw)
        return call

    for operation in ("start_logging", "stop_logging", "delete_trail"):
        setattr(models.CloudTrailBackend, operation, by_name(getattr(models.CloudTrailBackend, operation)))
