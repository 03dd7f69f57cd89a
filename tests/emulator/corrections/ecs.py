"""ECS: services report availabilityZoneRebalancing (the provider plans a change otherwise); deployments name the service's task definition."""

from moto.ecs import models


def correct(settings):
    models.Service.availability_zone_rebalancing = "DISABLED"
    backend = models.EC2ContainerServiceBackend
    update = backend.update_service

    def update_service(self, *args, **kw):
        service = update(self, *args, **kw)
        for deployment in service.deployments or []:
            if isinstance(getattr(service, "task_definition", None), str):
                deployment["taskDefinition"] = service.task_definition
        return service

    backend.update_service = update_service
