"""Real PostgreSQL servers for the databases of the emulator: made, copied, stopped."""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

SUPERUSER = "rdsadmin"  # as on RDS: the owner of the server; the master user is not a superuser


def program(name):
    """The path of a PostgreSQL program, or None."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda p: float(p.split("/")[4]))
    return found[-1] if found else shutil.which(name)


def missing():
    """Why there can be no server on this machine; None if there can."""
    for name in ("initdb", "postgres", "pg_basebackup"):
        if not program(name):
            return f"PostgreSQL's {name} is not installed: apt-get install postgresql"
    if os.getuid() == 0 and not unprivileged():
        return "PostgreSQL does not run as root, and there is no user postgres or nobody"
    return None


def unprivileged():
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def as_who_may():
    """What goes before a program that refuses root. Not subprocess's `user`: that would copy the emulator's memory tables
    for every program."""
    if os.getuid() != 0:
        return []
    user = unprivileged()
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def run(arguments, **kw):
    """Runs a PostgreSQL program as a user who may; RuntimeError says what it said."""
    env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": "/tmp"}
    done = subprocess.run([*as_who_may(), program(arguments[0]) or arguments[0], *arguments[1:]], env=env, cwd="/", text=True,
                          stdin=kw.pop("stdin", subprocess.DEVNULL), capture_output=True, **kw)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]}: {done.stderr.strip()[-600:]}")
    return done.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Farm:
    """All servers of one emulator, below one directory that is removed with it."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="tfseal-emulator-pg-")
        if os.getuid() == 0:
            os.chown(self.root, unprivileged().pw_uid, unprivileged().pw_gid)
        self.lock = threading.Lock()
        self.count = 0
        self.servers = []

    def folder(self, name):
        with self.lock:
            self.count += 1
            return os.path.join(self.root, f"{self.count:04d}-{name[:24]}")

    def template(self):
        """A data directory with what RDS has in every database; initdb is slow, a copy is not."""
        path = os.path.join(self.root, "template")
        with self.lock:
            if not os.path.exists(path):
                run(["initdb", "-D", path, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8", "--wal-segsize=1"])
                with open(os.path.join(path, "pg_hba.conf"), "w", encoding="ascii") as rules:
                    rules.write(f"local all {SUPERUSER} trust\nlocal replication {SUPERUSER} trust\n"
                                "host all all 127.0.0.1/32 scram-sha-256\n")
                server = Server(path, "template")
                monitors = "pg_monitor, pg_signal_backend" + (", pg_checkpoint" if server.version() >= 15 else "")
                server.sql(f"CREATE ROLE rds_superuser; GRANT {monitors} TO rds_superuser WITH ADMIN OPTION")
                server.sql("CREATE DATABASE rdsadmin")
                server.sql("REVOKE CONNECT ON DATABASE rdsadmin FROM PUBLIC")
                server.stop()
        return path

    def copy(self, source, name):
        target = self.folder(name)
        run(["cp", "-a", "--reflink=auto", source, target])
        return target

    def start(self, data, name):
        server = Server(data, name)
        self.servers.append(server)
        return server

    def remove(self, server):
        """Its database is gone. What snapshots have taken of it stays."""
        server.stop()
        with self.lock:
            if server in self.servers:
                self.servers.remove(server)
        shutil.rmtree(server.data, ignore_errors=True)

    def empty(self):
        """No servers and no snapshots: hundreds of runs on one emulator must not fill the disk."""
        for server in list(self.servers):
            server.stop()
        with self.lock:
            self.servers.clear()
            for name in os.listdir(self.root):
                path = os.path.join(self.root, name)
                if name != "template" and os.path.isdir(path):
                    shutil.rmtree(path, ignore_errors=True)

    def close(self):
        for server in self.servers:
            server.stop()
        shutil.rmtree(self.root, ignore_errors=True)


class Server:
    """One running server; `port` on 127.0.0.1, and a socket in its data directory for the superuser."""

    def __init__(self, data, name):
        self.data, self.name, self.port = data, name, free_port()
        self.owned = True
        for leftover in ("postmaster.pid", "postmaster.opts"):
            if os.path.exists(os.path.join(data, leftover)):
                os.unlink(os.path.join(data, leftover))
        settings = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": data, "fsync": "off",
            "full_page_writes": "off", "shared_buffers": "16MB", "max_connections": 60, "wal_level": "logical",
            "max_wal_senders": 4, "logging_collector": "off", "log_min_messages": "warning",
            # A vacuum between two samples of the log position would look like a writer.
            "autovacuum": "off",
        }
        arguments = [*as_who_may(), program("postgres"), "-D", data]
        for key, value in settings.items():
            arguments += ["-c", f"{key}={value}"]
        with open(data + ".log", "ab") as log:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                            env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")})
        self.wait()

    def wait(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                self.sql("SELECT 1")
                return
            except RuntimeError:
                time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not start: see {self.data}.log")

    def sql(self, text, database="postgres"):
        """Runs SQL as the superuser; returns unaligned rows."""
        return run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.data, "-p", str(self.port), "-U", SUPERUSER,
                    "-d", database, "-c", text]).strip()

    def refuse_wal_position(self):
        """As Aurora with its default parameter group, where logical replication is off: nobody is told where the log is, in any
        database that is there or will be made."""
        refusal = ("BEGIN RAISE EXCEPTION 'wal_level must be set to ''logical''' USING ERRCODE = '55000', "
                   "HINT = 'WAL control functions cannot be executed when wal_level < logical.'; END")
        # The server calls its own functions by number, whatever pg_proc says of them: others must take their names.
        replaced = "; ".join(f"ALTER FUNCTION pg_catalog.{name}() RENAME TO {name}_of_postgresql; CREATE FUNCTION "
                             f"pg_catalog.{name}() RETURNS pg_lsn LANGUAGE plpgsql AS $$ {refusal} $$"
                             for name in ("pg_current_wal_lsn", "pg_current_wal_insert_lsn"))
        for database in self.sql("SELECT datname FROM pg_database WHERE datallowconn").splitlines():
            if self.sql("SELECT to_regproc('pg_catalog.pg_current_wal_lsn_of_postgresql') IS NULL", database) == "t":
                self.sql(f"SET allow_system_table_mods = on; {replaced}", database)

    def version(self):
        return int(self.sql("SHOW server_version_num")) // 10000

    def base_backup(self, target):
        run(["pg_basebackup", "-h", self.data, "-p", str(self.port), "-U", SUPERUSER, "-D", target, "-c", "fast", "-X", "fetch",
             "--no-sync"])

    def follower(self, target):
        """A data directory that, started, receives everything that is written here until it is promoted."""
        self.base_backup(target)
        with open(os.path.join(target, "postgresql.auto.conf"), "a", encoding="utf-8") as settings:
            settings.write(f"primary_conninfo = 'host={self.data} port={self.port} user={SUPERUSER}'\n")
        run(["touch", os.path.join(target, "standby.signal")])

    def promote(self, follower):
        """Nobody writes here any more, and the follower has everything and takes over."""
        self.sql("ALTER SYSTEM SET default_transaction_read_only = on")
        self.sql("SELECT pg_reload_conf()")
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
        written = self.sql("SELECT pg_current_wal_flush_lsn()")
        deadline = time.monotonic() + 60
        while follower.sql(f"SELECT coalesce(pg_last_wal_replay_lsn() >= '{written}', false)") != "t":
            if time.monotonic() > deadline:
                raise RuntimeError(f"{follower.name} does not follow {self.name}")
            time.sleep(0.05)
        follower.sql("SELECT pg_promote()")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast: sessions are ended
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(10)
