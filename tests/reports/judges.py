"""What the judges share: the reports that were made, where judges are installed, and how a test without one ends.

`./dev setup judges` installs them under build/judges (TFSEAL_JUDGES names another place): programs from npm by
package-lock.json, and the schemas of other projects, which are fetched and not kept here."""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INSTALLED = pathlib.Path(os.environ.get("TFSEAL_JUDGES", ROOT / "build" / "judges"))


def skip(reason):
    print("SKIP " + reason)
    sys.exit(77)


def reports():
    """(entry of the index, function from an ending to a path)"""
    made = pathlib.Path(sys.argv[1])
    for entry in json.loads((made / "index.json").read_text()):
        yield entry, lambda ending, name=entry["name"]: made / f"{name}.{ending}"


def paths(*endings):
    found = [path(ending) for _, path in reports() for ending in endings]
    assert len(found) > 80
    return found


def schema(name):
    path = INSTALLED / "schemas" / name
    if not path.exists():
        skip(f"{name} is not in {path.parent}: ./dev setup judges")
    return path


def node(script, *arguments):
    """Runs one of our .mjs files where the packages are installed; its complaints are the test's."""
    if not (INSTALLED / "node_modules").exists():
        skip(f"no packages in {INSTALLED}: ./dev setup judges")
    code = (pathlib.Path(__file__).parent / script).read_text()
    # A module finds its packages from where it lies.
    runner = INSTALLED / script
    runner.write_text(code)
    done = subprocess.run(["node", str(runner), *map(str, arguments)], capture_output=True, text=True, timeout=500)
    print(done.stdout[-4000:], done.stderr[-4000:])
    return done.returncode


def end(complaints, count):
    for complaint in complaints[:40]:
        print("WRONG " + complaint)
    print(f"{count} judged, {len(complaints)} wrong")
    sys.exit(1 if complaints or not count else 0)
