"""CloudTrail: trails by ARN (the Terraform provider starts logging so), and LookupEvents over what really happened:
GetSecretValue of clients and of tasks that start."""

import json
import threading
import uuid

from moto.cloudtrail import models, responses
from moto.core.utils import unix_time, utcnow

lock = threading.Lock()
recorded = []  # (account, region, event), oldest first


def correct(settings):
    def by_name(original):
        def call(self, name, *args, **kw):
            return original(self, self.get_trail(name).trail_name if len(name) > 2 else name, *args, **kw)
        return call

    for operation in ("start_logging", "stop_logging", "delete_trail"):
        setattr(models.CloudTrailBackend, operation, by_name(getattr(models.CloudTrailBackend, operation)))
    responses.CloudTrailResponse.lookup_events = lookup_events


def record(account, region, secret, principal, error=None):
    """Notes a GetSecretValue; `principal` is the role (or user) that asked."""
    name = (principal or "unknown").rsplit("/", 1)[-1]
    detail = {
        "eventVersion": "1.08", "eventSource": "secretsmanager.amazonaws.com", "eventName": "GetSecretValue",
        "awsRegion": region, "eventTime": utcnow().strftime("%Y-%m-%dT%H:%M:%SZ"), "eventID": str(uuid.uuid4()),
        "userIdentity": {
            "type": "AssumedRole", "principalId": f"AROA:{name}", "accountId": account,
            "arn": f"arn:aws:sts::{account}:assumed-role/{name}/session",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": principal or "", "userName": name}},
        },
        "requestParameters": {"secretId": secret}, "responseElements": None, "readOnly": True,
    }
    if error:
        detail["errorCode"] = "AccessDenied"
        detail["errorMessage"] = error
    event = {
        "EventId": detail["eventID"], "EventName": "GetSecretValue", "ReadOnly": "true", "EventTime": unix_time(),
        "EventSource": detail["eventSource"], "Username": name, "CloudTrailEvent": json.dumps(detail),
        "Resources": [{"ResourceType": "AWS::SecretsManager::Secret", "ResourceName": secret}],
    }
    with lock:
        recorded.append((account, region, event))


def observe(request, status, _answer):
    """A call of a client, as the fault layer saw it."""
    if request.action == "GetSecretValue":
        from moto.core import DEFAULT_ACCOUNT_ID
        record(DEFAULT_ACCOUNT_ID, request.region, request.params.get("SecretId", ""), f"user/{request.account}",
               None if status == 200 else "refused")


MATCHES = {
    "EventName": lambda e, v: e["EventName"] == v, "EventId": lambda e, v: e["EventId"] == v,
    "Username": lambda e, v: e["Username"] == v, "EventSource": lambda e, v: e["EventSource"] == v,
    "ReadOnly": lambda e, v: e["ReadOnly"] == v,
    "ResourceName": lambda e, v: any(r["ResourceName"] == v for r in e["Resources"]),
    "ResourceType": lambda e, v: any(r["ResourceType"] == v for r in e["Resources"]),
}


def lookup_events(self):
    attributes = self._get_param("LookupAttributes") or []
    start, end = self._get_param("StartTime"), self._get_param("EndTime")
    size, skip = int(self._get_param("MaxResults") or 50), int(self._get_param("NextToken") or 0)
    with lock:
        events = [e for account, region, e in reversed(recorded) if account == self.current_account and region == self.region]
    events = [e for e in events if all(MATCHES[a["AttributeKey"]](e, a["AttributeValue"]) for a in attributes)
              and (start is None or e["EventTime"] >= float(start)) and (end is None or e["EventTime"] <= float(end))]
    answer = {"Events": events[skip:skip + size]}
    if len(events) > skip + size:
        answer["NextToken"] = str(skip + size)
    return json.dumps(answer)
