"""Every report of every document: well-formed, without secrets, in agreement with the JSON report."""
import csv
import html.parser
import io
import json
import re
import sys
import xml.etree.ElementTree

import judges
import make_reports

UNSEEN = re.compile("[\u0000-\u0009\u000b-\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e"
                    "\u2060-\u206f\ufeff\ufff9-\ufffb]")
# What GitHub's runner, Azure's agent and TeamCity's take out of a log: at the start of a line, or anywhere.
COMMAND = re.compile(r"^\s*::[A-Za-z]|##[A-Za-z]*\[", re.M)
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "h3", "p", "ul", "li", "b", "br",
        "span", "strong", "code", "div", "section", "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
        "footer"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "tabindex", "role", "aria-label",
              "aria-hidden", "scope"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.wrong = []
        self.open = []
        self.heading = ""

    def handle_starttag(self, tag, attributes):
        if tag not in TAGS:
            self.wrong.append("tag " + tag)
        self.wrong += ["attribute " + name for name, _ in attributes if name not in ATTRIBUTES]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append("unbalanced " + tag)

    def handle_data(self, data):
        if "h1" in self.open:
            self.heading += data


def standing(finding):
    if finding["waived"]:
        return "waived"
    if not finding["required"]:
        return "advice"
    return "fails" if finding["verdict"] == "fail" else "undecided"


def counts_of(report):
    counts = dict.fromkeys(("fails", "undecided", "advice", "waived"), 0)
    for finding in report["findings"]:
        counts[standing(finding)] += 1
    # A waiver that does not do what it was written for is advice, at its own line.
    counts["advice"] += sum(bool(waiver["problem"]) for waiver in report.get("waivers", []))
    return counts


def check_sarif(text, counts, wrong):
    results = json.loads(text)["runs"][0]["results"]
    levels = [("error", "warning", "note").index(result["level"]) for result in results]
    if levels != sorted(levels):
        wrong("sarif: not in the order of their levels")
    if [levels.count(0), levels.count(1), levels.count(2)] != \
            [counts["fails"], counts["undecided"], counts["advice"] + counts["waived"]]:
        wrong("sarif: other numbers than the JSON report")
    if sum(bool(result["suppressions"]) for result in results) != counts["waived"]:
        wrong("sarif: suppressions are not the waivers")
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]
    if len(set(prints)) != len(prints):
        wrong("sarif: fingerprints are not unique")


def check_junit(text, counts, passes, wrong):
    suites = xml.etree.ElementTree.fromstring(text)
    cases = suites.findall(".//testcase")
    found = {kind: len(suites.findall(".//" + kind)) for kind in ("failure", "error", "skipped")}
    expected = {"failure": counts["fails"], "error": counts["undecided"], "skipped": counts["advice"] + counts["waived"]}
    if found != expected:
        wrong(f"junit: {found}, not {expected}")
    if len(cases) - sum(found.values()) != passes:
        wrong("junit: not the passes of the CSV report")
    if [suites.get("tests"), suites.get("failures"), suites.get("errors")] != \
            [str(len(cases)), str(found["failure"]), str(found["error"])]:
        wrong("junit: wrong totals")


def check_codequality(text, counts, wrong):
    items = json.loads(text)
    if len(items) != sum(counts.values()):
        wrong("gitlab-codequality: other numbers than the JSON report")
    for item in items:
        path = item["location"]["path"]
        if item["severity"] not in ("info", "minor", "major", "critical", "blocker"):
            wrong("gitlab-codequality: severity " + item["severity"])
        if path.startswith("./") or item["location"]["lines"]["begin"] < 1 or not item["check_name"]:
            wrong("gitlab-codequality: " + path)
    if len({item["fingerprint"] for item in items}) != len(items):
        wrong("gitlab-codequality: fingerprints are not unique")


def check_csv(text, counts, wrong):
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if text.count("\r\n") != len(rows):
        wrong("csv: a line end inside a field")
    for row in rows:
        if len(row) != len(rows[0]):
            wrong("csv: ragged")
        if any(cell[:1] in ("=", "+", "-", "@") for cell in row):
            wrong("csv: a formula")
    kinds = [row[0] for row in rows[1:]]
    if {kind: kinds.count(kind) for kind in counts} != counts:
        wrong("csv: other numbers than the JSON report")
    return kinds.count("passes")


def runner_reads(line):
    """(command, properties, message) as the runner of GitHub Actions takes a line apart: actions/runner,
    src/Runner.Common/ActionCommand.cs, TryParseV2."""
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None

    def unescaped(text, *pairs):
        for escape, meant in (*pairs, ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
            text = text.replace(escape, meant)
        return text
    command, _, rest = line[2:end].partition(" ")
    properties = {}
    for each in rest.strip().split(","):
        name, equals, value = each.partition("=")
        if equals:
            properties[name] = unescaped(value, ("%3A", ":"), ("%2C", ","))
    return command, properties, unescaped(line[end + 2:])


def check_annotations(text, rows, wrong):
    """Each line a command; of each kind as many as there are checks, or nine and how many more."""
    found = {"error": [], "warning": [], "notice": []}
    for line in text.splitlines():
        read = runner_reads(line)
        if read is None or read[0] not in found:
            wrong(f"github-annotations: {line!r}")
            return
        found[read[0]].append(read)
    for kind, standing in (("error", "fails"), ("warning", "undecided"), ("notice", "advice")):
        of_kind = [row for row in rows if row["standing"] == standing]
        shown = of_kind if len(of_kind) <= 10 else of_kind[:9]
        if len(found[kind]) != min(len(of_kind), 10):
            wrong(f"github-annotations: {len(found[kind])} {kind}")
        for row, (_, properties, message) in zip(shown, found[kind]):
            def plain(text):  # without the apostrophe before what a spreadsheet takes for a formula
                return text[1:] if re.match("'[=+@-]", text) else text
            expected = {"title": f"{row['rule']} {row['title']}"}
            if row["file"]:
                expected |= {"file": plain(row["file"]), "line": row["line"]}
            if properties != expected or not message.startswith(f"{plain(row['address'])}: {plain(row['message'])}"):
                wrong(f"github-annotations: {properties} {message!r}, not {expected}")
        if len(of_kind) > 10 and not found[kind][9][2].startswith(f"{len(of_kind) - 9} more"):
            wrong("github-annotations: does not say how many more there are")


def check_html(text, verdict, wrong):
    page = Page()
    page.feed(text)
    page.close()
    for complaint in sorted(set(page.wrong)):
        wrong("html: " + complaint)
    if page.open:
        wrong("html: left open: " + " ".join(page.open))
    if not page.heading.endswith(verdict):
        wrong(f"html: the heading is {page.heading!r}")
    if re.search(r"(?i)url\(|@import|javascript:|<script", text.replace("&lt;", "")):
        wrong("html: asks for something")


def check_markdown(path, verdict, wrong):
    text, comment = path("md").read_text(), path("comment.md").read_text()
    if len(text.encode()) > 900 * 1024 or len(comment) >= 60_000:
        wrong("markdown: too long")
    if not text.startswith(f"## tfseal: {verdict}\n") or not re.match(r"<!-- tfseal:v1:\w+: -->\n## tfseal: ", comment):
        wrong("markdown: head")
    for each in (text, comment):
        outside = re.sub(r"`[^`\n]*`", "", each)
        tags = set(re.findall(r"</?([a-z]+)", outside))
        if not tags <= {"br", "details", "summary", "span", "code"} or "![" in outside.replace("\\[", "").replace("!\\", ""):
            wrong(f"markdown: {tags}")


def check_statuses(path, counts, passes, wrong):
    asff = json.loads(path("asff.json").read_text())
    ocsf = json.loads(path("ocsf.json").read_text())
    total = sum(counts.values()) + passes
    if [len(asff), len(ocsf)] != [total, total]:
        wrong("asff, ocsf: other numbers than the CSV report")
    if sum(finding["Compliance"]["Status"] == "PASSED" for finding in asff) != passes:
        wrong("asff: not the passes")
    if sum(finding["compliance"]["status_id"] == 1 for finding in ocsf) != passes:
        wrong("ocsf: not the passes")
    for finding in ocsf:
        for name in ("activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id", "metadata",
                     "finding_info", "compliance", "resources"):
            if name not in finding:
                wrong("ocsf: without " + name)
    for finding in json.loads(path("oscal.json").read_text())["assessment-results"]["results"][0].get("findings", []):
        satisfied = finding["target"]["status"]["state"] == "satisfied"
        if satisfied != bool(re.fullmatch(r"passes: \d+", finding["description"])):
            wrong("oscal: " + finding["description"])


def check_changes(path, document, wrong):
    changes = [change["change"]["actions"] for change in document.get("resource_changes", [])
               if change.get("mode") == "managed"]
    expected = {kind: sum(kind in actions for actions in changes) for kind in ("create", "update", "delete")}
    if json.loads(path("terraform.json").read_text()) != expected:
        wrong(f"gitlab-terraform: not {expected}")


def main():
    complaints = []
    judged = 0
    for entry, path in judges.reports():
        def wrong(what, name=entry["name"]):
            complaints.append(f"{name}: {what}")
        report = json.loads(path("json").read_text())
        verdict = report["verdict"] if entry["command"] == "gate" else \
            {"pass": "compliant", "fail": "not compliant"}.get(report["verdict"], "unknown")
        counts = counts_of(report)
        # A verdict that no resource explains is a row of its own.
        if verdict not in ("allow", "compliant") and counts["fails"] + counts["undecided"] == 0:
            counts["fails" if verdict in ("deny", "unusable", "not compliant") else "undecided"] += 1
        endings = make_reports.GATE if entry["command"] == "gate" else make_reports.BOTH
        for ending in (make_reports.ENDINGS[form] for form in endings if form != "json"):
            data = path(ending).read_bytes()
            if found := COMMAND.search(data.decode("utf-8") if ending != "github.txt" else ""):
                wrong(f"{ending}: a CI system obeys {found.group()!r}")
            if b"CANARY" in data or b"Q0FOQVJZ" in data:
                wrong(ending + ": holds a secret")
            if found := UNSEEN.search(data.decode("utf-8")):
                wrong(f"{ending}: holds {found.group()!r}")
        passes = check_csv(path("csv").read_bytes().decode(), counts, wrong)
        check_annotations(path("github.txt").read_text(),
                          list(csv.DictReader(io.StringIO(path("csv").read_bytes().decode(), newline=""))), wrong)
        check_sarif(path("sarif").read_text(), counts, wrong)
        check_junit(path("xml").read_text(), counts, passes, wrong)
        check_junit(path("gitlab.xml").read_text(), counts, passes, wrong)
        check_codequality(path("codequality.json").read_text(), counts, wrong)
        check_html(path("html").read_text(), verdict, wrong)
        check_markdown(path, verdict, wrong)
        check_statuses(path, counts, passes, wrong)
        if entry["command"] == "gate":
            with open(entry["document"], encoding="utf-8") as file:
                check_changes(path, json.load(file), wrong)
        judged += 1
    judges.end(complaints, judged)


if __name__ == "__main__":
    sys.exit(main())
