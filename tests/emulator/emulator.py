#!/usr/bin/env python3
"""The AWS emulator of the tests: moto with corrections, faults and real databases behind RDS.

  emulator.py --port 5000             corrected (GAPS.md lists what), faults (POST /faults), world (POST /world/...)
  emulator.py --port 5000 --stock     moto as it is, with faults: what a test must not be fooled by
  emulator.py --port 5000 --pending 2 things stay creating, renaming, deleting for two describes
  emulator.py --port 5000 --postgres  databases of engine PostgreSQL are real servers (world.py)
  emulator.py --port 5000 --auth      signatures and IAM policies are checked from the first call on

Ready when GET /moto-api/ answers 200. Exit 77: moto is not installed (pip install 'moto[server]==5.2.1').
"""

import argparse
import atexit
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import postgres_server  # noqa: E402  (found through the path above)


class Settings:
    """What the corrections look at while the server runs."""

    def __init__(self):
        self.pending = int(os.environ.get("RDS_PENDING", "0"))
        self.holds = {}
        self.denied_keys = set()
        self.failing_rollouts = []
        self.task_lines = []
        self.cache_commands = {}
        self.world = None


def end_with(parent):
    """Not PR_SET_PDEATHSIG: that ends with the thread that started it, and a driver may use one to start several."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def extend(faults, flags):
    """moto becomes AWS: corrections, evidence of what clients did, and the world behind the API."""
    import corrections
    from corrections import cloudtrail
    from world import World
    settings = Settings()
    if flags.pending is not None:
        settings.pending = flags.pending
    corrections.apply_all(settings)
    settings.world = faults.world = World(settings, flags.port, flags.postgres)
    faults.observers += [cloudtrail.observe, settings.world.observe]
    if flags.postgres:
        atexit.register(settings.world.farm.close)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--stock", action="store_true")
    parser.add_argument("--pending", type=int)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--auth", action="store_true")
    parser.add_argument("--account", help="the account number; default 123456789012")
    parser.add_argument("--with-parent", action="store_true", help="end, with the databases, when whoever started it has ended")
    flags = parser.parse_args()
    if flags.with_parent:
        threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    os.environ.setdefault("MOTO_ECS_SERVICE_RUNNING", "2")
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    if flags.account:
        os.environ["MOTO_ACCOUNT_ID"] = flags.account
    if flags.auth:
        os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "0"
    try:
        import clock
        clock.install()
        import moto.moto_server.werkzeug_app as app
        import moto.server as server
    except ImportError as missing:
        print(f"SKIP emulator: moto is not installed ({missing}): pip install 'moto[server]==5.2.1'", flush=True)
        return 77
    from faults import Faults
    faults = Faults(app.DomainDispatcherApplication(app.create_backend_app))
    if not flags.stock:
        reason = postgres_server.missing() if flags.postgres else None
        if reason:
            print(f"SKIP emulator: {reason}", flush=True)
            return 77
        extend(faults, flags)
    app.DomainDispatcherApplication = server.DomainDispatcherApplication = lambda *_: faults
    return server.main(["-H", "127.0.0.1", "-p", str(flags.port)])


if __name__ == "__main__":
    sys.exit(main())
