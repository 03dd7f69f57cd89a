"""A server on this machine that does as it is told, request by request, and remembers what it got."""
import socket
import ssl
import threading


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body


def reply(status=200, body="", headers=None, close=True):
    """An answer in full."""
    return {"status": status, "body": body.encode() if isinstance(body, str) else body, "headers": headers or {},
            "close": close}


DROP = {"drop": True}  # the request is read and the connection closed


def raw(data):
    """Bytes as they are, then the connection is closed."""
    return {"raw": data}


class LocalServer:
    """`script` is a list of what to do with each request, or a function of the request. What is not in it is a 404."""

    def __init__(self, script=(), certificate=None):
        self.script = script if callable(script) else list(script)
        self.requests = []
        self.lock = threading.Lock()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    @property
    def url(self):
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def read(self, file):
        line = file.readline().decode("latin-1").split()
        if len(line) != 3:
            return None
        headers = {}
        while (header := file.readline().decode("latin-1").strip()):
            name, _, value = header.partition(":")
            headers[name.strip().lower()] = value.strip()
        body = file.read(int(headers.get("content-length", 0)))
        return Request(line[0], line[1], headers, body)

    def serve(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            file = connection.makefile("rb")
            while (request := self.read(file)) is not None:
                with self.lock:
                    self.requests.append(request)
                    if callable(self.script):
                        action = self.script(request)
                    else:
                        action = self.script.pop(0) if self.script else reply(404)
                if action.get("drop"):
                    break
                if "raw" in action:
                    connection.sendall(action["raw"])
                    break
                head = f"HTTP/1.1 {action['status']} X\r\nContent-Length: {len(action['body'])}\r\n"
                head += "".join(f"{name}: {value}\r\n" for name, value in action["headers"].items())
                if action["close"]:
                    head += "Connection: close\r\n"
                connection.sendall(head.encode() + b"\r\n" + action["body"])
                if action["close"]:
                    break
        except OSError:
            pass
        finally:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()
