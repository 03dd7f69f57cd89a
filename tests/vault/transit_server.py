#!/usr/bin/env python3
"""The part of HashiCorp Vault's transit engine that tfseal uses, after its public API documentation, with real
encryption: AES-256-GCM, derivation by HKDF, versions, batches with errors by item.

    transit_server.py [--tls FOLDER]

Prints port and process id and goes on in the background. With --tls it writes a certificate for localhost to
FOLDER/ca.pem. Beside the API: POST /test/fault {"status": 503, "times": 2, "path": "decrypt/"}; GET /test/calls.
"""
import base64
import datetime
import http.server
import ipaddress
import json
import os
import pathlib
import ssl
import sys
import threading

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError:
    sys.exit(77)

TOKEN = "hvs.canary-token"


class Refused(Exception):
    pass


class Key:
    def __init__(self, derived):
        self.derived, self.versions, self.least = derived, [os.urandom(32)], 1

    def aead(self, version, context):
        if not 1 <= version <= len(self.versions) or version < self.least:
            raise Refused("ciphertext or signature version is disallowed by policy (too old)")
        material = self.versions[version - 1]
        if self.derived:
            if not context:
                raise Refused("missing 'context' for key derivation; the key was created using a derived key")
            material = HKDF(hashes.SHA256(), 32, None, base64.b64decode(context)).derive(material)
        return AESGCM(material)

    def encrypt(self, item):
        version = item.get("key_version") or len(self.versions)
        nonce = os.urandom(12)
        sealed = nonce + self.aead(version, item.get("context")).encrypt(nonce, base64.b64decode(item["plaintext"]), None)
        return {"ciphertext": f"vault:v{version}:" + base64.b64encode(sealed).decode(), "key_version": version}

    def decrypt(self, item):
        try:
            _, version, text = item["ciphertext"].split(":")
            sealed = base64.b64decode(text, validate=True)
            plain = self.aead(int(version[1:]), item.get("context")).decrypt(sealed[:12], sealed[12:], None)
        except (ValueError, InvalidTag):
            raise Refused("cipher: message authentication failed")
        return {"plaintext": base64.b64encode(plain).decode()}

    def rewrap(self, item):
        return self.encrypt({**item, **self.decrypt(item)})


KEYS, FAULTS, CALLS, LOCK = {}, [], [], threading.Lock()


def answer(method, path, body):
    parts = path.split("/")
    if parts[0] == "keys" and method == "POST":
        if len(parts) == 2:
            KEYS[parts[1]] = Key(bool(body.get("derived")))
        elif parts[2] == "rotate":
            KEYS[parts[1]].versions.append(os.urandom(32))
        elif parts[2] == "config":
            KEYS[parts[1]].least = body["min_decryption_version"]
        return 200, {}
    name = parts[-1]
    if name not in KEYS:
        return (404, None) if method == "GET" else (400, None)
    key = KEYS[name]
    if parts[0] == "keys":
        return 200, {"latest_version": len(key.versions), "min_decryption_version": key.least, "derived": key.derived,
                     "supports_encryption": True, "type": "aes256-gcm96", "name": name}
    if parts[:2] == ["datakey", "plaintext"]:
        plain = base64.b64encode(os.urandom(body.get("bits", 256) // 8)).decode()
        return 200, {"plaintext": plain, **key.encrypt({"plaintext": plain, "context": body.get("context")})}
    results = []
    for item in body["batch_input"]:
        try:
            results.append(getattr(key, parts[0])(item))
        except Refused as refused:
            results.append({"error": str(refused)})
    failed = any("error" in result for result in results)
    return 400 if failed else 200, {"batch_results": results}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, document):
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_one(self, method):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        with LOCK:
            if self.path == "/test/fault":
                FAULTS.append(body)
                return self.reply(200, {})
            if self.path == "/test/calls":
                return self.reply(200, CALLS)
            if self.headers.get("X-Vault-Token") != TOKEN:
                return self.reply(403, {"errors": ["permission denied"]})
            path = self.path.removeprefix("/v1/transit/")
            CALLS.append(f"{method} {path}")
            for fault in FAULTS:
                if path.startswith(fault.get("path", "")):
                    fault["times"] -= 1
                    if not fault["times"]:
                        FAULTS.remove(fault)
                    return self.reply(fault["status"], {"errors": ["CANARY in an error"]})
            try:
                status, data = answer(method, path, body)
            except Refused as refused:
                return self.reply(400, {"errors": [str(refused)]})
            self.reply(status, {"errors": []} if data is None else {"request_id": "r", "data": data})

    def do_GET(self):
        self.handle_one("GET")

    def do_POST(self):
        self.handle_one("POST")


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
             .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
             .not_valid_after(now + datetime.timedelta(days=1))
             .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"),
                                                         x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
             .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
             .sign(key, hashes.SHA256()))
    (folder / "ca.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM,
                                                       serialization.PrivateFormat.PKCS8,
                                                       serialization.NoEncryption()))


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if sys.argv[1:2] == ["--tls"]:
        folder = pathlib.Path(sys.argv[2])
        certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    child = os.fork()
    if child:
        print(server.server_address[1], child)
        return
    os.setsid()
    quiet = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(quiet, fd)
    server.serve_forever()


if __name__ == "__main__":
    main()
