"""AWS Backup: tags by ARN, vault policies, changed plans, selections, jobs, copies and recovery points (complete at once; no data is kept)."""

import json
from urllib.parse import unquote

from moto.backup import responses, urls
from moto.backup.models import BackupBackend
from moto.core.exceptions import JsonRESTError
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

PATHS = (
    "{0}/backup-vaults/(?P<name>[^/]+)/access-policy$", "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/$",
    "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/(?P<arn>.+)$", "{0}/backup-jobs$", "{0}/backup-jobs/(?P<job>[^/]+)$",
    "{0}/resources/(?P<arn>.+)/recovery-points/$", "{0}/copy-jobs$", "{0}/copy-jobs/$",
)


def correct(settings):
    for path in PATHS:
        urls.url_paths[path] = urls.response.dispatch
    for operation in (list_tags, create_backup_selection, get_backup_selection, delete_backup_selection, list_backup_selections, start_backup_job,
                      describe_backup_job, list_recovery_points_by_backup_vault, list_recovery_points_by_resource,
                      describe_recovery_point, start_copy_job, list_copy_jobs, update_backup_plan, put_backup_vault_access_policy, get_backup_vault_access_policy):
        setattr(responses.BackupResponse, operation.__name__, operation)
    init = BackupBackend.__init__

    def new(self, *args, **kw):
        init(self, *args, **kw)
        self.selections, self.jobs, self.points, self.policies, self.copies = {}, {}, {}, {}, {}

    BackupBackend.__init__ = new


def vault(self, name):
    if name not in self.backup_backend.vaults:
        raise JsonRESTError("ResourceNotFoundException", f"Backup vault {name} does not exist.")
    return self.backup_backend.vaults[name]


def part(self, number):
    return unquote(self.path.split("/")[number])


def list_tags(self):
    arn = unquote(self.path.rstrip("/").split("/tags/", 1)[1])
    return json.dumps({"Tags": self.backup_backend.list_tags(resource_arn=arn)})


def create_backup_selection(self):
    plan, body = part(self, 3), json.loads(self.body)
    name = str(mock_random.uuid4())
    chosen = {"SelectionId": name, "BackupPlanId": plan, "CreationDate": unix_time(), "BackupSelection": body["BackupSelection"]}
    self.backup_backend.selections[name] = chosen
    return json.dumps({k: chosen[k] for k in ("SelectionId", "BackupPlanId", "CreationDate")})


def get_backup_selection(self):
    found = self.backup_backend.selections.get(part(self, 5))
    if not found:
        raise JsonRESTError("ResourceNotFoundException", "the selection does not exist")
    return json.dumps(found)


def delete_backup_selection(self):
    if self.backup_backend.selections.pop(part(self, 5), None) is None:
        raise JsonRESTError("ResourceNotFoundException", "the selection does not exist")
    return ""


def list_backup_selections(self):
    plan = part(self, 3)
    return json.dumps({"BackupSelectionsList": [
        {"SelectionId": s["SelectionId"], "BackupPlanId": plan, "CreationDate": s["CreationDate"],
         "SelectionName": s["BackupSelection"]["SelectionName"], "IamRoleArn": s["BackupSelection"]["IamRoleArn"]}
        for s in self.backup_backend.selections.values() if s["BackupPlanId"] == plan]})


def start_backup_job(self):
    body = json.loads(self.body)
    where, now = vault(self, body["BackupVaultName"]), unix_time()
    job, point = str(mock_random.uuid4()), f"arn:aws:backup:{self.region}:{self.current_account}:recovery-point:{mock_random.uuid4()}"
    self.backup_backend.points[point] = {
        "RecoveryPointArn": point, "BackupVaultName": where.backup_vault_name, "BackupVaultArn": where.backup_vault_arn,
        "ResourceArn": body["ResourceArn"], "IamRoleArn": body["IamRoleArn"], "Status": "COMPLETED", "CreationDate": now,
        "CompletionDate": now, "IsEncrypted": True, "EncryptionKeyArn": getattr(where, "encryption_key_arn", None) or "",
        "ResourceType": body["ResourceArn"].split(":")[2].upper(), "Lifecycle": body.get("Lifecycle") or {}}
    self.backup_backend.jobs[job] = {"BackupJobId": job, "State": "COMPLETED", "PercentDone": "100", "RecoveryPointArn": point,
                                     "ResourceArn": body["ResourceArn"], "BackupVaultName": where.backup_vault_name, "CreationDate": now}
    return json.dumps({"BackupJobId": job, "RecoveryPointArn": point, "CreationDate": now})


def describe_backup_job(self):
    found = self.backup_backend.jobs.get(part(self, 2))
    if not found:
        raise JsonRESTError("ResourceNotFoundException", "the job does not exist")
    return json.dumps(found)


def list_recovery_points_by_backup_vault(self):
    name = vault(self, part(self, 2)).backup_vault_name
    return json.dumps({"RecoveryPoints": [p for p in self.backup_backend.points.values() if p["BackupVaultName"] == name]})


def list_recovery_points_by_resource(self):
    arn = unquote(self.path.split("/resources/", 1)[1].rsplit("/recovery-points", 1)[0])
    return json.dumps({"RecoveryPoints": [p for p in self.backup_backend.points.values() if p["ResourceArn"] == arn]})


def describe_recovery_point(self):
    found = self.backup_backend.points.get(unquote(self.path.split("/recovery-points/", 1)[1]))
    if not found:
        raise JsonRESTError("ResourceNotFoundException", "the recovery point does not exist")
    return json.dumps(found)


def put_backup_vault_access_policy(self):
    self.backup_backend.policies[vault(self, part(self, 2)).backup_vault_name] = json.loads(self.body).get("Policy")
    return "{}"


def get_backup_vault_access_policy(self):
    where = vault(self, part(self, 2))
    policy = self.backup_backend.policies.get(where.backup_vault_name)
    if not policy:
        raise JsonRESTError("ResourceNotFoundException", f"Backup vault {where.backup_vault_name} has no access policy.")
    return json.dumps({"BackupVaultName": where.backup_vault_name, "BackupVaultArn": where.backup_vault_arn, "Policy": policy})


def start_copy_job(self):
    body = json.loads(self.body)
    point = self.backup_backend.points.get(body["RecoveryPointArn"])
    if not point or point["BackupVaultName"] != body["SourceBackupVaultName"]:
        raise JsonRESTError("ResourceNotFoundException", "the recovery point does not exist")
    known = [c for c in self.backup_backend.copies.values() if c["token"] == body.get("IdempotencyToken")]
    if known and body.get("IdempotencyToken"):
        return json.dumps({"CopyJobId": known[0]["CopyJobId"], "CreationDate": known[0]["CreationDate"]})
    where, now = vault(self, body["DestinationBackupVaultArn"].rsplit(":", 1)[1]), unix_time()
    job, copy = str(mock_random.uuid4()), f"arn:aws:backup:{self.region}:{self.current_account}:recovery-point:{mock_random.uuid4()}"
    self.backup_backend.points[copy] = {
        **point, "RecoveryPointArn": copy, "BackupVaultName": where.backup_vault_name, "BackupVaultArn": where.backup_vault_arn,
        "SourceBackupVaultArn": point["BackupVaultArn"], "EncryptionKeyArn": getattr(where, "encryption_key_arn", None) or ""}
    self.backup_backend.copies[job] = {
        "CopyJobId": job, "token": body.get("IdempotencyToken"), "State": "COMPLETED", "CreationDate": now, "CompletionDate": now,
        "SourceRecoveryPointArn": body["RecoveryPointArn"], "DestinationRecoveryPointArn": copy, "ResourceArn": point["ResourceArn"],
        "SourceBackupVaultArn": point["BackupVaultArn"], "DestinationBackupVaultArn": where.backup_vault_arn}
    return json.dumps({"CopyJobId": job, "CreationDate": now})


def list_copy_jobs(self):
    wanted = self._get_param("destinationVaultArn")
    return json.dumps({"CopyJobs": [{k: v for k, v in c.items() if k != "token"} for c in self.backup_backend.copies.values()
                                    if wanted in (None, c["DestinationBackupVaultArn"])]})


def update_backup_plan(self):
    plan = self.backup_backend.plans.get(part(self, 3))
    if not plan:
        raise JsonRESTError("ResourceNotFoundException", "the plan does not exist")
    plan.backup_plan = json.loads(self.body)["BackupPlan"]
    for rule in plan.backup_plan["Rules"]:
        rule.setdefault("RuleId", str(mock_random.uuid4()))
    plan.version_id = str(mock_random.uuid4())
    return json.dumps({"BackupPlanId": plan.backup_plan_id, "BackupPlanArn": plan.backup_plan_arn, "VersionId": plan.version_id, "CreationDate": unix_time()})
