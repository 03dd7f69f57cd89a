"""ECS: rollouts take time, can fail, and tasks that start read their secrets and write their logs.

After a change of the task definition or a forced deployment the new deployment is PRIMARY and IN_PROGRESS, the old one
ACTIVE; after `settings.pending` describes the new one is COMPLETED and the old one gone. A rollout fails if the task
definition refers to a secret that cannot be read, or if settings.failing_rollouts names its family or "family:revision":
with the circuit breaker the deployment is FAILED and, if it asks for that, the previous revision is rolled out again.
"""

import json

from moto.core.utils import unix_time_millis, utcnow
from moto.ecs import models, responses
from moto.logs.models import logs_backends
from moto.moto_api._internal import mock_random
from moto.secretsmanager.models import secretsmanager_backends

from corrections import cloudtrail

# What a service has that asked for nothing; moto forgets what was asked for.
DEPLOYMENT = {"maximumPercent": 200, "minimumHealthyPercent": 100, "deploymentCircuitBreaker": {"enable": False, "rollback": False}}


def correct(settings):
    # aws_ecs_service plans a change each time when this field is missing.
    models.Service.availability_zone_rebalancing = "DISABLED"
    backend = models.EC2ContainerServiceBackend
    create_response = responses.EC2ContainerServiceResponse.create_service
    create, update, describe = backend.create_service, backend.update_service, backend.describe_services

    def create_service(self, *args, **kw):
        service = create(self, *args, **kw)
        service.running_count, service.pending_count = 0, service.desired_count
        service.deployments = []
        begin(service)
        return service

    def create_with_configuration(self):
        answer = create_response(self)
        service = self.ecs_backend._get_service(self._get_param("cluster", "default"), self._get_param("serviceName"))
        service.deployment_configuration = {**DEPLOYMENT, **(self._get_param("deploymentConfiguration") or {})}
        return answer

    def update_service(self, properties):
        if properties.get("deployment_configuration"):
            properties["deployment_configuration"] = {**DEPLOYMENT, **properties["deployment_configuration"]}
        service = self._get_service(properties.get("cluster", "default"), properties["service"].split("/")[-1])
        before, running = service.task_definition, service.running_count
        forced = properties.get("force_new_deployment", False)
        service = update(self, properties)
        service.running_count = running  # tasks start and stop in their own time
        if service.task_definition:
            service.task_definition = self.describe_task_definition(service.task_definition).arn
        if forced or service.task_definition != before:
            begin(service)
        elif service.deployments:
            service.deployments[0]["desiredCount"] = service.desired_count
        service._left = settings.pending
        return service

    def describe_services(self, cluster_str, names):
        services, failures = describe(self, cluster_str, names)
        for service in services:
            tick(settings, self, service)
        return services, failures

    responses.EC2ContainerServiceResponse.create_service = create_with_configuration
    backend.create_service, backend.update_service = create_service, update_service
    backend.describe_services = describe_services


def begin(service):
    for deployment in service.deployments:
        deployment["status"] = "ACTIVE"
        deployment["desiredCount"] = 0
    now = utcnow()
    name = f"ecs-svc/{mock_random.randint(0, 32**12)}"
    service.deployments.insert(0, {
        "id": name, "status": "PRIMARY", "taskDefinition": service.task_definition, "desiredCount": service.desired_count,
        "runningCount": 0, "pendingCount": service.desired_count, "failedTasks": 0, "launchType": service.launch_type,
        "platformVersion": service.platform_version, "networkConfiguration": service.network_configuration,
        "platformFamily": "EC2" if service.launch_type == "EC2" else "FARGATE", "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {name} in progress.", "createdAt": now, "updatedAt": now,
    })
    service._left = getattr(service, "_left", None) or 0


def tick(settings, backend, service):
    if not service.deployments:
        return
    primary = service.deployments[0]
    moving = primary["rolloutState"] == "IN_PROGRESS" or service.running_count != service.desired_count
    if not moving or primary["rolloutState"] == "FAILED":
        return
    if getattr(service, "_left", 0) > 0:
        service._left -= 1
        return
    definition = backend.describe_task_definition(primary["taskDefinition"])
    started = service.desired_count - primary["runningCount"]
    reason = start_tasks(settings, backend, service, definition, started) if started > 0 else None
    if reason:
        fail(settings, service, primary, reason)
        return
    service.running_count, service.pending_count = service.desired_count, 0
    primary.update(runningCount=service.desired_count, pendingCount=0, desiredCount=service.desired_count,
                   rolloutState="COMPLETED", rolloutStateReason=f"ECS deployment {primary['id']} completed.")
    service.deployments[1:] = []


def fail(settings, service, primary, reason):
    primary["failedTasks"] += service.desired_count
    event = {"id": str(mock_random.uuid4()), "createdAt": utcnow(),
             "message": f"(service {service.name}) was unable to place a task. Reason: {reason}"}
    service.events = [event, *service.events][:100]
    breaker = (getattr(service, "deployment_configuration", None) or {}).get("deploymentCircuitBreaker", {})
    if not breaker.get("enable"):
        return  # AWS tries for ever
    primary.update(rolloutState="FAILED", rolloutStateReason="ECS deployment circuit breaker: tasks failed to start.")
    previous = next((d for d in service.deployments[1:]), None)
    if breaker.get("rollback") and previous:
        service.task_definition = previous["taskDefinition"]
        begin(service)
        service.deployments[0]["rolloutStateReason"] = (
            f"ECS deployment circuit breaker: rolling back to deploymentId {previous['id']}.")
        service.deployments[1:] = [d for d in service.deployments[1:] if d["rolloutState"] == "FAILED"] + [previous]
        service._left = settings.pending


def start_tasks(settings, backend, service, definition, count):
    """What tasks do when they start. Returns why they do not, or None."""
    revision = f"{definition.family}:{definition.revision}"
    if revision in settings.failing_rollouts or definition.family in settings.failing_rollouts:
        return "task failed container health checks"
    secrets = secretsmanager_backends[backend.account_id][backend.region_name]
    for number in range(count):
        lines = []
        for container in definition.container_definitions:
            for reference in container.get("secrets") or []:
                failed = read_secret(backend, secrets, reference["valueFrom"], definition.execution_role_arn)
                if failed:
                    return f"ResourceInitializationError: unable to pull secrets: {failed}"
            lines += application_lines(backend, secrets, container, definition)
            write_log(backend, container, f"{mock_random.uuid4().hex[:16]}-{number}", lines + settings.task_lines)
    return None


def read_secret(backend, secrets, reference, role):
    parts = reference.split(":")
    name = ":".join(parts[:7]) if reference.startswith("arn:") else reference
    if reference.startswith("arn:") and parts[2] != "secretsmanager":
        return None  # Systems Manager
    try:
        secrets.get_secret_value(name, None, None)
    except Exception as error:  # whatever moto finds wrong: the task cannot start
        cloudtrail.record(backend.account_id, backend.region_name, name, role, str(error))
        return type(error).__name__
    cloudtrail.record(backend.account_id, backend.region_name, name, role)
    return None


def application_lines(backend, secrets, container, definition):
    """What an application in dual mode logs about the key it found: as the migration guide of the example expects."""
    environment = {e["name"]: e["value"] for e in container.get("environment") or []}
    name = environment.get("SECRETS_MANAGER_KEY_NAME")
    if not name:
        return []
    failed = read_secret(backend, secrets, name, definition.task_role_arn)
    if not failed:
        version = secrets.get_secret_value(name, None, None)["VersionId"]
        return [json.dumps({"event": "encryption_key_fetched_from_aws", "secret_id": name, "version_id": version})]
    if "ENCRYPTION_MASTER_KEY" in environment:
        return [json.dumps({"event": "aws_unavailable_using_env_fallback", "secret_id": name, "error": failed})]
    return [json.dumps({"event": "encryption_key_missing", "secret_id": name, "error": failed})]


def write_log(backend, container, task, lines):
    options = (container.get("logConfiguration") or {}).get("options") or {}
    group = options.get("awslogs-group")
    logs = logs_backends[backend.account_id][options.get("awslogs-region", backend.region_name)]
    if not group or group not in logs.groups:
        return
    stream = f"{options.get('awslogs-stream-prefix', 'ecs')}/{container['name']}/{task}"
    logs.create_log_stream(group, stream)
    at = int(unix_time_millis())
    logs.put_log_events(group, stream, [{"timestamp": at, "message": line} for line in ["started", *lines]])
