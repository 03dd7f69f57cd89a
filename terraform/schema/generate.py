#!/usr/bin/env python3
"""Writes the security-relevant attributes of the AWS provider, by its own schema.

usage: terraform providers schema -json > schema.json   (in a directory that requires hashicorp/aws at the wanted version)
       python3 terraform/schema/generate.py schema.json

Writes aws_attributes.inc (one ATTRIBUTE("type", "path") a line; path steps are parted by dots, without indexes) and
block_names.inc (BLOCK("name"): blocks that hold such attributes) beside itself. What counts is in vocabulary.inc.
"""
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def vocabulary():
    text = open(os.path.join(HERE, "vocabulary.inc"), encoding="utf-8").read()
    words = lambda kind: re.findall(r'^%s\("(.*)"\)$' % kind, text, re.M)
    return words("CONTAINS"), set(words("IS")), words("NEVER")


CONTAINS, IS, NEVER = vocabulary()


def speaks(name):
    return name in IS or (any(c in name for c in CONTAINS) and not any(n in name for n in NEVER))


def allowed(name):
    return name in IS or not any(n in name for n in NEVER)


def object_of(kind):
    while isinstance(kind, list) and kind[0] in ("list", "set"):
        kind = kind[1]
    return kind[1] if isinstance(kind, list) and kind[0] == "object" else None


def attribute(path, kind, inside, found):
    fields = object_of(kind)
    name = path[-1]
    if fields is not None:
        for field, of in fields.items():
            attribute(path + [field], of, inside or speaks(name), found)
    elif speaks(name) or (inside and allowed(name)):
        found.append(path)


def block(path, body, inside, found):
    inside = inside or bool(path) and speaks(path[-1])
    for name, a in body.get("attributes", {}).items():
        if "nested_type" in a:
            block(path + [name], a["nested_type"], inside, found)
        else:
            attribute(path + [name], a["type"], inside, found)
    for name, b in body.get("block_types", {}).items():
        block(path + [name], b["block"], inside, found)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        schemas = json.load(f)["provider_schemas"]
    resources = next(s["resource_schemas"] for name, s in schemas.items() if name.endswith("/aws"))
    lines, blocks = [], set()
    for type_, schema in resources.items():
        found = []
        block([], schema["block"], False, found)
        for path in found:
            lines.append('ATTRIBUTE("%s", "%s")\n' % (type_, ".".join(path)))
            blocks.update(path[:-1])
    head = "// Written by generate.py from the schema of hashicorp/aws 5.100.0; do not edit.\n"
    with open(os.path.join(HERE, "aws_attributes.inc"), "w", encoding="utf-8") as f:
        f.write(head + "".join(sorted(set(lines))))
    with open(os.path.join(HERE, "block_names.inc"), "w", encoding="utf-8") as f:
        f.write(head + "".join('BLOCK("%s")\n' % b for b in sorted(blocks)))
    print("%d attributes of %d types, %d blocks" % (len(set(lines)), len({l.split('"')[1] for l in lines}), len(blocks)))


if __name__ == "__main__":
    main()
