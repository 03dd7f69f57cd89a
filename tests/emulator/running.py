"""Starts the emulator for a test driver: with running.Emulator("--postgres") as aws: aws.client("rds") ..."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


class Skip(unittest.SkipTest):
    """The machine lacks something; says what."""


def skip_or_run(main):
    """Runs main(); a Skip is printed and ends with exit 77."""
    try:
        return main() or 0
    except Skip as reason:
        name = os.path.basename(sys.argv[0])
        print(f"SKIP {name}: {reason}\n[  SKIPPED ] {name} (0 ms)", flush=True)
        return 77


class Report(unittest.TextTestResult):
    """One line per test, as GoogleTest prints it, so that ./dev counts them all alike."""

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def line(self, word, test):
        print(f"[{word}] {test.id()} ({int((time.monotonic() - self.began) * 1000)} ms)", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line("       OK ", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line("  FAILED  ", test)

    def addError(self, test, err):
        super().addError(test, err)
        self.began = getattr(self, "began", time.monotonic())
        self.line("  FAILED  ", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(reason)
        self.began = getattr(self, "began", time.monotonic())
        self.line("  SKIPPED ", test)


def run_tests():
    """unittest.main() with the lines of Report; returns the exit code."""
    runner = unittest.TextTestRunner(resultclass=Report, verbosity=0)
    program = unittest.main(module="__main__", exit=False, testRunner=runner)
    return 0 if program.result.wasSuccessful() else 1


def clients():
    """boto3, or a Skip."""
    try:
        import boto3
        return boto3
    except ImportError as missing:
        raise Skip(f"{missing}: pip install boto3") from None


class Emulator:
    def __init__(self, *flags, account="123456789012", region="us-east-1", log=None):
        self.flags, self.account, self.region, self.log = flags, account, region, log
        self.made = {}  # boto3 takes a tenth of a second for a client
        self.lock = threading.Lock()

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        out = open(self.log, "wb") if self.log else subprocess.DEVNULL
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "emulator.py"), "--port", str(self.port), "--account", self.account,
             "--with-parent", *self.flags],
            stdout=out, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while True:
            if self.process.poll() is not None:
                if self.process.returncode == 77:
                    raise Skip("the emulator needs moto (pip install 'moto[server]==5.2.1') and, with --postgres, PostgreSQL")
                raise RuntimeError(f"the emulator ended with {self.process.returncode}; see {self.log}")
            try:
                urllib.request.urlopen(self.url + "/moto-api/", timeout=5).read()
                return self
            except (urllib.error.URLError, ConnectionError, OSError):
                if time.monotonic() > deadline:
                    raise RuntimeError("the emulator does not answer") from None
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def environment(self, **more):
        """For programs that talk to it: no other credentials, no other endpoint."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TF_VAR_"))}
        return {**kept, "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": "AKIAEMULATOR00000001",
                "AWS_SECRET_ACCESS_KEY": "CANARY-emulator-secret-0001", "AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region,
                "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "3", "CHECKPOINT_DISABLE": "1", **more}

    def client(self, service, region=None):
        from botocore.config import Config
        key = (service, region or self.region)
        with self.lock:
            if key not in self.made:
                self.made[key] = clients().client(
                    service, endpoint_url=self.url, region_name=key[1], aws_access_key_id="AKIAEMULATOR00000001",
                    aws_secret_access_key="CANARY-emulator-secret-0001", config=Config(retries={"total_max_attempts": 1}))
            return self.made[key]

    def ask(self, path, body=None, method=None):
        """Control: GET without a body, else POST."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method or ("GET" if data is None else "POST"))
        try:
            return json.loads(urllib.request.urlopen(request, timeout=120).read())
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.read().decode()}") from None

    def world(self, **settings):
        return self.ask("/world", settings)

    def sql(self, identifier, text, database="postgres"):
        return self.ask("/world/sql", {"identifier": identifier, "database": database, "sql": text})["rows"]

    def faults(self, *faults):
        return self.ask("/faults", list(faults))

    def calls(self):
        return self.ask("/faults/calls")["calls"]

    def clear(self):
        self.ask("/faults", method="DELETE")

    def reset(self):
        self.ask("/moto-api/reset", {})
        self.clear()
