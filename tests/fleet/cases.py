"""What the tests of fleets and waivers share: the binary, small documents, and how a run is looked at."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "fixtures/terraform-json"
NOW = "2026-11-22T12:00:00Z"
FORMATS = ("text", "json", "jsonl", "markdown", "markdown:comment", "html", "sarif", "junit", "junit:gitlab",
           "github-annotations", "gitlab-codequality", "asff", "ocsf", "oscal", "csv")


def cluster(address, before, after, arn=None, **more):
    """One entry of resource_changes: an RDS cluster whose attributes are `before` and `after`; None is not there."""
    module, _, name = address.rpartition("aws_rds_cluster.")
    common = {"cluster_identifier": "c", "deletion_protection": True, "backup_retention_period": 35,
              "skip_final_snapshot": False, "final_snapshot_identifier": "last"}
    if arn:
        common["arn"] = arn
    actions = ["create"] if before is None else ["delete"] if after is None else \
        ["no-op"] if before == after else ["update"]
    entry = {"address": address, "mode": "managed", "type": "aws_rds_cluster", "name": name.split("[")[0],
             "provider_name": "registry.terraform.io/hashicorp/aws",
             "change": {"actions": actions, "before": before and {**common, **before},
                        "after": after and {**common, **after}, "after_unknown": {}}}
    if module:
        entry["module_address"] = module.rstrip(".")
    entry.update(more)
    return entry


def plan(*changes):
    return {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": list(changes)}


class Case:
    """A directory of its own, the runs in it, and what went wrong."""

    def __init__(self):
        self.tfseal = os.environ.get("TFSEAL_BIN")
        if not self.tfseal:
            sys.exit("TFSEAL_BIN does not name the binary under test")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tfseal-test-"))
        self.wrong = []
        self.checks = 0

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return name

    def copy(self, fixture, name):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FIXTURES / fixture, path)
        return name

    def run(self, *arguments, now=NOW, code=None):
        timed = [] if arguments[0] in ("facts", "report") else ["--now", now]
        done = subprocess.run([self.tfseal, *arguments, *timed], cwd=self.folder, capture_output=True, text=True,
                              timeout=300)
        if code is not None:
            self.check(done.returncode == code, f"{' '.join(arguments)}: exit code {done.returncode}, not {code}\n"
                       + done.stdout[-1500:] + done.stderr[-1500:])
        return done

    def json(self, *arguments, now=NOW, code=None):
        return json.loads(self.run(*arguments, "--output", "json", now=now, code=code).stdout)

    def check(self, holds, what):
        self.checks += 1
        if not holds:
            self.wrong.append(what)

    def end(self):
        shutil.rmtree(self.folder)
        for wrong in self.wrong:
            print("WRONG", wrong)
        print(f"{self.checks} checks, {len(self.wrong)} wrong")
        sys.exit(1 if self.wrong or not self.checks else 0)
