"""Microsoft's SARIF multitool with GitHub's rules, on every SARIF report."""
import json
import os
import pathlib
import platform
import subprocess
import tempfile

import judges

# What it asks for that we leave out: an address of the project's pages.
ACCEPTED = {"SARIF2005"}


def main():
    tool = judges.INSTALLED / "node_modules" / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
    if not tool.exists() or platform.machine() != "x86_64":
        judges.skip(f"no {tool}: ./dev setup judges")
    tool.chmod(0o755)
    files = judges.paths("sarif")
    environment = dict(os.environ, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1")
    with tempfile.TemporaryDirectory() as scratch:
        log = pathlib.Path(scratch) / "verdict.sarif"
        done = subprocess.run([str(tool), "validate", *map(str, files), "--rule-kind", "Sarif;Ghas", "--output", str(log),
                               "--log", "ForceOverwrite"], capture_output=True, text=True, env=environment, timeout=500)
        if not log.exists():
            print(done.stdout[-3000:], done.stderr[-3000:])
            return 1
        run = json.loads(log.read_text())["runs"][0]
    complaints = [f"{result['ruleId']} {result['locations'][0]['physicalLocation']['artifactLocation']}: "
                  f"{result['message'].get('text', result['message'].get('arguments'))}"
                  for result in run["results"] if result["ruleId"] not in ACCEPTED]
    # A judge that looked at nothing has judged nothing: what we leave out it must have missed in every file.
    looked = sum(result["ruleId"] in ACCEPTED for result in run["results"])
    judges.end(complaints, looked if looked == len(files) else 0)


if __name__ == "__main__":
    main()
