#!/usr/bin/env python3
"""Signs random requests with botocore and with ours, and compares every stage.

usage: signature_oracle.py SIGN_STAGES [COUNT] [SEED]
"""
import base64
import datetime
import json
import random
import subprocess
import sys

try:
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    print("SKIP: botocore is not installed")
    sys.exit(77)
if "connection" not in botocore.auth.SIGNED_HEADERS_BLACKLIST:
    # Debian 12's does: proxies change such headers, and the signature is void behind them.
    print(f"SKIP: botocore {botocore.__version__} signs the header connection; a newer one does not, and so do we not")
    sys.exit(77)

REGIONS = ["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1", "ap-southeast-2"]
SERVICES = ["rds", "kms", "secretsmanager", "ecs", "sts", "iam", "ec2", "backup", "ecr", "execute-api"]
# Already percent-encoded, as paths and queries are when they are signed.
PATH_PIECES = ["a", "Key", "%20", "%2F", "%C3%BC", "~", ".", "..", "-", "_", "", "/", "//", "%7E", "x.y", "=", ":", "@",
               "+", "$", "*", "(", "!", "'", ";", ","]
QUERY_PIECES = ["a", "A", "prefix", "%20", "%2F", "list-type", "2", "%E2%82%AC", "~", "-", "", "%3D", "%26", "z", "Z9"]
HEADER_NAMES = ["X-Amz-Target", "Content-Type", "x-amz-meta-Name", "X-Custom", "User-Agent", "If-None-Match", "Accept",
                "Expect", "X-Amzn-Trace-Id", "x-amz-acl", "Range", "connection", "TE"]
VALUE_PIECES = ["value", " ", "  ", "\t", "a,b", "\"q\"", "x=y;z", "*", "application/x-amz-json-1.1", "ü", ""]


def text(rng, pieces, most):
    return "".join(rng.choice(pieces) for _ in range(rng.randint(0, most)))


def make(rng):
    s3 = rng.random() < 0.4
    scheme = rng.choice(["https", "https", "http"])
    host = rng.choice(["rds.us-east-1.amazonaws.com", "Bucket-1.S3.amazonaws.com", "127.0.0.1:5000", "localhost:443",
                       "h.example:80", "[::1]:8080", "h.example:443"])
    segments = [text(rng, PATH_PIECES, 4) for _ in range(rng.randint(0, 5))]
    path = "/" + "/".join(segments)
    if not s3 and rng.random() < 0.4:
        path = "/"
    query = "&".join(
        text(rng, QUERY_PIECES, 3) + ("=" + text(rng, QUERY_PIECES, 3) if rng.random() < 0.8 else "")
        for _ in range(rng.randint(0, 5))
    )
    names = rng.sample(HEADER_NAMES, rng.randint(0, 5))
    headers = [[name, text(rng, VALUE_PIECES, 5)] for name in names]
    for name, _ in list(headers):
        if rng.random() < 0.1:
            headers.append([name, text(rng, VALUE_PIECES, 3)])
    when = datetime.datetime(2015, 1, 1) + datetime.timedelta(seconds=rng.randint(0, 500_000_000))
    return {
        "method": rng.choice(["GET", "POST", "PUT", "DELETE", "HEAD"]),
        "scheme": scheme, "host": host, "path": path, "query": query, "headers": headers,
        "body": base64.b64encode(rng.randbytes(rng.choice([0, 0, 1, 20, 300]))).decode(),
        "region": rng.choice(REGIONS), "service": "s3" if s3 else rng.choice(SERVICES), "s3": s3,
        "id": "AKIA" + "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16)),
        "secret": base64.b64encode(rng.randbytes(30)).decode(),
        "token": base64.b64encode(rng.randbytes(200)).decode() if rng.random() < 0.5 else "",
        "time": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def sign(case):
    when = datetime.datetime.strptime(case["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda *args, **kwargs: when
    url = f"{case['scheme']}://{case['host']}{case['path']}" + (f"?{case['query']}" if case["query"] else "")
    request = AWSRequest(method=case["method"], url=url, data=base64.b64decode(case["body"]))
    for name, value in case["headers"]:
        request.headers[name] = value  # adds; it does not replace
    signer = (botocore.auth.S3SigV4Auth if case["s3"] else botocore.auth.SigV4Auth)(
        Credentials(case["id"], case["secret"], case["token"] or None), case["service"], case["region"])
    request.context["timestamp"] = when.strftime("%Y%m%dT%H%M%SZ")
    prepared = request
    signer._modify_request_before_signing(prepared)
    canonical = signer.canonical_request(prepared)
    to_sign = signer.string_to_sign(prepared, canonical)
    signature = signer.signature(to_sign, prepared)
    signer._inject_signature_to_request(prepared, signature)
    return {"canonical_request": canonical, "string_to_sign": to_sign, "signature": signature,
            "authorization": prepared.headers["Authorization"]}


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20261122
    rng = random.Random(seed)
    cases = [make(rng) for _ in range(count)]
    sent = "".join(json.dumps(case) + "\n" for case in cases)
    ours = subprocess.run([program], input=sent.encode(), stdout=subprocess.PIPE, check=True).stdout.splitlines()
    if len(ours) != count:
        sys.exit(f"FAIL: {len(ours)} answers to {count} requests")
    for number, (case, line) in enumerate(zip(cases, ours)):
        theirs, own = sign(case), json.loads(line)
        for stage in ("canonical_request", "string_to_sign", "signature", "authorization"):
            if theirs[stage] != own[stage]:
                sys.exit(f"FAIL: request {number} of seed {seed}: {stage} differs\n{json.dumps(case)}\n"
                         f"botocore: {theirs[stage]!r}\nours:     {own[stage]!r}")
    s3 = sum(case["s3"] for case in cases)
    print(f"{count} requests ({s3} of s3), seed {seed}: every stage is equal")


if __name__ == "__main__":
    main()
