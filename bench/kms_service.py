"""A key service that answers as AWS KMS does, with a latency and a quota: for measuring, not for testing. Latencies are
log-normal (20 ms in the middle, one in a hundred above 300 ms); beyond the quota it says ThrottlingException."""

import asyncio
import base64
import collections
import contextlib
import json
import math
import os
import random
import threading

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

OLD = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-00000000000a"
NEW = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-00000000000b"


class Key:
    def __init__(self, arn):
        self.arn, self.cipher = arn, AESGCM(os.urandom(32))

    def wrap(self, plain):
        nonce = os.urandom(12)
        return nonce + self.cipher.encrypt(nonce, plain, self.arn.encode())

    def unwrap(self, blob):
        return self.cipher.decrypt(blob[:12], blob[12:], self.arn.encode())


class Refused(Exception):
    pass


class KmsService:
    """Runs in a thread of its own while it is entered. `counts` has requests by operation, the refused ones too."""

    def __init__(self, per_second=0, p50=0.0, p99=0.0):
        self.keys = {arn: Key(arn) for arn in (OLD, NEW)}
        self.per_second, self.p50 = per_second, p50
        self.spread = math.log(p99 / p50) / 2.326 if p50 else 0.0
        self.counts = collections.Counter()
        self.tokens, self.filled = per_second / 10, None
        self.dice = random.Random(1)
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(self.loop.create_server(lambda: Connection(self), "127.0.0.1", 0, backlog=1000))
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.server.close()

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PG"))}
        return {**kept, "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": "AKIABENCH00000000001", "AWS_REGION": "us-east-1",
                "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_EC2_METADATA_DISABLED": "true", **more}

    def latency(self):
        return self.p50 * math.exp(self.dice.gauss(0, 1) * self.spread) if self.p50 else 0.0

    def allowed(self):
        if not self.per_second:
            return True
        now = self.loop.time()
        if self.filled is not None:
            # A tenth of a second is the burst.
            self.tokens = min(self.per_second / 10, self.tokens + (now - self.filled) * self.per_second)
        self.filled = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def answer(self, operation, asked):
        self.counts[operation] += 1
        if operation == "DescribeKey":
            arn = asked["KeyId"]
            return 200, {"KeyMetadata": {"Arn": arn, "KeyId": arn.rsplit("/", 1)[1], "KeyUsage": "ENCRYPT_DECRYPT", "Enabled": True,
                                         "KeySpec": "SYMMETRIC_DEFAULT", "KeyState": "Enabled", "KeyManager": "CUSTOMER"}}
        if not self.allowed():
            self.counts["throttled"] += 1
            return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
        try:
            return 200, self.carried_out(operation, asked)
        except (InvalidTag, KeyError):
            return 400, {"__type": "InvalidCiphertextException", "message": ""}

    def carried_out(self, operation, asked):
        def text(data):
            return base64.b64encode(data).decode()
        if operation == "GenerateDataKey":
            plain = os.urandom(32)
            return {"KeyId": asked["KeyId"], "Plaintext": text(plain), "CiphertextBlob": text(self.keys[asked["KeyId"]].wrap(plain))}
        blob = base64.b64decode(asked["CiphertextBlob"])
        if operation == "Decrypt":
            return {"KeyId": asked["KeyId"], "Plaintext": text(self.keys[asked["KeyId"]].unwrap(blob)),
                    "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
        plain = self.keys[asked["SourceKeyId"]].unwrap(blob)
        to = asked["DestinationKeyId"]
        return {"KeyId": to, "SourceKeyId": asked["SourceKeyId"], "CiphertextBlob": text(self.keys[to].wrap(plain)),
                "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT", "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT"}


class Connection(asyncio.Protocol):
    """HTTP/1.1, one request after the other."""

    def __init__(self, service):
        self.service, self.buffer, self.transport = service, b"", None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        while end >= 0:
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15:].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + size:
                return
            body = self.buffer[end + 4:end + 4 + size]
            target = self.buffer[head.find(b"x-amz-target:") + 13:].split(b"\r\n", 1)[0].strip().decode()
            self.buffer = self.buffer[end + 4 + size:]
            self.service.loop.call_later(self.service.latency(), self.reply, target.rsplit(".", 1)[1], body)
            end = self.buffer.find(b"\r\n\r\n")

    def reply(self, operation, body):
        status, said = self.service.answer(operation, json.loads(body))
        text = json.dumps(said).encode()
        with contextlib.suppress(OSError):
            self.transport.write(b"HTTP/1.1 %d %s\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n%s" %
                                 (status, b"OK" if status == 200 else b"Bad Request", len(text), text))
