"""reports_lines_test.py LOCATE_BLOCKS: the lines of --source against those that Terraform itself says.

Every block is declared a second time in a file beside it; `terraform validate` refuses that and says where the first one
stands. It does so before it looks for providers and modules."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import judges

TRICKY = '''# resource "terraform_data" "in_a_comment" {
/* resource "terraform_data" "in_a_block_comment" {
*/ resource "terraform_data" "behind_a_comment" {
  input = "} resource \\"terraform_data\\" \\"in_a_string\\" {"
}
locals {
  text = <<-END
    resource "terraform_data" "in_a_heredoc" {
    }
    ${join("", ["}", "{"])} %{ if true }{%{ endif }
  END
  nested = { resource = { terraform_data = "x" } }
  template = "${join("{", ["a", "}${"{"}"])}" // resource "terraform_data" "behind" {
}

resource terraform_data bare {
}

resource   "terraform_data"   "spaced"   {
  input = <<END
resource "terraform_data" "again" {
END
}
module "sub" { # a comment with {
  source = "./sub"
}
module "deep" {
  nothing = { source = "./elsewhere" }
  source  = "./sub"
}
resource "terraform_data" "last" { input = { a = [1, { b = "}" }] } }
'''


# The same in JSON syntax: lists where Terraform lets them be, comments, braces on lines of their own, escapes.
TRICKY_JSON = r'''{
  "//": "resource \"terraform_data\" \"in_a_comment\" {",
  "resource": [
    { "terraform_data": { "compact": { "input": "}{\\" } } },
    {
      "terraform_data": [
        { "listed":
          {
            "input": [1, {"resource": {"terraform_data": {"no": {}}}}] },
          "escap\u0065d": { "//": ["a", "b"] }
        },
        {
          "bodies": [
            { "input": null }
          ]
        }
      ]
    }
  ],
  "locals": { "resource": { "terraform_data": { "neither": {} } }, "n": -1.5e3 },
  "module": {
    "sub": { "source": "./sub" },
    "twice": [ { "source":
       "./sub" } ]
  }
}
'''
# One whose blocks are all on one line.
SQUEEZED_JSON = '{"resource":{"terraform_data":{"one":{},"two":{"input":{"a":[{}]}}}}}'


def declared_in_json(value, labels=()):
    """Resource blocks of a configuration in JSON syntax."""
    if isinstance(value, list):
        return set().union(*(declared_in_json(each, labels) for each in value))
    if len(labels) == 2:
        return {labels}
    return set().union(*(declared_in_json(each, (*labels, key)) for key, each in value.items() if key != "//"))


def declared(text):
    """Blocks for the second declaration; a reader of its own, good enough for files that a person formatted."""
    return set(re.findall(r'^resource\s+"?([\w-]+)"?\s+"?([\w-]+)"?\s*\{', text, re.M)) | \
        set(re.findall(r'\*/ resource "([\w-]+)" "([\w-]+)"', text))


def said_by_terraform(terraform, directory, scratch):
    """{(type, name): (file, line)} of one module."""
    copy = pathlib.Path(scratch) / "module"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    blocks = set()
    for path in directory.glob("*.tf"):
        shutil.copy(path, copy)
        blocks |= declared(path.read_text())
    for path in directory.glob("*.tf.json"):
        shutil.copy(path, copy)
        blocks |= declared_in_json(json.loads(path.read_text()).get("resource", {}))
    (copy / "zz_again.tf").write_text("".join(f'resource "{kind}" "{name}" {{}}\n' for kind, name in sorted(blocks)))
    done = subprocess.run([terraform, "validate", "-json", "-no-color"], cwd=copy, capture_output=True, text=True, timeout=120)
    lines = {}
    for diagnostic in json.loads(done.stdout)["diagnostics"]:
        found = re.search(r'A (\S+) resource named "([^"]+)" was already declared at ([^:]+):(\d+),', diagnostic["detail"])
        if found:
            lines[found.group(1), found.group(2)] = (found.group(3), int(found.group(4)))
    return lines


def compare(terraform, locate, root, scratch, complaints):
    located = {}
    for line in subprocess.run([locate, str(root)], capture_output=True, text=True, check=True).stdout.splitlines():
        address, path, number = line.rsplit(" ", 2)
        block = re.search(r"(?:^|\.)(?!module\.)([\w-]+)\.([\w-]+)$", address)
        if block and not re.search(r"(?:^|\.)module\.[\w-]+$", address):
            path = pathlib.Path(path)
            located.setdefault(path.parent.resolve(), {})[block.groups()] = (path.name, int(number))
    judged = 0
    for directory, blocks in sorted(located.items()):
        said = said_by_terraform(terraform, directory, scratch)
        judged += len(said)
        if said != blocks:
            complaints.append(f"{directory.relative_to(root)}: {sorted(set(said.items()) ^ set(blocks.items()))[:6]}")
    return judged


def roots(directory, pattern):
    """Root modules: a folder with sources, or those below one without."""
    found = []
    for path in sorted(directory.glob(pattern)):
        below = [path] if any(path.glob("*.tf")) else [sub for sub in sorted(path.iterdir()) if any(sub.glob("*.tf"))]
        found += below
    return found


def main():
    terraform = shutil.which("terraform") or shutil.which("tofu")
    if not terraform:
        judges.skip("neither terraform nor tofu is on PATH")
    complaints, judged = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        tricky = pathlib.Path(scratch).resolve() / "tricky"
        (tricky / "sub").mkdir(parents=True)
        (tricky / "main.tf").write_text(TRICKY)
        (tricky / "sub" / "main.tf").write_text('resource "terraform_data" "inner" {\n}\n')
        if compare(terraform, sys.argv[1], tricky, scratch, complaints) != 5:
            complaints.append("not all of the tricky blocks were looked at")
        in_json = pathlib.Path(scratch).resolve() / "json"
        for module, text in (("", TRICKY_JSON), ("sub", SQUEEZED_JSON)):
            (in_json / module).mkdir()
            (in_json / module / "main.tf.json").write_text(text)
        found = compare(terraform, sys.argv[1], in_json, scratch, complaints)
        if found != 6:
            complaints.append(f"{found} of the blocks in JSON syntax were looked at, not 6")
        for root in roots(judges.ROOT / "fixtures" / "terraform-json", "*/src") + roots(judges.ROOT, "terraform-examples/*"):
            judged += compare(terraform, sys.argv[1], root, scratch, complaints)
    judges.end(complaints, judged if judged > 100 else 0)


if __name__ == "__main__":
    main()
