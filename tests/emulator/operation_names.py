"""Names the AWS operation of an HTTP request: the same names for query, JSON and REST protocols.

REST operations (S3, AWS Backup, Lambda ...) are found by method, path and query keys in the service model of botocore.
"""

import functools
import json
import re
from urllib.parse import parse_qs, parse_qsl

# Members that name what a call is about; everything else of a call is only digested.
NAMING = re.compile(
    r"(^|\.)(\w*Identifier|\w*SnapshotId|SecretId|Name|KeyId|TargetKeyId|AliasName|TaskDefinition|taskDefinition"
    r"|family|service|cluster|GroupId|GroupName|RoleName|PolicyName|PolicyArn|ClientRequestToken|DesiredCount|desiredCount"
    r"|BackupVaultName|Bucket|Key)(\.member)?(\.\d+)?$", re.IGNORECASE)


class Request:
    """service, action and region as signed; params: {name: text}, flat; never logged as they are."""

    def __init__(self, env, body):
        self.method = env["REQUEST_METHOD"]
        self.path = env.get("PATH_INFO", "/")
        self.query = env.get("QUERY_STRING", "")
        self.target = env.get("HTTP_X_AMZ_TARGET", "")
        self.body = body
        self.headers = {k[5:].replace("_", "-").lower() for k in env if k.startswith("HTTP_")}
        self.account = ""
        self.service, self.region = self._scope(env)
        self.protocol, self.action, self.params = self._operation()

    def _scope(self, env):
        found = re.search(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request", env.get("HTTP_AUTHORIZATION", ""))
        if not found:
            found = re.search(r"X-Amz-Credential=([^%&]+)%2F\d{8}%2F([^%]+)%2F([^%]+)%2F", self.query)
        if not found:
            return "", ""
        self.account = found[1]
        return found[3].lower(), found[2]

    def _operation(self):
        if self.target:
            return "json", self.target.rsplit(".", 1)[-1], flatten(read_json(self.body))
        for text in (self.body, self.query.encode()):
            if b"Action=" in text[:200] or b"&Action=" in text:
                form = dict(parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True))
                if "Action" in form:
                    return "query", form["Action"], form
        if self.service:
            given = parse_qs(self.query, keep_blank_values=True)
            for operation, pattern, needed, headers, bound in rest_operations(self.service, self.method):
                match = pattern.match(self.path)
                if match and all(h in self.headers for h in headers) and all(k in given and (v is None or given[k] == [v]) for k, v in needed):
                    params = {name: match[i + 1] for i, name in enumerate(bound)}
                    params.update({k: v[0] for k, v in given.items()})
                    if self.body[:1] == b"{":
                        params.update(flatten(read_json(self.body)))
                    return "rest", operation, params
        return "rest", "", {}

    def named(self):
        """What the call is about, as {member: value}: identifiers only."""
        return {k: v for k, v in sorted(self.params.items()) if NAMING.search(k) and isinstance(v, str) and len(v) < 300}


def read_json(body):
    try:
        return json.loads(body or b"{}")
    except ValueError:
        return {}


def flatten(value, prefix=""):
    """{"a": {"b": [1]}} as {"a.b.1": "1"}."""
    if isinstance(value, dict):
        items = [(f"{prefix}.{k}" if prefix else k, v) for k, v in value.items()]
    elif isinstance(value, list):
        items = [(f"{prefix}.{i + 1}", v) for i, v in enumerate(value)]
    else:
        return {prefix: value if isinstance(value, str) else json.dumps(value)}
    out = {}
    for key, inner in items:
        out.update(flatten(inner, key))
    return out


@functools.lru_cache(maxsize=None)
def rest_operations(service, method):
    """[(operation, path pattern, needed query members, needed headers, bound names)], the most specific first."""
    import botocore.loaders
    loader = botocore.loaders.Loader()
    names = {"monitoring": "cloudwatch", "elasticfilesystem": "efs", "es": "opensearch"}
    try:
        model = loader.load_service_model(names.get(service, service), "service-2")
    except Exception:  # a service that botocore does not know has no names
        return []
    if not model["metadata"]["protocol"].startswith("rest"):
        return []
    found = []
    for name, operation in model["operations"].items():
        if operation["http"]["method"] != method:
            continue
        path, _, query = operation["http"]["requestUri"].partition("?")
        bound = re.findall(r"\{(\w+)\+?\}", path)
        # A placeholder with "+" is greedy; a path ends with or without a slash.
        pattern = "".join(
            "(.+)" if part.endswith("+}") else "([^/]+)" if part.startswith("{") else re.escape(part)
            for part in re.split(r"(\{\w+\+?\})", path))
        needed = [(k, v or None) for k, v in parse_qsl(query, keep_blank_values=True)]
        members = model["shapes"].get(operation.get("input", {}).get("shape"), {})
        headers = []
        for member in members.get("required", []):
            shape = members["members"][member]
            if shape.get("location") == "querystring":
                needed.append((shape["locationName"], None))
            elif shape.get("location") == "header":
                headers.append(shape["locationName"].lower())
        found.append((name, re.compile(pattern.rstrip("/") + "/?$"), needed, headers, bound))
    # What needs more comes first, then what leaves less open.
    return sorted(found, key=lambda f: (-len(f[2]) - len(f[3]), len(f[4]), f[0]))
