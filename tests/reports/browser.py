"""Headless Chromium over its debugging pipe: no driver, no package, no port."""
import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def program():
    """Ubuntu's chromium-browser is there without its snap, and only says so."""
    return next((path for path in map(shutil.which, NAMES) if path and subprocess.run(
        [path, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0), None)


class Browser:
    """Answers of commands by their number; events are kept until they are asked for."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        near, self.out = os.pipe()
        self.back, far = os.pipe()
        to_browser, from_browser = (fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (near, far))  # out of the way of 3 and 4
        os.close(near)
        os.close(far)
        command = [program(), "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
                   "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync",
                   "--user-data-dir=" + self.profile.name, "about:blank"]
        # The browser wants its pipe to be descriptors 3 and 4.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser} {to_browser}<&- {from_browser}>&-', "bash", *command],
            pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.rest = b""
        self.number = 0
        self.events = []
        target = self.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = None
        self.session = self.send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(domain + ".enable")

    def receive(self):
        while b"\0" not in self.rest:
            piece = os.read(self.back, 1 << 16)
            if not piece:
                raise RuntimeError("the browser has gone")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def send(self, method, parameters=None):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters or {}}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        while True:
            for event in self.events:
                if event.get("method") == method:
                    return
            self.events.append(self.receive())

    def open(self, url, width, height=900, dark=False, mobile=False, paper=False):
        """What the page did wrong: texts. Requests for anything but the page itself are wrong."""
        self.events = []
        self.send("Emulation.setDeviceMetricsOverride",
                  {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile})
        self.send("Emulation.setEmulatedMedia",
                  {"media": "print" if paper else "",
                   "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        self.send("Page.navigate", {"url": url})
        self.wait("Page.loadEventFired")
        self.evaluate("new Promise(done => setTimeout(done, 100))")
        wrong = []
        for event in self.events:
            method, parameters = event.get("method", ""), event.get("params", {})
            if method == "Network.requestWillBeSent" and parameters["request"]["url"] != url:
                wrong.append("request for " + parameters["request"]["url"])
            elif method == "Runtime.exceptionThrown":
                wrong.append("exception " + json.dumps(parameters)[:300])
            elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
                wrong.append("console " + json.dumps(parameters["args"])[:300])
            elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                wrong.append("log " + parameters["entry"]["text"][:300])
        return wrong

    def evaluate(self, expression):
        answer = self.send("Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True})
        return answer["result"].get("value")

    def screenshot(self, path, height, top=0):
        clip = {"x": 0, "y": top, "width": self.evaluate("innerWidth"), "height": height, "scale": 0.75}
        taken = self.send("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip})
        with open(path, "wb") as file:
            file.write(base64.b64decode(taken["data"]))

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        os.close(self.out)
        os.close(self.back)
        self.profile.cleanup()
