#!/usr/bin/env python3
"""Every place where credentials can come from, against servers and files on this machine.

usage: credentials_test.py AWS_CALL
"""
import datetime
import hashlib
import json
import os
import re
import tempfile
import urllib.parse

from drive import KEYS, call, check, finish, one, outputs, write
from local_server import LocalServer, reply

CASES = []
IDENTITY = reply(body="""<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>
  <Arn>arn:aws:iam::123456789012:user/u</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>""")


def case(function):
    CASES.append(function)
    return function


def later(minutes=60):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def signer(request):
    """The access key id that a request is signed with, and the token."""
    found = re.search(r"Credential=([^/]+)/", request.headers.get("authorization", ""))
    return found[1] if found else None, request.headers.get("x-amz-security-token")


def assumed(operation, key, minutes=60):
    return reply(body=f"""<{operation}Response><{operation}Result><Credentials><AccessKeyId>{key}</AccessKeyId>
      <SecretAccessKey>role-canary</SecretAccessKey><SessionToken>token-canary-{key}</SessionToken>
      <Expiration>{later(minutes)}</Expiration></Credentials></{operation}Result></{operation}Response>""")


class Aws:
    """STS as far as it is needed; remembers who asked for what."""

    def __init__(self, refuse=None):
        self.refuse = refuse
        self.server = LocalServer(self.answer)
        self.asked = []  # (operation, parameters, access key id)

    def answer(self, request):
        form = {k: v[0] for k, v in urllib.parse.parse_qs(request.body.decode()).items()}
        self.asked.append((form["Action"], form, signer(request)[0]))
        if form["Action"] == self.refuse:
            return reply(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>")
        if form["Action"] == "GetCallerIdentity":
            return IDENTITY
        return assumed(form["Action"], "ROLE" + form["RoleArn"].rsplit("/", 1)[-1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.__exit__()


def identity(aws, **variables):
    return one("sts", "GetCallerIdentity", AWS_ENDPOINT_URL=aws.server.url, **variables)


def files(folder, config="", credentials=""):
    return {"AWS_CONFIG_FILE": write(folder, "config", config),
            "AWS_SHARED_CREDENTIALS_FILE": write(folder, "credentials", credentials), "HOME": folder}


@case
def environment():
    with Aws() as aws:
        check("answer" in identity(aws, **KEYS) and aws.asked[-1][2] == "AKIAEXAMPLE", "environment")
        answer = identity(aws, AWS_ACCESS_KEY_ID="AKIA1")
        check(answer["error"] == "unauthenticated" and "AWS_SECRET_ACCESS_KEY" in answer["message"], f"half: {answer}")
        answer = identity(aws)
        check(answer["error"] == "unauthenticated" and "no AWS credentials" in answer["message"], f"none: {answer}")
        answer = identity(aws, AWS_SESSION_TOKEN="t", AWS_CREDENTIAL_EXPIRATION="2020-01-01T00:00:00Z", **KEYS)
        check(answer["error"] == "unauthenticated" and "expired at 2020" in answer["message"], f"expired: {answer}")


@case
def profiles():
    config = """
# a comment
[default]
region = eu-west-1
[profile "with blank"]
aws_access_key_id = AKIABLANK
aws_secret_access_key = file-canary
region = eu-central-1
[profile both]
aws_access_key_id = AKIACONFIG
aws_secret_access_key = file-canary
[profile half]
aws_access_key_id = AKIAHALF
"""
    credentials = """[default]
aws_access_key_id=AKIADEFAULT
aws_secret_access_key=file-canary
aws_session_token=token-canary-file
[both]
aws_access_key_id = AKIACREDENTIALS
aws_secret_access_key = file-canary
"""
    with tempfile.TemporaryDirectory() as folder, Aws() as aws:
        found = files(folder, config, credentials)
        for profile, key in ((None, "AKIADEFAULT"), ("with blank", "AKIABLANK"), ("both", "AKIACREDENTIALS")):
            identity(aws, AWS_PROFILE=profile, **found)
            check(aws.asked and aws.asked[-1][2] == key, f"profile {profile}: {aws.asked[-1:]}")
        # The environment's keys come first, as with botocore.
        identity(aws, AWS_PROFILE="both", **KEYS, **found)
        check(aws.asked[-1][2] == "AKIAEXAMPLE", "environment before profile")
        answer = identity(aws, AWS_PROFILE="half", **found)
        check(answer["error"] == "unauthenticated", f"half a profile: {answer}")
        answer = identity(aws, AWS_PROFILE="nobody", **found)
        check(answer["error"] == "usage" and "nobody" in answer["message"], f"unknown profile: {answer}")
        identity(aws, AWS_PROFILE="with blank", AWS_REGION=None, **found)
        scope = re.search(r"Credential=\S+?/\d+/([^/]+)/", aws.server.requests[-1].headers["authorization"])[1]
        check(scope == "eu-central-1", f"region of the profile: {scope}")
        broken = files(folder, "[default\nregion = x", "")
        answer = identity(aws, **broken)
        check(answer["error"] == "usage" and ":1:" in answer["message"], f"broken file: {answer}")


@case
def endpoints_of_profiles():
    with tempfile.TemporaryDirectory() as folder, Aws() as aws, LocalServer(lambda _: reply(body='{"Keys": []}')) as kms:
        found = files(folder, f"""[profile p]
endpoint_url = {aws.server.url}
services = s
[services s]
kms =
  endpoint_url = {kms.url}
""")
        asks = [("sts", "GetCallerIdentity", {}), ("kms", "ListKeys", {})]
        answers = call(asks, AWS_PROFILE="p", **KEYS, **found)
        check(all("answer" in a for a in answers) and len(kms.requests) == 1, f"services section: {answers}")
        answers = call(asks, AWS_ENDPOINT_URL=aws.server.url, AWS_ENDPOINT_URL_KMS=kms.url, **KEYS)
        check(all("answer" in a for a in answers) and len(kms.requests) == 2, f"variable by service: {answers}")
        before = len(aws.server.requests) + len(kms.requests)
        answers = call([("kms", "ListKeys", {})], AWS_PROFILE="p", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true",
                       HTTPS_PROXY="http://127.0.0.1:1", AWS_MAX_ATTEMPTS="1", **KEYS, **found)
        check("error" in answers[0] and len(aws.server.requests) + len(kms.requests) == before, "endpoints ignored")


@case
def roles():
    config = """
[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = file-canary
[profile admin]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
external_id = ext-1
duration_seconds = 900
role_session_name = night-run
[profile chained]
role_arn = arn:aws:iam::210987654321:role/Far
source_profile = admin
[profile self]
role_arn = arn:aws:iam::123456789012:role/Self
source_profile = self
aws_access_key_id = AKIASELF
aws_secret_access_key = file-canary
[profile circle1]
role_arn = arn:aws:iam::123456789012:role/C1
source_profile = circle2
[profile circle2]
role_arn = arn:aws:iam::123456789012:role/C2
source_profile = circle1
[profile device]
role_arn = arn:aws:iam::123456789012:role/Mfa
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/u
[profile env]
role_arn = arn:aws:iam::123456789012:role/Env
credential_source = Environment
[profile nosource]
role_arn = arn:aws:iam::123456789012:role/X
"""
    with tempfile.TemporaryDirectory() as folder, Aws() as aws:
        found = files(folder, config)
        answer = identity(aws, AWS_PROFILE="admin", **found)
        (_, form, key), (_, _, last) = aws.asked
        check("answer" in answer and key == "AKIABASE" and last == "ROLEAdmin", f"role: {answer} {aws.asked}")
        check((form["ExternalId"], form["DurationSeconds"], form["RoleSessionName"]) == ("ext-1", "900", "night-run"),
              f"role settings: {form}")
        check(aws.server.requests[-1].headers["x-amz-security-token"] == "token-canary-ROLEAdmin", "role token")
        aws.asked.clear()
        identity(aws, AWS_PROFILE="chained", **found)
        check([a[2] for a in aws.asked] == ["AKIABASE", "ROLEAdmin", "ROLEFar"], f"chain: {[a[2] for a in aws.asked]}")
        aws.asked.clear()
        identity(aws, AWS_PROFILE="self", **found)
        check([a[2] for a in aws.asked] == ["AKIASELF", "ROLESelf"], "its own source")
        for profile, word in (("circle1", "circle"), ("device", "mfa_serial"), ("nosource", "source_profile"),
                              ("env", "Environment")):
            answer = identity(aws, AWS_PROFILE=profile, **found)
            check(answer["error"] == "unauthenticated" and word in answer["message"], f"{profile}: {answer}")
    with tempfile.TemporaryDirectory() as folder, Aws(refuse="AssumeRole") as aws:
        answer = identity(aws, AWS_PROFILE="admin", **files(folder, config))
        check(answer["error"] == "unauthenticated" and "AccessDenied" in answer["message"], f"refused role: {answer}")


@case
def web_identity():
    with tempfile.TemporaryDirectory() as folder, Aws() as aws:
        token = write(folder, "token", "jwt-canary\n")
        variables = {"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/Ci"}
        answer = identity(aws, **variables)
        (operation, form, key), (_, _, last) = aws.asked
        check("answer" in answer and operation == "AssumeRoleWithWebIdentity" and key is None and last == "ROLECi",
              f"web identity: {answer}")
        check(form["WebIdentityToken"] == "jwt-canary", "the token without its line break")
        answer = identity(aws, AWS_WEB_IDENTITY_TOKEN_FILE=token)
        check(answer["error"] == "unauthenticated" and "AWS_ROLE_ARN" in answer["hint"], f"no role: {answer}")
        answer = identity(aws, **{**variables, "AWS_WEB_IDENTITY_TOKEN_FILE": folder + "/none"})
        check(answer["error"] == "unauthenticated", f"no token: {answer}")
    with tempfile.TemporaryDirectory() as folder, Aws(refuse="AssumeRoleWithWebIdentity") as aws:
        variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = write(folder, "token", "jwt-canary")
        check(identity(aws, **variables)["error"] == "unauthenticated", "refused web identity")


def sso_server(expires_ms, status=200):
    def answer(request):
        if not request.path.startswith("/federation/credentials"):
            return IDENTITY
        if status != 200:
            return reply(status, '{"message": "Session token not found or invalid"}',
                         {"x-amzn-ErrorType": "UnauthorizedException"})
        return reply(body=json.dumps({"roleCredentials": {
            "accessKeyId": "SSOKEY", "secretAccessKey": "sso-canary", "sessionToken": "token-canary-sso",
            "expiration": expires_ms}}))
    return LocalServer(answer)


@case
def sso():
    config = """[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
[profile new]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Reader
[profile old]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = Reader
[profile half]
sso_session = corp
sso_account_id = 123456789012
[profile gone]
sso_session = nowhere
sso_account_id = 123456789012
sso_role_name = Reader
"""
    hour = int(datetime.datetime.now().timestamp() * 1000) + 3_600_000
    with tempfile.TemporaryDirectory() as folder:
        found = files(folder, config)

        def cache(name, expires):
            digest = hashlib.sha1(name.encode()).hexdigest()
            write(folder, f".aws/sso/cache/{digest}.json",
                  json.dumps({"accessToken": "bearer-canary", "expiresAt": expires}))

        for profile, name in (("new", "corp"), ("old", "https://corp.awsapps.com/start")):
            with sso_server(hour) as server:
                ask = lambda: one("sts", "GetCallerIdentity", AWS_ENDPOINT_URL=server.url, AWS_PROFILE=profile, **found)
                answer = ask()
                check(answer["error"] == "unauthenticated" and answer["hint"] == f"aws sso login --profile {profile}"
                      and not server.requests, f"{profile}, not signed in: {answer}")
                cache(name, "2020-01-01T00:00:00Z")
                answer = ask()
                check("expired" in answer["message"] and not server.requests, f"{profile}, expired: {answer}")
                cache(name, later().replace("Z", "UTC"))
                answer = ask()
                first = server.requests[0]
                check("answer" in answer and signer(server.requests[1]) == ("SSOKEY", "token-canary-sso"),
                      f"{profile}: {answer}")
                check(first.headers["x-amz-sso_bearer_token"] == "bearer-canary" and "authorization" not in first.headers
                      and "role_name=Reader" in first.path and "account_id=123456789012" in first.path, "sso request")
        with sso_server(hour, status=401) as server:
            answer = one("sts", "GetCallerIdentity", AWS_ENDPOINT_URL=server.url, AWS_PROFILE="new", **found)
            check(answer["error"] == "unauthenticated" and "aws sso login" in answer["hint"], f"refused: {answer}")
        for profile, word in (("half", "sso_role_name"), ("gone", "nowhere")):
            answer = one("sts", "GetCallerIdentity", AWS_PROFILE=profile, **found)
            check(answer["error"] == "unauthenticated" and word in answer["message"], f"{profile}: {answer}")


@case
def process():
    good = {"Version": 1, "AccessKeyId": "PROCKEY", "SecretAccessKey": "process-canary", "SessionToken": "token-canary-p",
            "Expiration": later()}
    with tempfile.TemporaryDirectory() as folder, Aws() as aws:
        script = write(folder, "a program", f"""#!/bin/sh
if [ "$1" = fail ]; then echo process-canary; exit 3; fi
if [ "$1" = garbage ]; then echo process-canary; exit 0; fi
if [ "$1" = endless ]; then while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done; fi
if [ "$1" = 'two $HOME words; exit' ]; then cat <<'END'
{json.dumps(good)}
END
fi
""")
        os.chmod(script, 0o755)
        for argument, expected in (("'two $HOME words; exit'", "answer"), ("fail", "failed"), ("garbage", "version 1"),
                                   ("endless", "too much"), ("'open", "split")):
            found = files(folder, f'[profile p]\ncredential_process = "{script}" {argument}\n')
            answer = identity(aws, AWS_PROFILE="p", **found)
            if expected == "answer":
                check("answer" in answer and aws.asked[-1][2] == "PROCKEY", f"process: {answer}")
            else:
                check(answer.get("error") == "unauthenticated" and expected in answer["message"],
                      f"process {argument}: {answer}")
        found = files(folder, "[profile p]\ncredential_process = /nonexistent/program\n")
        check("cannot be started" in identity(aws, AWS_PROFILE="p", **found)["message"], "no such program")


@case
def container():
    body = json.dumps({"AccessKeyId": "TASKKEY", "SecretAccessKey": "container-canary", "Token": "token-canary-c",
                       "Expiration": later()})
    with tempfile.TemporaryDirectory() as folder, Aws() as aws:
        with LocalServer(lambda _: reply(body=body)) as agent:
            uri = agent.url + "/v1/credentials?id=1"
            answer = identity(aws, AWS_CONTAINER_CREDENTIALS_FULL_URI=uri, AWS_CONTAINER_AUTHORIZATION_TOKEN="Basic tok-canary")
            check("answer" in answer and signer(aws.server.requests[-1]) == ("TASKKEY", "token-canary-c"),
                  f"container: {answer}")
            check(agent.requests[-1].headers["authorization"] == "Basic tok-canary"
                  and agent.requests[-1].path == "/v1/credentials?id=1", "container's request")
            path = write(folder, "token", "from-file-canary\n")
            identity(aws, AWS_CONTAINER_CREDENTIALS_FULL_URI=uri, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=path,
                     AWS_CONTAINER_AUTHORIZATION_TOKEN="other")
            check(agent.requests[-1].headers["authorization"] == "from-file-canary", "the token's file comes first")
            before = len(agent.requests)
            answer = identity(aws, AWS_CONTAINER_CREDENTIALS_FULL_URI=uri, AWS_CONTAINER_AUTHORIZATION_TOKEN="a\r\nX: b")
            check(answer["error"] == "unauthenticated" and len(agent.requests) == before, f"line break: {answer}")
        answer = identity(aws, AWS_CONTAINER_CREDENTIALS_FULL_URI="http://192.0.2.1/x")
        check(answer["error"] == "unauthenticated" and "plain http" in answer["message"], f"other host: {answer}")
        script = [reply(500), reply(200, body)]
        with LocalServer(script) as agent:
            answer = identity(aws, AWS_CONTAINER_CREDENTIALS_FULL_URI=agent.url)
            check("answer" in answer, f"container after a failure: {answer}")
        for bad in (reply(404), reply(body="{"), reply(body='{"AccessKeyId": "A"}')):
            with LocalServer(lambda _: bad) as agent:
                answer = identity(aws, AWS_CONTAINER_CREDENTIALS_FULL_URI=agent.url)
                check(answer["error"] == "unauthenticated", f"container, bad answer: {answer}")


@case
def instance_metadata():
    body = json.dumps({"Code": "Success", "AccessKeyId": "EC2KEY", "SecretAccessKey": "imds-canary",
                       "Token": "token-canary-i", "Expiration": later()})

    def answer_of(token_status=200, role_status=200):
        def answer(request):
            if request.method == "PUT" and request.path == "/latest/api/token":
                return reply(token_status, "imds-token-canary")
            if request.headers.get("x-aws-ec2-metadata-token") != "imds-token-canary":
                return reply(401)
            if request.path == "/latest/meta-data/iam/security-credentials/":
                return reply(role_status, "node-role")
            return reply(200, body) if request.path.endswith("/node-role") else reply(404)
        return answer

    with Aws() as aws:
        on = {"AWS_EC2_METADATA_DISABLED": None}
        with LocalServer(answer_of()) as server:
            answer = identity(aws, AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url, **on)
            check("answer" in answer and signer(aws.server.requests[-1]) == ("EC2KEY", "token-canary-i"), f"imds: {answer}")
            check([r.method for r in server.requests] == ["PUT", "GET", "GET"], "imds requests")
            check("x-aws-ec2-metadata-token-ttl-seconds" in server.requests[0].headers, "imds token's life")
            before = len(server.requests)
            answer = identity(aws, AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url)
            check(answer["error"] == "unauthenticated" and len(server.requests) == before, f"imds disabled: {answer}")
        with LocalServer(answer_of(token_status=403)) as server:
            answer = identity(aws, AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url, **on)
            check(answer["error"] == "unauthenticated" and len(server.requests) == 1 and "version 2" in answer["hint"],
                  f"imds without version 2: {answer}")
        with LocalServer(answer_of(role_status=404)) as server:
            answer = identity(aws, AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url, **on)
            check("no AWS credentials" in answer["message"], f"instance without a role: {answer}")
        answer = identity(aws, AWS_EC2_METADATA_SERVICE_ENDPOINT="http://192.0.2.1", **on)
        check(answer["error"] == "unauthenticated", f"imds elsewhere: {answer}")


@case
def renewal_in_the_middle_of_a_run():
    """Credentials that a service calls expired are renewed, once, and the call is made again."""
    seen = []

    def sts(request):
        seen.append(1)
        return reply(body=json.dumps({"AccessKeyId": f"TASK{len(seen)}", "SecretAccessKey": "container-canary",
                                      "Token": "t", "Expiration": later()}))

    def kms(request):
        if signer(request)[0] == "TASK1" and request.body == b'{"KeyId":"second"}':
            return reply(400, '{"__type": "ExpiredTokenException", "message": "expired"}')
        return reply(body="{}")

    with LocalServer(sts) as agent, LocalServer(kms) as server:
        calls = [("kms", "DescribeKey", {"KeyId": "first"}), ("kms", "EnableKey", {"KeyId": "second"}),
                 ("kms", "DescribeKey", {"KeyId": "third"})]
        answers = call(calls, AWS_ENDPOINT_URL=server.url, AWS_CONTAINER_CREDENTIALS_FULL_URI=agent.url)
        check(all("answer" in a for a in answers) and len(seen) == 2, f"renewal: {answers} {len(seen)}")
        check([signer(r)[0] for r in server.requests] == ["TASK1", "TASK1", "TASK2", "TASK2"], "who signed")


def main():
    for function in CASES:
        function()
    check(not any("canary" in output for output in outputs), "a secret is in an output")
    finish(len(CASES))


if __name__ == "__main__":
    main()
