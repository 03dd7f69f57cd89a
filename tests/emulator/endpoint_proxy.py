"""The network in front of a database: one address per identifier, port 5432, closed by security groups.

AWS gives every identifier a DNS name; renaming a database moves the name. Here every identifier has an address of the
loopback network (127.x.y.z), and it stays with the identifier: whatever bears the name answers there.
"""

import ipaddress
import socket
import struct
import threading

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102


class Endpoint:
    """Listens for one identifier. `route(source user)` gives the port of the server, or None: nobody answers."""

    def __init__(self, address, port, route):
        self.address, self.route = address, route
        self.connections = set()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, port))
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            startup, user = read_startup(client)
            port = self.route(user) if user != "" else self.route(None)
            if startup is None or port is None:
                client.close()  # AWS drops the packets; a closed connection does not make tests wait
                return
            server = socket.create_connection(("127.0.0.1", port))
            server.sendall(startup)
        except OSError:
            client.close()
            return
        self.connections.add((client, server, user))
        threading.Thread(target=pump, args=(server, client), daemon=True).start()
        pump(client, server)
        self.connections.discard((client, server, user))

    def cut(self, keep=lambda user: False):
        """Ends the connections whose user is not kept."""
        for client, server, user in list(self.connections):
            if not keep(user):
                for end in (client, server):
                    try:
                        end.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass


def read_startup(client):
    """(bytes of the startup message, user); encryption is declined as a server without certificates does."""
    while True:
        head = read_exactly(client, 8)
        if head is None:
            return None, ""
        length, code = struct.unpack("!II", head)
        if code in (SSL_REQUEST, GSS_REQUEST):
            client.sendall(b"N")
            continue
        rest = read_exactly(client, length - 8)
        if code == CANCEL_REQUEST:
            return head + rest, ""
        words = rest.split(b"\0")
        settings = dict(zip(words[::2], words[1::2]))
        return head + rest, settings.get(b"user", b"").decode()


def read_exactly(source, count):
    data = b""
    while len(data) < count:
        chunk = source.recv(count - len(data))
        if not chunk:
            return None
        data += chunk
    return data


def pump(source, target):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        # Both directions end; the sockets are closed when nobody refers to them any more.


def admits(rules, source):
    """Whether ingress rules (moto's SecurityGroupRule) let a source in: {"address", "groups"}; PostgreSQL's port."""
    for rule in rules:
        if rule.ip_protocol not in ("-1", "tcp"):
            continue
        if rule.ip_protocol != "-1" and not rule.from_port <= 5432 <= rule.to_port:
            continue
        if rule.cidr_ipv4 and ipaddress.ip_address(source["address"]) in ipaddress.ip_network(rule.cidr_ipv4):
            return True
        if (rule.referenced_group_info or {}).get("GroupId") in source.get("groups", []):
            return True
    return False
