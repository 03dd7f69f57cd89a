#!/usr/bin/env python3
"""The tables of aws/observe against botocore's API models: every operation, parameter and member that they name exists.

usage: tables_test.py TFSEAL
"""
import json
import re
import subprocess
import sys

try:
    import botocore.session
    import botocore.exceptions
except ImportError:
    print("SKIP: botocore is not installed")
    sys.exit(77)
# Its models are as old as it is, and the tables name what services had at that version.
MODELS_OF = (1, 43)
if tuple(int(part) for part in botocore.__version__.split(".")[:2]) < MODELS_OF:
    print(f"SKIP: botocore {botocore.__version__} does not know what services can do since; {MODELS_OF[0]}.{MODELS_OF[1]} does")
    sys.exit(77)


def steps(path):
    depth, step, out = 0, "", []
    for c in path:
        if c == "[":
            depth += 1
        if c == "]":
            depth -= 1
        if c == "." and depth == 0:
            out.append(step)
            step = ""
        else:
            step += c
    out.append(step)
    return out


def walk(shape, path, free=False):
    """The shape at `path`, or a text that says what is missing. Maps take any name."""
    if path in ("", "."):
        return shape
    for step in steps(path):
        name = step.split("[")[0]
        if shape.type_name == "map":
            shape = shape.value
            continue
        if shape.type_name == "list" and name.isdigit():
            shape = shape.member
            continue
        if name:
            if shape.type_name != "structure" or name not in shape.members:
                return f"{name} is no member of {shape.name}"
            shape = shape.members[name]
        for selector in re.findall(r"\[([^\]]*)\]", step):
            if shape.type_name != "list":
                return f"{name} is no list"
            shape = shape.member
            if "=" in selector and selector.split("=")[0] not in getattr(shape, "members", {}):
                return f"{selector.split('=')[0]} is no member of {shape.name}"
    return shape


def main():
    table = json.loads(subprocess.run([sys.argv[1], "controls", "--live", "--output", "json"], check=True,
                                      capture_output=True, text=True).stdout)
    session = botocore.session.get_session()
    models, wrong, checked = {}, [], 0
    for entry in table["types"]:
        for read in entry.get("reads", []) + [entry[k] for k in ("listing",) if "service" in entry.get(k, {})]:
            service = read["service"]
            where = f"{entry['type']}: {service} {read['operation']}"
            if service not in models:
                try:
                    models[service] = session.get_service_model(service)
                except botocore.exceptions.UnknownServiceError:
                    wrong.append(f"{where}: no such service")
                    models[service] = None
            model = models[service]
            if model is None:
                continue
            if read["operation"] not in model.operation_names:
                wrong.append(f"{where}: no such operation")
                continue
            checked += 1
            operation = model.operation_model(read["operation"])
            for alternative in read.get("parameters", "").split(" || "):
                for parameter in filter(None, (p.strip() for p in alternative.split(";"))):
                    found = walk(operation.input_shape, re.sub(r"\[\d\]", "[0]", parameter.split("=")[0]))
                    if isinstance(found, str):
                        wrong.append(f"{where}: {parameter}: {found}")
            at = walk(operation.output_shape, re.sub(r"\{[^}]*\}", "x", read.get("object", "")))
            if isinstance(at, str):
                wrong.append(f"{where}: {read['object']}: {at}")
                continue
            for attribute, members in read.get("attributes", {}).items():
                for member in members.split("|"):
                    if member == "@":
                        continue
                    found = walk(at, member)
                    if isinstance(found, str):
                        wrong.append(f"{where}: {attribute} from {member}: {found}")
    for line in wrong:
        print(line)
    print(f"{len(table['types'])} types, {checked} calls checked, {len(wrong)} mistakes")
    return 1 if wrong or checked < 150 else 0


if __name__ == "__main__":
    sys.exit(main())
