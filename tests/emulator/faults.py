"""Faults between the client and the emulator, and the log of calls.

POST   /faults        a list of faults, replaces the old ones; or one fault as an object, which is added
DELETE /faults        no faults, and the log of calls is empty
GET    /faults        {"faults": [...], "calls": [action, ...]}
GET    /faults/calls  {"total": n, "calls": [{"n","service","action","region","account","digest","named","status","fault"}]}

A fault is an object; it applies to a call that all of its selectors match, `times` times (default 1):
  action    "CopyDBClusterSnapshot", or "*"; S3's and other REST services' operations have names, too
  service   as in the signature: "rds", "s3"; default: any
  match     {"DBClusterIdentifier": "orders"}: members of the call that must be equal (JSON: "a.b.1")
  changing  true: only calls that may change something
  access_key  only calls signed with it
  nth       the nth call (1 is the first) that action, service, match and changing select, counted since the fault was set
  from      the nth call and every one after it (with `times`)
  every     each so many-th call only: 2 is every second one
and what happens:
  delay_ms  wait first (other calls go on meanwhile)
  drop      the connection is cut; with `after` the request was carried out before
  after     the request is carried out, then `code` is answered, or (without a code) the answer is lost
  replace   {"KeyId": "..."}: the request is carried out, then members of the JSON answer have other values
  cut       the request is carried out, then only so many bytes are answered; the length says all of them unless `cut_length`
  status, code, message   the error that is answered; HTTP 400 if no status is given
  signal, pid, when       the process is sent the signal ("KILL") before or after the request is carried out; "before":
                          the request is not carried out. pid "client": whoever sent the request
"""

import hashlib
import hmac
import io
import json
import os
import re
import secrets
import signal
import socket
import threading
import time

from operation_names import Request

READS = re.compile(r"^(Describe|Get|List|Head|Lookup|Filter|Search|Query|Scan|BatchGet|Simulate|Select)")
# Reads by name that change something, and changes by name that do not.
CHANGES = {"GetAuthorizationToken"}
HARMLESS = {"AssumeRole", "AssumeRoleWithWebIdentity", "Decrypt", "Encrypt", "GenerateDataKey", "GenerateRandom"}


def is_changing(action):
    return action in CHANGES or not (READS.match(action) or action in HARMLESS or not action)


class Dropped(ConnectionAbortedError):
    """Raised instead of an answer: the connection is closed at once."""

    def __init__(self, env, why):
        super().__init__(why)
        connection = env.get("werkzeug.socket")
        if connection:  # werkzeug alone would leave the client waiting
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the client is gone already


def client_of(env):
    """The processes at the other end of the connection, on this machine."""
    port = f"0100007F:{int(env['REMOTE_PORT']):04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        inodes = {f"socket:[{line.split()[9]}]" for line in table if line.split()[1] == port}
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if any(os.readlink(f"/proc/{pid}/fd/{fd}") in inodes for fd in os.listdir(f"/proc/{pid}/fd")):
                found.append(int(pid))
        except OSError:
            continue  # it ended, or is not ours
    return found


class Faults:
    """WSGI middleware around moto. Calls run in parallel; only the bookkeeping is locked."""

    def __init__(self, app):
        self.app = app
        self.lock = threading.Lock()
        self.faults = []
        self.calls = []
        # Digests are comparable within one emulator and say nothing about a guessable value to anybody else.
        self.digest_key = secrets.token_bytes(32)
        # Called with (Request, status, answer) after every call that was carried out.
        self.observers = []
        self.world = None  # answers /world; see world.py

    def __call__(self, env, start):
        length = int(env.get("CONTENT_LENGTH") or 0)
        body = env["wsgi.input"].read(length) if length else b""
        if env["PATH_INFO"].rstrip("/") in ("/faults", "/faults/calls"):
            return self.control(env, body, start)
        env["wsgi.input"] = io.BytesIO(body)
        if self.world and env["PATH_INFO"].startswith("/world"):
            return self.world.control(env, body, start)
        if self.world and env["PATH_INFO"].startswith("/moto-api/reset"):
            self.world.reset()
        if env["PATH_INFO"].startswith("/moto-api"):
            return self.app(env, start)
        request = Request(env, body)
        call, fault = self.note(request)
        if not fault:
            return self.carry_out(env, start, request, call)
        return self.apply(fault, env, start, request, call)

    def control(self, env, body, start):
        with self.lock:
            if env["REQUEST_METHOD"] == "POST":
                given = json.loads(body or b"[]")
                if isinstance(given, dict):
                    self.faults.append(given)
                else:
                    self.faults[:] = given
            elif env["REQUEST_METHOD"] == "DELETE":
                self.faults.clear()
                self.calls.clear()
            if env["PATH_INFO"].rstrip("/").endswith("/calls"):
                answer = {"total": len(self.calls), "calls": self.calls}
            else:
                answer = {"faults": self.faults, "calls": [c["action"] for c in self.calls[-500:]]}
            text = json.dumps(answer).encode()
        start("200 OK", [("Content-Type", "application/json")])
        return [text]

    def note(self, request):
        canonical = json.dumps(sorted(request.params.items())).encode() if request.params else request.body
        call = {
            "service": request.service, "action": request.action, "region": request.region, "account": request.account,
            "changing": is_changing(request.action), "named": request.named(),
            "digest": hmac.new(self.digest_key, canonical, hashlib.sha256).hexdigest()[:16],
            "status": None, "fault": None, "time": time.time(),
        }
        with self.lock:
            self.calls.append(call)
            call["n"] = len(self.calls)
            chosen = None
            for fault in self.faults:
                if not self.selects(fault, request, call):
                    continue
                fault["seen"] = fault.get("seen", 0) + 1
                if chosen or fault.get("nth", fault["seen"]) != fault["seen"] or fault["seen"] < fault.get("from", 1):
                    continue
                if fault.get("times", 1) <= 0 or fault["seen"] % fault.get("every", 1):
                    continue
                fault["times"] = fault.get("times", 1) - 1
                chosen = dict(fault)
        return call, chosen

    @staticmethod
    def selects(fault, request, call):
        if fault.get("action", "*") not in ("*", request.action):
            return False
        if fault.get("service") and fault["service"] != request.service:
            return False
        if fault.get("changing") and not call["changing"]:
            return False
        if fault.get("access_key") and fault["access_key"] != request.account:
            return False
        return all(request.params.get(k) == v for k, v in fault.get("match", {}).items())

    def carry_out(self, env, start, request, call):
        seen = {}

        def remember(status, headers, exc_info=None):
            seen["status"] = int(status.split()[0])
            seen["start"] = (status, headers)

        chunks = self.app(env, remember)
        answer = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        call["status"] = seen["status"]
        for observer in self.observers:
            observer(request, seen["status"], answer)
        start(*seen["start"])
        return [answer]

    def apply(self, fault, env, start, request, call):
        after = fault.get("after") or fault.get("when") == "after"
        call["fault"] = fault.get("signal") or fault.get("code") or ("drop" if fault.get("drop") or after else "delay")
        if fault.get("delay_ms"):
            time.sleep(fault["delay_ms"] / 1000)
        answer = None
        if "replace" in fault or "cut" in fault:
            return self.altered(fault, env, start, request, call)
        if after:
            answer = self.carry_out(env, lambda *a: None, request, call)
        if fault.get("signal"):
            for pid in client_of(env) if fault["pid"] == "client" else [fault["pid"]]:
                try:
                    os.kill(pid, getattr(signal, "SIG" + fault["signal"]))
                except ProcessLookupError:
                    pass
            raise Dropped(env, "fault: the client was sent a signal")
        if fault.get("drop") or (answer is not None and not fault.get("code")):
            raise Dropped(env, "fault: connection cut")
        if not fault.get("code"):
            return self.carry_out(env, start, request, call)
        if answer is None:
            call["status"] = fault.get("status", 400)
        return self.error(fault, start, request)

    def altered(self, fault, env, start, request, call):
        call["fault"] = "altered"
        said = []
        answer, = self.carry_out(env, lambda *status: said.append(status), request, call)
        if "replace" in fault:
            answer = json.dumps({**json.loads(answer), **fault["replace"]}).encode()
        whole = len(answer)
        answer = answer[:fault.get("cut", whole)]
        headers = [(name, value) for name, value in said[0][1] if name.lower() != "content-length"]
        start(said[0][0], headers + [("Content-Length", str(len(answer) if fault.get("cut_length") else whole))])
        return [answer]

    @staticmethod
    def error(fault, start, request):
        code, message, status = fault["code"], fault.get("message", "injected"), f"{fault.get('status', 400)} X"
        if request.protocol == "json" or (request.protocol == "rest" and request.service != "s3"):
            start(status, [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-errortype", code)])
            return [json.dumps({"__type": code, "message": message}).encode()]
        start(status, [("Content-Type", "text/xml")])
        error = f"<Code>{code}</Code><Message>{message}</Message>"
        if request.service == "s3":
            return [f"<Error>{error}<RequestId>0</RequestId></Error>".encode()]
        if request.service == "ec2":
            return [f"<Response><Errors><Error>{error}</Error></Errors><RequestID>0</RequestID></Response>".encode()]
        return [f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>0</RequestId></ErrorResponse>".encode()]
