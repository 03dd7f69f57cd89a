"""A TCP proxy between tfseal and PostgreSQL that breaks at chosen moments."""

import contextlib
import os
import socket
import threading
import time


class Proxy:
    """Listens on `port` of 127.0.0.1 and forwards to a server's socket. Faults, by attribute, at any time:
    `lose_commits`: so many COMMITs reach the server and their answers do not come back; the connection ends instead.
    `stalled`: nothing is forwarded while it is set.
    `watch`: called with everything that goes to the server, before it does."""

    def __init__(self, target):
        self.target = target
        self.lose_commits = 0
        self.watch = None
        self.lost = 0
        self.stalled = threading.Event()
        self.closing = False
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.closing = True
        self.stalled.clear()
        self.listener.close()

    def accept(self):
        while not self.closing:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.target)
            except OSError:
                client.close()
                continue
            pair = {"cut": False}
            threading.Thread(target=self.forward, args=(client, server, pair, True), daemon=True).start()
            threading.Thread(target=self.forward, args=(server, client, pair, False), daemon=True).start()

    def forward(self, source, target, pair, to_server):
        tail = b""
        with contextlib.suppress(OSError):
            while not self.closing:
                data = source.recv(65536)
                if not data:
                    break
                while self.stalled.is_set() and not self.closing:
                    time.sleep(0.05)
                if not to_server and pair["cut"]:
                    break
                if to_server and self.watch:
                    self.watch(data)
                if to_server:
                    cut = False
                    if b"COMMIT\0" in tail + data:
                        with self.lock:
                            if self.lose_commits > 0:
                                self.lose_commits -= 1
                                self.lost += 1
                                cut = True
                    if cut:
                        pair["cut"] = True
                        target.sendall(data)
                        time.sleep(0.2)  # long enough that the server has carried it out
                        break
                    tail = data[-8:]
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def to(server):
    """A proxy in front of a server of tests/emulator/postgres_server.py."""
    return Proxy(os.path.join(server.data, f".s.PGSQL.{server.port}"))
