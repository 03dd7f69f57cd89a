#!/usr/bin/env python3
"""What the client does when things go wrong: what is repeated, what never is, what is said.

usage: faults_test.py AWS_CALL
"""
import email.utils
import json
import re
import socket
import subprocess
import tempfile
import time
from datetime import datetime

from drive import KEYS, call, check, finish, one, outputs
from local_server import DROP, LocalServer, raw, reply

KMS_OK = reply(body='{"Keys": []}')
KEY_MADE = reply(body='{"KeyMetadata": {"KeyId": "k"}}')
THROTTLED = reply(400, '{"__type": "ThrottlingException", "message": "Rate exceeded"}')


def error(code, status=400, message="m", **headers):
    return reply(status, json.dumps({"__type": code, "message": message}), headers)


def run(script, calls, **variables):
    """The answers and the requests that arrived."""
    with LocalServer(script) as server:
        return call(calls, AWS_ENDPOINT_URL=server.url, **{**KEYS, **variables}), server.requests


READ = ("kms", "ListKeys", {})
CHANGE = ("kms", "CreateKey", {})
CASES = []


def case(function):
    CASES.append(function)
    return function


@case
def a_read_is_repeated_after_a_lost_answer():
    answers, requests = run([DROP, DROP, KMS_OK], [READ])
    check("answer" in answers[0] and len(requests) == 3, f"read after two drops: {answers} {len(requests)}")


@case
def a_read_gives_up():
    answers, requests = run([DROP] * 9, [READ], AWS_MAX_ATTEMPTS="3")
    check(answers[0]["error"] == "unavailable" and len(requests) == 3, f"read gives up: {answers} {len(requests)}")


@case
def a_change_is_not_repeated_after_a_lost_answer():
    answers, requests = run([DROP, KEY_MADE], [CHANGE])
    check(answers[0]["error"] == "outcome_unknown" and len(requests) == 1, f"change: {answers} {len(requests)}")


@case
def a_change_is_not_repeated_on_a_connection_that_was_reused():
    # curl repeats by itself when a kept connection is closed: not with a change.
    kept = reply(body='{"Keys": []}', close=False)
    answers, requests = run([kept, DROP, KEY_MADE], [READ, CHANGE])
    check(answers[1].get("error") == "outcome_unknown" and len(requests) == 2,
          f"change after a kept connection: {answers} {len(requests)}")


@case
def a_change_with_a_token_that_the_service_honours_is_repeated():
    answers, requests = run([DROP, reply(body='{"Name": "s"}')],
                            [("secretsmanager", "PutSecretValue", {"SecretId": "s", "SecretString": "canary-body"})])
    tokens = {json.loads(r.body)["ClientRequestToken"] for r in requests}
    check("answer" in answers[0] and len(requests) == 2 and len(tokens) == 1, f"with token: {answers} {tokens}")


@case
def a_change_that_was_refused_for_now_is_repeated():
    answers, requests = run([THROTTLED, error("ServiceUnavailable", 503), KEY_MADE], [CHANGE])
    check("answer" in answers[0] and len(requests) == 3, f"throttled change: {answers} {len(requests)}")


@case
def throttling_without_end():
    answers, requests = run([THROTTLED] * 9, [READ], AWS_MAX_ATTEMPTS="3")
    check(answers[0]["error"] == "throttled" and len(requests) == 3, f"throttled: {answers}")


@case
def a_service_that_asks_for_an_hour_is_not_waited_for():
    answers, requests = run([error("ThrottlingException", 400, "m", **{"Retry-After": "3600"}), KMS_OK], [READ])
    check(answers[0]["error"] == "throttled" and len(requests) == 1, f"retry-after: {answers}")


@case
def inside_a_service_something_broke():
    answers, requests = run([error("InternalFailure", 500), KEY_MADE], [CHANGE])
    check(answers[0]["error"] == "outcome_unknown" and len(requests) == 1, f"500 to a change: {answers}")
    answers, requests = run([reply(500, "<html>oops</html>"), error("InternalFailure", 500), KMS_OK], [READ])
    check("answer" in answers[0] and len(requests) == 3, f"500 to a read: {answers}")
    answers, requests = run([reply(502, "<html>"), KEY_MADE], [CHANGE])
    check(answers[0]["error"] == "outcome_unknown" and len(requests) == 1, f"502 to a change: {answers}")


@case
def nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answer = one("kms", "CreateKey", AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", AWS_MAX_ATTEMPTS="2", **KEYS)
    check(answer["error"] == "unavailable", f"refused connection: {answer}")
    start = time.monotonic()
    answer = one("kms", "CreateKey", AWS_ENDPOINT_URL="http://192.0.2.1", **KEYS)
    check(answer["error"] == "unavailable" and "plain http" in answer["message"] and time.monotonic() - start < 5,
          f"plain http elsewhere: {answer}")
    for url in ("ftp://127.0.0.1", "http://user:pw@127.0.0.1", "http://127.0.0.1:99999", "nonsense", "http://[::1"):
        check(one("kms", "ListKeys", AWS_ENDPOINT_URL=url, **KEYS)["error"] == "usage", f"endpoint {url}")


@case
def expired_credentials_are_renewed_once():
    answers, requests = run([error("ExpiredTokenException", 403)] * 5, [CHANGE])
    check(answers[0]["error"] == "unauthenticated" and len(requests) == 2, f"expired: {answers} {len(requests)}")


@case
def the_clock_is_wrong():
    ahead = email.utils.formatdate(time.time() + 7200, usegmt=True)
    answers, requests = run([error("RequestTimeTooSkewed", 403, "m", Date=ahead), KEY_MADE, KMS_OK], [CHANGE, READ])
    check("answer" in answers[0] and len(requests) == 3, f"skew: {answers}")
    times = [datetime.strptime(r.headers["x-amz-date"], "%Y%m%dT%H%M%SZ") for r in requests]
    ahead_by = [(time - times[0]).total_seconds() for time in times[1:]]
    check(all(7100 < seconds < 7300 for seconds in ahead_by), f"skew: the times are off by {ahead_by}")
    answers, requests = run([error("RequestTimeTooSkewed", 403, "m", Date=ahead)] * 4, [READ])
    behind = re.search(r"([0-9]+) seconds behind", answers[0]["message"])
    check(answers[0]["error"] == "unauthenticated" and behind and 7100 < int(behind[1]) <= 7200
          and len(requests) == 2, f"skew that stays: {answers}")


@case
def refusals_say_nothing_of_what_was_sent():
    token = "session-canary-2"
    echo = error("SignatureDoesNotMatch", 403, f"The Canonical String should have been x-amz-security-token:{token}")
    answers, requests = run([echo] * 2, [READ], AWS_SESSION_TOKEN=token)
    check(answers[0]["error"] == "unauthenticated" and len(requests) == 1, f"signature: {answers}")
    check(requests[0].headers["x-amz-security-token"] == token, "the token is sent")
    echo = error("InvalidParameterException", 400, "you sent value-canary-3, which is too short")
    answers, _ = run([echo], [("secretsmanager", "CreateSecret", {"Name": "s", "SecretString": "value-canary-3"})])
    check(answers[0]["error"] == "invalid_input" and "InvalidParameterException" in answers[0]["message"],
          f"echo: {answers}")
    answers, _ = run([error("ValidationException", 400, "x" * 5000 + "\n\x1b[31m")], [READ])
    check(len(answers[0]["message"]) < 500 and "\x1b" not in answers[0]["message"], "long message")


@case
def redirects_are_not_followed():
    with LocalServer([KMS_OK]) as other:
        answers, _ = run([reply(301, "", {"Location": other.url}), reply(307, "", {"Location": other.url})] * 3,
                         [READ], AWS_MAX_ATTEMPTS="2")
        check("error" in answers[0] and not other.requests, f"redirect: {answers}")


HOSTILE = {
    "truncated json": reply(body='{"Keys": [{"KeyId": "'),
    "wrong root": reply(body='["Keys"]'),
    "wrong type": reply(body='{"Keys": {"KeyId": 1}}'),
    "wrong scalar": reply(body='{"Keys": [{"KeyId": {"a": 1}}]}'),
    "deep": reply(body='{"Keys": ' + "[" * 100_000),
    "two values": reply(body='{"Keys": []} {"Keys": []}'),
    "not utf-8": reply(body=b'{"Keys": [{"KeyId": "\xff\xfe"}'),
    "short of its length": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Keys\": []}"),
    "no http": raw(b"\x00\x01\x02 hello\r\n\r\n"),
    "headers without end": raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 400_000 + b"\r\n\r\n"),
    "body without end": raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"a" * (70 << 20)),
}
HOSTILE_XML = {
    "truncated": "<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters>",
    "no result": "<DescribeDBClustersResponse/>",
    "doctype": '<!DOCTYPE a [<!ENTITY b "c">]><DescribeDBClustersResponse/>',
    "deep": "<a>" * 5000 + "</a>" * 5000,
    "deep enough to overflow": "<a>" * 3_000_000,
    "wrong type": "<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters><DBCluster>"
                  "<Port>eighty</Port></DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>",
    "structure for a text": "<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters><DBCluster><Status><a/>"
                            "</Status></DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>",
    "html": "<html><body>hello",
    "empty": "",
}


@case
def hostile_answers_are_errors():
    for name, answer in HOSTILE.items():
        answers, _ = run(lambda _: dict(answer), [READ], AWS_MAX_ATTEMPTS="1")
        check("error" in answers[0], f"hostile json, {name}: {str(answers)[:200]}")
        answers, requests = run(lambda _: dict(answer), [CHANGE], AWS_MAX_ATTEMPTS="3")
        expected = "answer" if name in ("wrong type", "wrong scalar") else "error"  # "Keys" is nothing to CreateKey
        check(expected in answers[0] and len(requests) == 1, f"hostile json to a change, {name}: {str(answers)[:200]}")
        if expected == "error":
            check(answers[0]["error"] == "outcome_unknown", f"hostile json to a change, {name}: {str(answers)[:200]}")
    for name, body in HOSTILE_XML.items():
        answers, _ = run([reply(body=body)], [("rds", "DescribeDBClusters", {})], AWS_MAX_ATTEMPTS="1")
        check("error" in answers[0], f"hostile xml, {name}: {str(answers)[:200]}")


@case
def certificates_are_verified():
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = f"{folder}/key.pem", f"{folder}/cert.pem"
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
                               certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
                               "subjectAltName=IP:127.0.0.1"], capture_output=True)
        if made.returncode != 0:
            return print("SKIP: openssl is not installed, certificates are not tried")
        serve = lambda _: KMS_OK
        with LocalServer(serve, (certificate, key)) as server:
            answer = one("kms", "CreateKey", AWS_ENDPOINT_URL=server.url, **KEYS)
            check(answer["error"] == "unavailable" and "AWS_CA_BUNDLE" in answer["hint"] and not server.requests,
                  f"untrusted certificate: {answer}")
            answer = one("kms", "ListKeys", AWS_ENDPOINT_URL=server.url, AWS_CA_BUNDLE=certificate, **KEYS)
            check("answer" in answer, f"trusted certificate: {answer}")
            url = server.url.replace("127.0.0.1", "localhost")
            answer = one("kms", "ListKeys", AWS_ENDPOINT_URL=url, AWS_CA_BUNDLE=certificate, **KEYS)
            check("error" in answer, f"certificate of another name: {answer}")
            proxy = {"HTTPS_PROXY": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1", "AWS_CA_BUNDLE": certificate}
            answer = one("kms", "ListKeys", AWS_ENDPOINT_URL=server.url, **proxy, **KEYS)
            check("error" in answer, f"a proxy that is not there: {answer}")
            answer = one("kms", "ListKeys", AWS_ENDPOINT_URL=server.url, NO_PROXY="127.0.0.1", **proxy, **KEYS)
            check("answer" in answer, f"no_proxy: {answer}")


@case
def many_at_once_arrive_in_order():
    numbered = lambda request: reply(body=json.dumps({"KeyMetadata": {"KeyId": json.loads(request.body)["KeyId"]}}))
    calls = [{"service": "kms", "operation": "DescribeKey", "parameters": {"KeyId": f"k{i}"}, "together": i < 199}
             for i in range(200)]
    answers, requests = run(numbered, calls)
    check([a["answer"]["KeyMetadata"]["KeyId"] for a in answers] == [f"k{i}" for i in range(200)], "order of answers")
    check(len(requests) == 200, f"{len(requests)} requests for 200 calls")


@case
def wrong_parameters_are_not_sent():
    for parameters in ({"KeyIdd": "k"}, {}, {"KeyId": 5}, {"KeyId": "k", "GrantTokens": "t"}):
        answers, requests = run([KMS_OK], [("kms", "DescribeKey", parameters)])
        check(answers[0]["error"] == "invalid_input" and not requests, f"parameters {parameters}: {answers}")
    answers, requests = run([KMS_OK], [("kms", "NoSuchThing", {}), ("nosuch", "ListKeys", {})])
    check([a["error"] for a in answers] == ["internal", "internal"] and not requests, f"unknown operation: {answers}")


def main():
    for function in CASES:
        function()
    for canary in ("canary-1", "canary-2", "canary-3", "canary-body"):
        check(not any(canary in output for output in outputs), f"{canary} is in an output")
    finish(len(CASES))


if __name__ == "__main__":
    main()
