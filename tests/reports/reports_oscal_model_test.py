"""What the OSCAL model asks of every report and a JSON Schema cannot say: ids, references, times, tokens, markup."""
import csv
import json
import re
import sys
import unicodedata

import judges

UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
TIMES = {"start", "end", "collected", "expires", "last-modified", "published", "deadline"}
LINES = {"title", "value", "version", "oscal-version"}  # one line, and no space at its ends
MARKUP = {"title", "description", "statement", "remarks"}
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")  # of CommonMark
RENDERED = re.compile(r"<|\]\(|\{\{|[*~^]|&#?\w+;|\b_\B|\B_\b")  # none of them is ever meant
# What ECMAScript's \s stands for beside the line ends.
SPACE = "\t\v\f \u00a0\u1680\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200b)))


def is_token(text):
    """XML's NCName as the schema has it: a letter or _, then letters, numbers, and . - _."""
    kinds = [unicodedata.category(c)[0] for c in text]
    return bool(text) and (kinds[0] == "L" or text[0] == "_") and \
        all(kind in "LN" or c in ".-_" for kind, c in zip(kinds, text))


def walk(value, path=""):
    """(path, name, value) of every member of every object."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield f"{path}/{name}", name, member
            yield from walk(member, f"{path}/{name}")
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            yield from walk(entry, f"{path}/{i}")


def check_members(document, wrong):
    """Each member by its name, wherever it is. Returns where each id stands."""
    ids = {}
    for path, name, value in walk(document):
        if value in ([], {}, "") and name != "include-all":
            wrong(f"{path} is empty")
        if name == "uuid":
            if value in ids:
                wrong(f"{path}: {ids[value]} has the same uuid")
            ids[value] = path
        for uuid in (value if name.endswith("-uuids") else [value] if name == "uuid" or name.endswith("-uuid") else []):
            if not UUID.fullmatch(uuid):
                wrong(f"{path}: {uuid!r} is no UUID of version 4 or 5")
        if name in TIMES and not TIME.fullmatch(value):
            wrong(f"{path}: {value!r} is no time with a zone")
        if name in ("control-id", "target-id", "name", "rel") and not is_token(value):
            wrong(f"{path}: {value!r} is no token")
        if name in LINES and (re.search("[\n\r\u2028\u2029]", value) or value != value.strip(SPACE)):
            wrong(f"{path}: {value!r} is not one line without spaces at its ends")
        if name in MARKUP and (found := RENDERED.search(ESCAPED.sub("", value))):
            wrong(f"{path}: {found.group()!r} of {value!r} would be rendered")
    for path, name, value in walk(document):
        for uuid in (value if name.endswith("-uuids") else [value] if name.endswith("-uuid") else []):
            if uuid not in ids:
                wrong(f"{path}: {uuid} is nowhere in the document")
        if name == "href" and value.startswith("#") and value[1:] not in ids:
            wrong(f"{path}: {value} is nowhere in the document")
    return ids


def inventory(path):
    """{(address, document or None)} that the CSV report has: of several documents each has resources of its own."""
    def plain(text):  # without the apostrophe before what a spreadsheet takes for a formula
        return (text[1:] if re.match("'[=+@\uff1d-]", text) else text).strip(SPACE)
    with open(path("csv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    many = len(json.loads(path("json").read_text()).get("documents", [])) > 1
    return {(plain(row["address"]), plain(row["document"]) if many and row["cause"] != "promised" else None)
            for row in rows}


def check_result(result, things, wrong):
    """That what is referred to is of the right kind, and that nothing is left over."""
    def of(name, within=result):
        return {each["uuid"]: each for each in within.get(name, [])}
    observations, risks = of("observations"), of("risks")
    items = of("inventory-items", result.get("local-definitions", {}))
    addresses = {}
    for uuid, item in items.items():
        properties = {each["name"]: each["value"] for each in item["props"]}
        key = (properties["address"], properties.get("document"))
        if key in addresses:
            wrong(f"two inventory items are {key}")
        addresses[key] = uuid
    if things != set(addresses):
        wrong(f"the inventory is not that of the CSV report: {sorted(things ^ set(addresses), key=str)[:4]}")
    subjects = set()
    for observation in observations.values():
        for subject in observation["subjects"]:
            item = items.get(subject["subject-uuid"])
            if subject["type"] != "inventory-item" or item is None:
                wrong(f"{subject} is no inventory item")
            elif ESCAPED.sub(r"\1", subject["title"]) not in [each["value"] for each in item["props"]]:
                wrong(f"{subject['title']} is another than {item['props']}")
            subjects.add(subject["subject-uuid"])
    if subjects != set(items):
        wrong("inventory items that nothing is observed of")
    seen, in_findings = [], []
    for finding in result.get("findings", []):
        seen += [each["observation-uuid"] for each in finding["related-observations"]]
        in_findings += [each["risk-uuid"] for each in finding.get("related-risks", [])]
    if sorted(seen) != sorted(observations):
        wrong("not every observation is of one finding")
    if sorted(in_findings) != sorted(risks):
        wrong("not every risk is of one finding")
    of_risks = [each["observation-uuid"] for risk in risks.values() for each in risk["related-observations"]]
    if len(set(of_risks)) != len(of_risks) or not set(of_risks) <= set(observations):
        wrong("a risk is not of one observation")
    selected = [control["control-id"] for selection in result["reviewed-controls"]["control-selections"]
                for control in selection.get("include-controls", [])]
    if sorted(selected) != sorted(finding["target"]["target-id"] for finding in result.get("findings", [])):
        wrong("the reviewed controls are not those of the findings")


def check(document, things, wrong):
    results = document["assessment-results"]
    check_members(document, wrong)
    href = results["import-ap"]["href"]
    if href[1:] not in {resource["uuid"] for resource in results["back-matter"]["resources"]}:
        wrong(f"the assessment plan {href} is no resource")
    for result in results["results"]:
        check_result(result, things, wrong)


def main():
    complaints = []
    judged = 0
    for entry, path in judges.reports():
        check(json.loads(path("oscal.json").read_text()), inventory(path),
              lambda what, name=entry["name"]: complaints.append(f"{name}: {what}"))
        judged += 1
    judges.end(complaints, judged)


if __name__ == "__main__":
    sys.exit(main())
