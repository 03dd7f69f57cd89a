"""A database with the application's rows, and tfseal processes that re-encrypt them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "emulator"))

import postgres_server  # noqa: E402
from running import Skip  # noqa: E402

TFSEAL = os.environ.get("TFSEAL_BIN", "tfseal")


def sanitized():
    """Whether the program carries a sanitizer, which takes terabytes of addresses and calls of its own."""
    with open(TFSEAL, "rb") as program:
        content = program.read()
    return b"__asan_init" in content or b"__tsan_init" in content


def need():
    """A Skip where the machine lacks something."""
    if reason := postgres_server.missing():
        raise Skip(reason)
    try:
        import cryptography  # noqa: F401
    except ImportError as missing:
        raise Skip(f"{missing}: apt-get install python3-cryptography") from None
    import libpq
    if libpq.PQ is None:
        raise Skip("libpq is not installed")


class Place:
    """One server with one application; everything is removed at the end."""

    def __init__(self, *, pk="bigint", legacy=False, settings=None, **mapping):
        import application
        self.farm = postgres_server.Farm()
        self.folder = tempfile.mkdtemp(prefix="tfseal-rekey-")
        self.server = self.farm.start(self.farm.copy(self.farm.template(), "rows"), "rows")
        for name, value in (settings or {}).items():
            self.server.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.server.sql("SELECT pg_reload_conf()")
        self.dsn = f"host={self.server.data} port={self.server.port} user={postgres_server.SUPERUSER} dbname=postgres"
        self.keys = {"2024-09": application.LocalKey(os.path.join(self.folder, "old.key")),
                     "2025-03": application.LocalKey(os.path.join(self.folder, "new.key"))}
        self.application = application.Application(self.dsn, self.keys, pk=pk, legacy=os.urandom(32) if legacy else None)
        self.evidence = os.path.join(self.folder, "evidence")
        self.config = os.path.join(self.folder, "tfseal.yaml")
        local = {"old": f", local: {self.keys['2024-09'].path}", "new": f", local: {self.keys['2025-03'].path}"}
        self.write_config(**{**local, **mapping})
        self.processes = []
        self.outputs = []

    def write_config(self, **mapping):
        import application
        with open(self.config, "w", encoding="ascii") as file:
            file.write(application.mapping(**{"evidence": self.evidence, **mapping}))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
        self.farm.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def turn(self):
        """The way back: from where the rows are now to where they were. The name of the key they will be under."""
        with open(self.config, encoding="ascii") as file:
            text = file.read()
        for one, other in (("from: { name: 2024-09", "from: { name: 2025-03"), ("to: { name: 2025-03", "to: { name: 2024-09"),
                           ("old.key", "new.key")):
            text = text.replace(one, "\0").replace(other, one).replace("\0", other)
        with open(self.config, "w", encoding="ascii") as file:
            file.write(text)
        return "2024-09" if "to: { name: 2024-09" in text else "2025-03"

    def forget_processes(self):
        """Those that ended, with what they said."""
        for process in self.processes:
            assert process.poll() is not None
            os.unlink(process.log)
        self.processes.clear()

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PG"))}
        return {**kept, "DATABASE_URL": self.dsn, **more}

    def start(self, *arguments, env=None, prefix=()):
        """A process of its own, whose output is kept."""
        log = os.path.join(self.folder, f"process-{len(self.processes)}.log")
        with open(log, "wb") as out:
            process = subprocess.Popen([*prefix, TFSEAL, "rekey", *arguments, "--config", self.config], stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=out, env=env or self.environment())
        process.log = log
        self.processes.append(process)
        return process

    def run(self, *arguments, env=None, timeout=900):
        """Exit code and everything it said."""
        done = subprocess.run([TFSEAL, "rekey", *arguments, "--config", self.config], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, env=env or self.environment(), timeout=timeout)
        return done.returncode, done.stdout + done.stderr

    @staticmethod
    def said(process):
        with open(process.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def status(self):
        done = subprocess.run([TFSEAL, "rekey", "status", "--output", "json", "--config", self.config], text=True,
                              capture_output=True, env=self.environment(), timeout=60)
        return json.loads(done.stdout)

    def status_or_none(self):
        """The same, before there is a job too."""
        try:
            return self.status()
        except ValueError:
            return {"workers": [], "phase": None}

    def wait_until(self, condition, seconds=600):
        """Polls a condition on the state of the job; its value when it is true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if value := condition():
                return value
            time.sleep(0.02)
        raise AssertionError("it did not come to that in time")

    def crash(self):
        """The server ends as in a power cut, and comes back on the same port."""
        self.server.process.send_signal(signal.SIGQUIT)
        self.restart()

    def restart(self):
        """A server that ended, or is about to, comes back on the same port."""
        self.server.process.wait(60)
        port = self.server.port
        saved = postgres_server.free_port
        postgres_server.free_port = lambda: port
        try:
            self.server.__init__(self.server.data, self.server.name)
        finally:
            postgres_server.free_port = saved

    def changed_or_zero(self):
        """The same, before there is a job and while the server is away too."""
        try:
            return self.changed()
        except RuntimeError:
            return 0

    def changed(self):
        """Rows that were moved so far, by the job's own count."""
        return int(self.server.sql("SELECT coalesce(sum(rows_changed), 0) FROM tfseal.segment"))
