"""Real Terraform on the emulator, in a copy of an example."""

import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "emulator"))

from running import Skip  # noqa: E402


def program():
    found = os.environ.get("TERRAFORM") or shutil.which("terraform") or shutil.which("tofu")
    if not found:
        raise Skip("neither terraform nor tofu is on PATH")
    return found


class Terraform:
    """terraform-examples/NAME, copied into a folder and used there."""

    def __init__(self, example, folder, environment):
        self.folder = os.path.join(folder, example)
        shutil.copytree(os.path.join(ROOT, "terraform-examples", example), self.folder)
        self.environment = {**environment, "TF_IN_AUTOMATION": "1", "NO_COLOR": "1", "TF_INPUT": "0"}
        if not os.path.isfile(self.environment.get("TF_CLI_CONFIG_FILE", "")):
            self.environment.pop("TF_CLI_CONFIG_FILE", None)

    def run(self, *arguments, ok=(0,), timeout=900):
        done = subprocess.run([program(), *arguments], cwd=self.folder, env=self.environment, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode not in ok:
            raise RuntimeError(f"terraform {arguments[0]} in {self.folder} ended with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done

    def init(self):
        mirror = os.environ.get("TFSEAL_PROVIDERS")
        try:
            self.run("init", *([f"-plugin-dir={mirror}"] if mirror else []), timeout=120)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            raise Skip(f"the AWS provider is not available; TFSEAL_PROVIDERS can name a mirror of it: {str(error)[-300:]}") from None

    def apply(self, *more):
        return self.run("apply", "-auto-approve", "-parallelism=30", *more)

    def plan(self, name, *more):
        """Makes NAME.tfplan and NAME.json in the folder; returns the path of the JSON."""
        self.run("plan", f"-out={name}.tfplan", "-parallelism=30", *more)
        path = os.path.join(self.folder, name + ".json")
        with open(path, "w", encoding="utf-8") as out:
            out.write(self.run("show", "-json", name + ".tfplan").stdout)
        return path

    def changes(self):
        """What a plan with refresh would change, as text; "" if nothing."""
        done = self.run("plan", "-detailed-exitcode", "-parallelism=30", ok=(0, 2))
        return done.stdout if done.returncode == 2 else ""

    def outputs(self):
        return {k: v["value"] for k, v in json.loads(self.run("output", "-json").stdout).items()}

    def edit(self, name, change):
        """Rewrites a file as a person would: change(text) -> text. RuntimeError if nothing changed."""
        path = os.path.join(self.folder, name)
        with open(path, encoding="utf-8") as source:
            before = source.read()
        after = change(before)
        if after == before:
            raise RuntimeError(f"the edit of {name} changed nothing")
        with open(path, "w", encoding="utf-8") as out:
            out.write(after)
