"""Runs the program aws_call, and counts what does not hold."""
import json
import os
import pathlib
import subprocess
import sys

failures = []
outputs = []  # everything that any run wrote, to look for secrets in


def check(condition, text):
    if not condition:
        failures.append(text)
        print(f"FAIL: {text}")


def environment(**variables):
    """Nothing of this process' own AWS settings; temporary files stand for the shared configuration."""
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith("AWS_") and "proxy" not in k.lower()}
    kept.update(HOME="/nonexistent", AWS_EC2_METADATA_DISABLED="true", AWS_REGION="us-east-1")
    kept.update(variables)
    return {k: v for k, v in kept.items() if v is not None}


def call(calls, **variables):
    """The answers to [(service, operation, parameters)] or to whole call objects."""
    lines = [c if isinstance(c, dict) else {"service": c[0], "operation": c[1], "parameters": c[2]} for c in calls]
    done = subprocess.run([sys.argv[1]], input="".join(json.dumps(line) + "\n" for line in lines).encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**variables), timeout=120)
    outputs.append(done.stdout.decode() + done.stderr.decode())
    if done.returncode < 0:
        check(False, f"aws_call died of signal {-done.returncode}: {done.stderr.decode()[-300:]}")
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def one(service, operation, parameters=None, **variables):
    answers = call([(service, operation, parameters or {})], **variables)
    return answers[0] if answers else {}


KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret-canary-1"}


def write(folder, name, text):
    path = pathlib.Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def finish(count):
    print(f"{count} cases, {len(failures)} failures")
    sys.exit(1 if failures else 0)
