"""A pooler between tfseal and PostgreSQL as pgbouncer is in transaction mode: few sessions of the server, one client's for
the length of a transaction, and emptied (DISCARD ALL) before another client gets it."""

import contextlib
import os
import queue
import socket
import struct
import threading

PARAMETERS = {"server_version": "15.0", "client_encoding": "UTF8", "server_encoding": "UTF8", "standard_conforming_strings": "on",
              "DateStyle": "ISO, MDY", "integer_datetimes": "on", "TimeZone": "UTC", "IntervalStyle": "postgres", "is_superuser": "on",
              "session_authorization": "rdsadmin", "application_name": "", "default_transaction_read_only": "off", "in_hot_standby": "off"}
SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


class Pooler:
    def __init__(self, server, sessions=3):
        self.path = os.path.join(server.data, f".s.PGSQL.{server.port}")
        self.idle = queue.SimpleQueue()
        for _ in range(sessions):
            self.idle.put(self.session())
        self.handed_out = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def session(self):
        stream = Stream(socket.socket(socket.AF_UNIX))
        stream.socket.connect(self.path)
        settings = b"user\0rdsadmin\0database\0postgres\0\0"
        stream.socket.sendall(struct.pack("!II", len(settings) + 8, 196608) + settings)
        while stream.next()[0] != b"Z":
            pass
        return stream

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        held = None
        with contextlib.suppress(OSError, EOFError):
            stream = Stream(client)
            if not self.welcome(stream):
                return
            while True:
                kind, body = stream.next()
                if kind == b"X":
                    return
                held = self.idle.get()
                self.handed_out += 1
                if not self.transaction(stream, held, kind, body):
                    held = None
                    return
                held.socket.sendall(message(b"Q", b"DISCARD ALL\0"))
                while held.next()[0] != b"Z":
                    pass
                self.idle.put(held)
                held = None
        if held:  # the client went away in the middle of a transaction
            held.socket.close()
            self.idle.put(self.session())
        client.close()

    def welcome(self, stream):
        while True:
            length, code = struct.unpack("!II", stream.exactly(8))
            rest = stream.exactly(length - 8)
            if code in (SSL_REQUEST, GSS_REQUEST):
                stream.socket.sendall(b"N")
            elif code == CANCEL_REQUEST:
                return False
            else:
                break
        assert b"options" not in rest.split(b"\0")
        answer = message(b"R", struct.pack("!I", 0))
        for name, value in PARAMETERS.items():
            answer += message(b"S", name.encode() + b"\0" + value.encode() + b"\0")
        stream.socket.sendall(answer + message(b"K", struct.pack("!II", 1, 1)) + message(b"Z", b"I"))
        return True

    @staticmethod
    def transaction(client, server, kind, body):
        """Both ways until the server is outside of a transaction and has answered everything. False: the client is gone."""
        outstanding = 0
        while True:
            outstanding += kind in (b"Q", b"S")
            server.socket.sendall(message(kind, body))
            while outstanding:
                answer, said = server.next()
                client.socket.sendall(message(answer, said))
                if answer == b"Z":
                    outstanding -= 1
                    if not outstanding and said == b"I" and not client.buffered():
                        return True
                if client.buffered() or client.readable():
                    break
            kind, body = client.next()


class Stream:
    """Messages from one end."""

    def __init__(self, sock):
        self.socket, self.data = sock, b""

    def buffered(self):
        return len(self.data) > 0

    def readable(self):
        import select
        return bool(select.select([self.socket], [], [], 0)[0])

    def exactly(self, count):
        while len(self.data) < count:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.data += more
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def next(self):
        head = self.exactly(5)
        return head[:1], self.exactly(struct.unpack("!I", head[1:])[0] - 4)
