#!/usr/bin/env python3
"""docs/controls.md and the pages in docs/controls are what TFSEAL_BIN writes, one page for each control and no other.

  control_pages_test.py            compares
  control_pages_test.py --write    writes them anew
"""

import json
import os
import subprocess
import sys

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEADINGS = ["Why", "Fix", "Cost", "Basis", "What frameworks say", "Rules of other tools", "Resource types"]


def tfseal(*arguments):
    return subprocess.run([os.environ["TFSEAL_BIN"], *arguments], check=True, capture_output=True, cwd="/").stdout


def pages():
    made = {"docs/controls.md": tfseal("controls", "--output", "markdown")}
    for control in json.loads(tfseal("controls", "--output", "json"))["controls"]:
        made[f"docs/controls/{control['id']}.md"] = tfseal("explain", control["id"], "--output", "markdown")
    return made


def write(made):
    os.makedirs(os.path.join(TREE, "docs/controls"), exist_ok=True)
    for name in os.listdir(os.path.join(TREE, "docs/controls")):
        os.remove(os.path.join(TREE, "docs/controls", name))
    for path, text in made.items():
        with open(os.path.join(TREE, path), "wb") as file:
            file.write(text)


def complaints(made):
    there = {f"docs/controls/{name}" for name in os.listdir(os.path.join(TREE, "docs/controls"))}
    for path in sorted(there - set(made)):
        yield f"{path}: there is no such control"
    for path, text in sorted(made.items()):
        try:
            with open(os.path.join(TREE, path), "rb") as file:
                committed = file.read()
        except FileNotFoundError:
            committed = b""
        if committed != text:
            yield f"{path}: not what tfseal writes; tests/cli/control_pages_test.py --write"
        if path == "docs/controls.md":
            continue
        sections = text.decode().split("\n## ")[1:]
        for heading in HEADINGS:
            if not any(each.startswith(heading) and each.partition("\n")[2].strip() for each in sections):
                yield f"{path}: says nothing under {heading}"


def main():
    made = pages()
    if "--write" in sys.argv:
        write(made)
        return 0
    assert len(made) > 150, "controls are missing"
    wrong = list(complaints(made))
    print("\n".join(wrong) or f"{len(made)} pages as tfseal writes them")
    return 1 if wrong else 0


sys.exit(main())
