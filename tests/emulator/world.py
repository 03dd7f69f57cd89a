"""The world behind the API: real PostgreSQL servers, their network, and the switches of tests.

GET  /world       {"endpoints": {identifier: address}, "servers": {identifier: port}, "services": {service: running tasks},
                  "settings": {...}}; what a test may know without calling AWS
POST /world       changes settings (an object; what is not named stays):
  pending          describes for which things stay creating, modifying, renaming, deleting
  holds            {identifier: "never" | status}: how a new snapshot, cluster or instance ends (corrections/rds_states.py)
  release          [identifier]: what is held "creating" for ever becomes available at the next describe
  denied_keys      key ids or ARNs that no policy lets anybody use
  failing_rollouts task definitions ("family" or "family:revision") whose tasks do not start
  cache_commands   {node of a cache: {metric: what it counts in every minute}}
  task_lines       what every task logs when it starts
  clock_offset     seconds that the emulator's time is ahead
  sources          {database user: {"address": "10.0.0.5", "groups": ["sg-..."], "always": false}}: where connections
                   of a user come from; "*" is everybody else. "always": no group keeps it out
  keep_connections true (as on AWS): connections stay when groups change; false: they are cut
  tamper           {identifier: [{"database", "sql"}]}: carried out in the server of that name when it starts from a
                   snapshot: a copy that is not one
POST /world/sql   {"identifier", "database", "sql"}: as superuser; answers {"rows": [...]}

With --postgres every aurora-postgresql cluster that has an instance, and every postgres instance, is a real server: its
master user and database exist, snapshots take its data, restores bring it back. Endpoint is an address of the loopback
network, always with port 5432; it belongs to the identifier and moves with it when databases are renamed.
"""

import json
import threading

import clock
import endpoint_proxy
import postgres_server


class World:
    def __init__(self, settings, port, with_postgres):
        self.settings, self.port = settings, port
        self.farm = postgres_server.Farm() if with_postgres else None
        self.sources = {"*": {"address": "10.0.0.10"}}
        self.keep_connections = True
        self.tamper = {}
        self.endpoints = {}
        self.lock = threading.RLock()
        if with_postgres:
            self.hook()

    # --- control

    def control(self, env, body, start):
        status, answer = "200 OK", {}
        try:
            given = json.loads(body or b"{}")
            if env["PATH_INFO"].rstrip("/") == "/world/sql":
                server = self.named(given["identifier"])._server
                answer = {"rows": server.sql(given["sql"], given.get("database", "postgres")).splitlines()}
            else:
                if env["REQUEST_METHOD"] == "POST":
                    self.change(given)
                answer = self.show()
        except (KeyError, ValueError, RuntimeError, AttributeError) as error:
            status, answer = "400 Bad Request", {"error": f"{type(error).__name__}: {error}"}
        start(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def change(self, given):
        for name, value in given.items():
            if name == "clock_offset":
                clock.move(value)
            elif name == "denied_keys":
                self.settings.denied_keys = set(value)
            elif name == "release":
                self.release(value)
            elif name in ("pending", "holds", "failing_rollouts", "task_lines", "cache_commands"):
                setattr(self.settings, name, value)
            elif name in ("sources", "keep_connections", "tamper"):
                setattr(self, name, value)
            else:
                raise KeyError(f"unknown setting {name}")

    @staticmethod
    def release(names):
        from moto.rds.models import rds_backends
        for account in list(rds_backends.values()):
            for backend in list(account.values()):
                for kind in (backend.clusters, backend.databases, backend.cluster_snapshots, backend.database_snapshots):
                    for name in set(names) & set(kind):
                        kind[name]._left = 0

    def show(self):
        servers = {t.resource_id: t._server.port for t in self.databases() if getattr(t, "_server", None)}
        return {
            "endpoints": {name: e.address for name, e in self.endpoints.items()}, "servers": servers,
            "services": self.services(),
            "settings": {"pending": self.settings.pending, "holds": self.settings.holds, "sources": self.sources,
                         "keep_connections": self.keep_connections, "clock_offset": clock.offset.total_seconds()},
        }

    def reset(self):
        if self.farm:
            self.farm.empty()

    # --- databases

    @staticmethod
    def databases():
        from moto.rds.models import DBInstanceClustered, rds_backends
        found = []
        for account in list(rds_backends.values()):
            for backend in list(account.values()):
                found += list(backend.clusters.values())
                found += [d for d in list(backend.databases.values()) if not isinstance(d, DBInstanceClustered)]
        return found

    @staticmethod
    def services():
        from moto.ecs.models import ecs_backends
        return {s.name: min(s.running_count, s.desired_count) for account in list(ecs_backends.values())
                for backend in list(account.values()) for s in list(backend.services.values())}

    def named(self, identifier):
        """The cluster or instance of that name, with its server; a member stands for its cluster. KeyError if none."""
        from moto.rds.models import rds_backends
        for account in list(rds_backends.values()):
            for backend in list(account.values()):
                if identifier in backend.clusters:
                    return backend.clusters[identifier]
                if identifier in backend.databases:
                    thing = backend.databases[identifier]
                    return getattr(thing, "cluster", thing)
        raise KeyError(f"no database is named {identifier}")

    def sessions(self, thing):
        server = getattr(getattr(thing, "cluster", thing), "_server", None)
        if not server:
            return 0
        return int(server.sql(
            f"SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> '{postgres_server.SUPERUSER}'"))

    def is_postgres(self, thing):
        return thing.engine in ("aurora-postgresql", "postgres")

    def address(self, identifier):
        with self.lock:
            if identifier not in self.endpoints:
                number = len(self.endpoints) + 2
                address = f"127.{self.port >> 8}.{self.port & 255}.{number}"
                self.endpoints[identifier] = endpoint_proxy.Endpoint(address, 5432, lambda user: self.route(identifier, user))
            return self.endpoints[identifier].address

    def route(self, identifier, user):
        """The server's port for a connection of a user to a name; None: nobody answers."""
        try:
            thing = self.named(identifier)
        except KeyError:
            return None
        server = getattr(thing, "_server", None)
        if not server or thing.status in ("creating", "stopped", "deleting"):
            return None
        if user is not None and not self.admitted(thing, user):
            return None
        return server.port

    def admitted(self, thing, user):
        from moto.ec2.models import ec2_backends
        source = self.sources.get(user) or self.sources.get("*") or {"address": "0.0.0.0"}
        if source.get("always"):
            return True
        ec2 = ec2_backends[thing.account_id][thing.region]
        groups = [ec2.get_security_group_from_id(g) for g in thing.vpc_security_group_ids]
        return any(g and endpoint_proxy.admits(g.ingress_rules, source) for g in groups)

    def observe(self, request, status, _answer):
        if request.service != "rds" or status != 200 or not self.farm:
            return
        if request.action in ("ModifyDBCluster", "ModifyDBInstance") and not self.keep_connections:
            for name, endpoint in self.endpoints.items():
                try:
                    thing = self.named(name)
                except KeyError:
                    continue
                endpoint.cut(lambda user, thing=thing: self.admitted(thing, user))
        if request.action.startswith(("Delete", "Describe")):
            self.sweep()

    def sweep(self):
        """Stops the servers of databases that are gone."""
        alive = {id(t._server) for t in self.databases() if getattr(t, "_server", None)}
        for server in list(self.farm.servers):
            if id(server) not in alive and server.owned:
                self.farm.remove(server)

    # --- hooks into moto's RDS

    def hook(self):
        from moto.rds import models
        backend, world = models.RDSBackend, self
        create_instance = backend.create_db_instance
        cluster_snapshot, snapshot = backend.create_db_cluster_snapshot, backend.create_db_snapshot
        copy_cluster, copy_instance = backend.copy_db_cluster_snapshot, backend.copy_db_snapshot
        restore_instance = backend.restore_db_instance_from_db_snapshot

        def create_db_instance(self, db_kwargs):
            made = create_instance(self, db_kwargs)
            owner = getattr(made, "cluster", made)
            if world.is_postgres(owner) and not getattr(owner, "_server", None) and not db_kwargs.get("_wait_for_data"):
                world.open_server(owner)
            return made

        def create_db_cluster_snapshot(self, db_cluster_identifier, *args, **kw):
            made = cluster_snapshot(self, db_cluster_identifier, *args, **kw)
            world.take_data(made, self.clusters[db_cluster_identifier])
            return made

        def create_db_snapshot(self, db_instance_identifier, *args, **kw):
            made = snapshot(self, db_instance_identifier, *args, **kw)
            if db_instance_identifier in self.databases:
                world.take_data(made, self.databases[db_instance_identifier])
            return made

        def copied(original, kind):
            def call(self, **kw):
                made = original(self, **kw)
                source = kw.get("source_db_cluster_snapshot_identifier") or kw.get("source_db_snapshot_identifier")
                found = getattr(self, kind).get(source.rsplit(":", 1)[-1])
                made._data = getattr(found, "_data", None)
                return made
            return call

        def restore_db_instance_from_db_snapshot(self, from_snapshot_id, overrides):
            made = restore_instance(self, from_snapshot_id, {**overrides, "_wait_for_data": True})
            made._restored_from = self.database_snapshots[from_snapshot_id.rsplit(":", 1)[-1]]
            if world.is_postgres(made):
                world.open_server(made)
            return made

        def follow(blue, green):
            if getattr(blue, "_server", None):
                data = world.farm.folder(green.resource_id)
                blue._server.follower(data)
                green._server = world.farm.start(data, green.resource_id)

        def promote(blue, green):
            if getattr(blue, "_server", None):
                blue._server.promote(green._server)

        backend._follow, backend._promote = staticmethod(follow), staticmethod(promote)
        backend.create_db_instance = create_db_instance
        backend.create_db_cluster_snapshot, backend.create_db_snapshot = create_db_cluster_snapshot, create_db_snapshot
        backend.copy_db_cluster_snapshot = copied(copy_cluster, "cluster_snapshots")
        backend.copy_db_snapshot = copied(copy_instance, "database_snapshots")
        backend.restore_db_instance_from_db_snapshot = restore_db_instance_from_db_snapshot
        for kind in (models.DBCluster, models.DBInstance):
            fresh_server(kind)
        cluster_endpoint, reader = models.DBCluster.endpoint.fget, models.DBCluster.reader_endpoint.fget
        instance_address = models.DBInstance.address.fget
        models.DBCluster.endpoint = property(
            lambda t: world.address(t.resource_id) if world.is_postgres(t) else cluster_endpoint(t))
        models.DBCluster.reader_endpoint = property(
            lambda t: world.address(t.resource_id) if world.is_postgres(t) else reader(t))
        models.DBInstance.address = property(
            lambda t: world.address(t.resource_id) if world.is_postgres(t) else instance_address(t))

    def open_server(self, thing):
        origin = getattr(thing, "_restored_from", None)
        data = getattr(origin, "_data", None)
        name = thing.resource_id
        if data:
            thing._server = self.farm.start(self.farm.copy(data, name), name)
            for change in self.tamper.get(name, []):
                thing._server.sql(change["sql"], change.get("database", "postgres"))
        else:
            thing._server = self.farm.start(self.farm.copy(self.farm.template(), name), name)
            create_master(thing)
        if thing.engine.startswith("aurora"):
            thing._server.refuse_wal_position()

    def take_data(self, snapshot, thing):
        server = getattr(thing, "_server", None)
        if server and snapshot.snapshot_type == "manual":
            data = self.farm.folder(snapshot.resource_id)
            server.base_backup(data)
            snapshot._data = data


def fresh_server(kind):
    """A database that moto makes from the settings of another one has a server of its own."""
    init = kind.__init__

    def new(self, *args, **kw):
        for name in ("_server", "_restored_from", "_data"):
            kw.pop(name, None)
        init(self, *args, **kw)
        self._server = None

    kind.__init__ = new


def create_master(thing):
    """The master user is what RDS makes it: no superuser, but it may make databases and roles and end sessions."""
    password = getattr(thing, "_master_user_password", "") or "unset-password"
    name = (getattr(thing, "database_name", None) or getattr(thing, "db_name", None) or "postgres").replace('"', "")
    user = thing.master_username.replace('"', "")
    quoted = password.replace("'", "''")
    server = thing._server
    server.sql(f"CREATE ROLE \"{user}\" LOGIN CREATEDB CREATEROLE PASSWORD '{quoted}' IN ROLE rds_superuser")
    if name != "postgres":
        server.sql(f'CREATE DATABASE "{name}" OWNER "{user}"')
