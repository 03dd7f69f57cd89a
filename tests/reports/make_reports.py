"""make_reports.py DIR: every format of every captured document, and of documents whose names mean harm, into DIR.

DIR/index.json lists them: name, command, exit code, and the document that it was made from."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures" / "terraform-json"
BOTH = ("text", "json", "markdown", "markdown:comment", "html", "sarif", "junit", "junit:gitlab", "github-annotations",
        "gitlab-codequality", "asff", "ocsf", "oscal", "csv")
GATE = BOTH + ("gitlab-terraform",)
ENDINGS = {"text": "txt", "markdown": "md", "markdown:comment": "comment.md", "html": "html", "sarif": "sarif", "junit": "xml",
           "junit:gitlab": "gitlab.xml", "gitlab-codequality": "codequality.json", "gitlab-terraform": "terraform.json",
           "github-annotations": "github.txt",
           "asff": "asff.json", "ocsf": "ocsf.json", "oscal": "oscal.json", "csv": "csv", "json": "json"}

HOSTILE = [
    "</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "=HYPERLINK(\"http://evil.example\")",
    "| a | b |", "a\\|b`c``d", "</details>", "-->]]>", "![x](http://evil.example/x.png)", "@everyone #1 www.evil.example",
    "line\nbreak\r\nand\ttab", "\x1b[31mred\x1b[0m\x07", "\u202etxt.exe\u2066x\u2069", "zero\u200bwidth\ufeff",
    "&amp;&lt;", "\u0085\u2028next", "\U0001f511 \u00e4\u00f6", "%0A::error::x", "x" * 3000,
    " ::add-mask::x", "##[set-output name=x]y", "##vso[task.setvariable variable=x]y", "\uff1dcmd()",
    "](http://evil.example/)", "[x](http://evil.example/)", "{{ insert: param, x }}", "\u3000wide\u00a0", "nul\u0000",
    "GH-12 [vulnerability:1] ^alert#1",
]


REASON = "left <b>as it is</b> | until =1+1 [x](http://evil.example) @everyone www.evil.example ##vso[x] ::error::"


def replaced(value, old, new):
    if isinstance(value, str):
        # In an address a key is quoted.
        quoted = new.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
        return value.replace(f'["{old}"]', f'["{quoted}"]').replace(old, new)
    if isinstance(value, list):
        return [replaced(entry, old, new) for entry in value]
    if isinstance(value, dict):
        return {key: replaced(entry, old, new) for key, entry in value.items()}
    return value


def documents(scratch):
    """(name, path, configuration, sources): those of the fixtures, then the hostile ones."""
    for path in sorted(FIXTURES.glob("*/*.json")):
        if path.name == "truth.json":
            continue
        config = path.parent / "tfseal.yaml"
        sources = path.parent / "src"
        yield (f"{path.parent.name}-{path.stem}", path, config if config.exists() else None,
               sources if any(sources.glob("*.tf")) else None)
    z360 = FIXTURES / "z360"
    plan = json.loads((z360 / "04-encrypt-flip-staging.json").read_text())
    for i, text in enumerate(HOSTILE):
        path = scratch / f"hostile-{i}.plan"
        path.write_text(json.dumps(replaced(plan, "z360-staging", text)))
        yield f"hostile-{i}", path, z360 / "tfseal.yaml", None
    # Two documents that both have the same addresses, beside some that cannot be read.
    fleet = scratch / "a fleet #1"
    fleet.mkdir()
    for name in ("staging.json", "same again.json"):
        shutil.copy(z360 / "state-after-create.show.json", fleet / name)
    for name in ("=cmd()|<img src=x onerror=alert(1)>.json", "\u202e`@everyone` ##vso[x].json"):
        (fleet / name).write_text("{")
    yield "fleet", fleet, z360 / "tfseal.yaml", None
    waived = scratch / "waived.yaml"
    waivers = "".join(
        f"  - {{ control: {control}, address: \"**\", reason: {json.dumps(REASON)}, "
        "owner: data, ticket: OPS-1, expires: 2026-12-31 }\n" for control in ("TFS-RDS-001", "deletion_protection"))
    text = (z360 / "tfseal.yaml").read_text()
    assert "waivers:" not in text
    waived.write_text(text + "\nwaivers:\n" + waivers)
    yield "waived", z360 / "04-encrypt-flip-staging.json", waived, z360 / "src"


def main():
    out = pathlib.Path(sys.argv[1])
    shutil.rmtree(out, ignore_errors=True)
    scratch = out / "documents"
    scratch.mkdir(parents=True)
    index = []
    for name, path, config, sources in documents(scratch):
        document = {} if path.is_dir() else json.loads(path.read_text())
        command = "gate" if "resource_changes" in document or "planned_values" in document else "verify"
        run = [os.environ["TFSEAL_BIN"], command, str(path), "--now", "2026-06-01T00:00:00Z", "--quiet"]
        if config:
            run += ["--config", str(config)]
        if sources:
            run += ["--source", str(sources)]
        for form in GATE if command == "gate" else BOTH:
            run += ["--output", f"{form}={out / name}.{ENDINGS[form]}"]
        done = subprocess.run(run, capture_output=True, text=True, cwd=ROOT, timeout=120)
        if done.returncode not in (0, 1, 3, 4) or not (out / f"{name}.json").exists():
            print(f"{name}: exit {done.returncode}: {done.stderr}")
            return 1
        index.append({"name": name, "command": command, "exit": done.returncode, "document": str(path)})
    (out / "index.json").write_text(json.dumps(index, indent=1))
    print(f"{len(index)} documents")
    return 0 if len(index) > 80 else 1


if __name__ == "__main__":
    sys.exit(main())
