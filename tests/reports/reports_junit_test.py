"""Jenkins' JUnit schema under xmllint, on every strict JUnit report; and it refuses GitLab's flavour, as expected."""
import re
import shutil
import subprocess
import sys

import judges


def main():
    if not shutil.which("xmllint"):
        judges.skip("no xmllint: apt-get install libxml2-utils")
    schema = judges.schema("junit-10.xsd")
    files = judges.paths("xml")
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", str(schema), *map(str, files)], capture_output=True,
                          text=True, timeout=300)
    complaints = [line for line in done.stderr.splitlines() if not line.endswith(" validates")]
    valid = sum(line.endswith(" validates") for line in done.stderr.splitlines())
    if done.returncode or valid != len(files):
        complaints.append(f"{valid} of {len(files)} are valid")
    with_files = [path for path in judges.paths("gitlab.xml") if re.search(r"<testcase [^>]* file=", path.read_text())]
    other = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", str(schema), *map(str, with_files)],
                           capture_output=True, text=True, timeout=300)
    strange = [line for line in other.stderr.splitlines()
               if "'file' is not allowed" not in line and not line.endswith("fails to validate")]
    judges.end(complaints + strange, len(files) if with_files else 0)


if __name__ == "__main__":
    sys.exit(main())
