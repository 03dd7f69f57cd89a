#!/usr/bin/env python3
"""How long `tfseal verify --live` takes for 1,000 resources, all requests at once against one at a time, in one run.

usage: bench/observe.py TFSEAL [--resources 1000] [--latency-ms 20]

The resources are made with boto3 in the emulator (tests/emulator). The emulator is one Python process that needs several
milliseconds of processor time for an answer, so that it, and not the client, would be measured. Therefore a relay stands
before it: it holds every request back for the latency, without holding others back, and answers what it has answered
before from memory. The first run, which is not measured, fills that memory; the two measured runs send every request
over a connection to the relay and pay the whole latency for each. The numbers are printed as JSON.
"""
import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "emulator"))

import running  # noqa: E402

# Shares of the mix, and what an instance of each needs in a state.
MIX = {"aws_kms_key": 25, "aws_sqs_queue": 25, "aws_dynamodb_table": 20, "aws_s3_bucket": 10, "aws_sns_topic": 10,
       "aws_cloudwatch_log_group": 10}


class Relay:
    """HTTP/1.1 with kept connections; answers after `latency` seconds."""

    def __init__(self, target, latency):
        self.target, self.latency, self.answers, self.served, self.missed = target, latency, {}, 0, 0
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=512), self.loop).result()
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def forward(self, method, path, headers, body):
        kept = {k: v for k, v in headers.items() if k.lower() not in ("connection", "expect", "content-length")}
        request = urllib.request.Request(self.target + path, data=body or None, headers=kept, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        content = answer.read()
        lines = [f"HTTP/1.1 {answer.status} X"] + [f"{k}: {v}" for k, v in answer.headers.items()
                                                   if k.lower() not in ("connection", "content-length", "transfer-encoding")]
        return ("\r\n".join(lines) + f"\r\nContent-Length: {len(content)}\r\n\r\n").encode() + content

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                arrived = self.loop.time()
                first, *rest = head.decode("latin-1").split("\r\n")
                method, path, _ = first.split(" ", 2)
                headers = dict(line.split(": ", 1) for line in rest if ": " in line)
                lower = {k.lower(): v for k, v in headers.items()}
                body = await reader.readexactly(int(lower.get("content-length", "0")))
                key = (method, path, lower.get("x-amz-target", ""), lower.get("host", ""), body)
                if key not in self.answers:
                    self.missed += 1
                    self.answers[key] = await self.loop.run_in_executor(None, self.forward, method, path, headers, body)
                self.served += 1
                await asyncio.sleep(max(0, arrived + self.latency - self.loop.time()))
                writer.write(self.answers[key])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def make(aws, kind, i):
    """One object; returns its attributes as a state has them."""
    name = f"bench-{i}"
    if kind == "aws_kms_key":
        key = aws("kms").create_key()["KeyMetadata"]
        return {"id": key["KeyId"], "key_id": key["KeyId"], "arn": key["Arn"], "enable_key_rotation": False, "is_enabled": True}
    if kind == "aws_sqs_queue":
        url = aws("sqs").create_queue(QueueName=name)["QueueUrl"]
        return {"id": url, "url": url, "name": name, "arn": f"arn:aws:sqs:us-east-1:123456789012:{name}"}
    if kind == "aws_dynamodb_table":
        arn = aws("dynamodb").create_table(TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                                           AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])["TableDescription"]["TableArn"]
        return {"id": name, "name": name, "arn": arn}
    if kind == "aws_s3_bucket":
        aws("s3").create_bucket(Bucket=name)
        return {"id": name, "bucket": name, "arn": f"arn:aws:s3:::{name}", "region": "us-east-1"}
    if kind == "aws_sns_topic":
        arn = aws("sns").create_topic(Name=name)["TopicArn"]
        return {"id": arn, "arn": arn, "name": name}
    aws("logs").create_log_group(logGroupName=name)
    return {"id": name, "name": name, "arn": f"arn:aws:logs:us-east-1:123456789012:log-group:{name}"}


def state_of(emulator, count):
    clients, resources = {}, []

    def aws(service):
        if service not in clients:
            clients[service] = emulator.client(service)
        return clients[service]
    for kind, share in MIX.items():
        instances = [{"index_key": i, "schema_version": 0, "attributes": make(aws, kind, i)} for i in range(count * share // 100)]
        resources.append({"mode": "managed", "type": kind, "name": "bench", "each": "list", "instances": instances,
                          "provider": 'provider["registry.terraform.io/hashicorp/aws"]'})
    return {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "bench", "outputs": {}, "resources": resources}


def verify(tfseal, state, environment, *flags):
    began = time.monotonic()
    done = subprocess.run([tfseal, "verify", state, "--live", "--managed-only", "--output", "json", *flags], env=environment,
                          capture_output=True, text=True, check=False)
    took = time.monotonic() - began
    if done.returncode not in (0, 3, 4):
        sys.exit(f"verify ended with {done.returncode}: {done.stderr[-2000:]}")
    return took, json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tfseal")
    parser.add_argument("--resources", type=int, default=1000)
    parser.add_argument("--latency-ms", type=float, default=20)
    flags = parser.parse_args()
    with running.Emulator() as emulator, tempfile.TemporaryDirectory() as scratch:
        state = os.path.join(scratch, "terraform.tfstate")
        with open(state, "w", encoding="utf-8") as out:
            json.dump(state_of(emulator, flags.resources), out)
        relay = Relay(emulator.url, flags.latency_ms / 1000)
        environment = emulator.environment(AWS_ENDPOINT_URL=relay.url)
        verify(flags.tfseal, state, environment)
        relay.served = relay.missed = 0
        together, report = verify(flags.tfseal, state, environment)
        served, missed = relay.served, relay.missed
        apart, same = verify(flags.tfseal, state, environment, "--concurrency", "1")
        live = report["live"]
        print(json.dumps({
            "resources": live["resources"], "answered": live["resources_answered"], "requests": live["requests_total"],
            "requests_per_resource": round(live["requests_total"] / live["resources"], 2), "latency_ms": flags.latency_ms,
            "at_once_s": round(together, 2), "one_at_a_time_s": round(apart, 2), "ratio": round(apart / together, 1),
            "requests_at_the_relay": served, "not_from_memory": missed, "same_report": report == same}, indent=1))
        return 0 if live["resources_answered"] == live["resources"] and report == same else 1


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
