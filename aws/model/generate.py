#!/usr/bin/env python3
"""Writes one <service>.json for each service of operations.txt: what the client has to know of its API.

    aws/model/generate.py            rewrites the files
    aws/model/generate.py --check    fails if they are not what would be written; 77 if botocore is missing or another

The source is botocore's API models (SOURCE.md). What is kept of them: operations with method, path and pages; shapes
with the names and places of their members. What is dropped: documentation, limits, enumerations.

The files have short keys. Service: see service_model(). Operation: m method, u path, i input, o output,
w wrapper of the result, r only reads, p pages, c needs a checksum, h host prefix, a unsigned, t repeating with its
token is harmless.
Shape: t type, m members, r required members, p payload member, e element, k key, v value, f flattened, z sensitive,
s timestamp format, d holds a URL-encoded document. Member: s shape, n name on the wire, q name in EC2 queries,
l location, f flattened, x XML attribute, ns XML namespace, s timestamp format, i idempotency token, z streaming.
"""
import gzip
import json
import pathlib
import sys

BOTOCORE = "1.43.11"
HERE = pathlib.Path(__file__).resolve().parent
# The first that a service speaks is taken: every service that speaks CBOR also speaks one of these.
PROTOCOLS = ["rest-xml", "rest-json", "query", "ec2", "json"]
READS = ("Describe", "List", "Get", "Head", "Lookup", "BatchGet", "Filter", "Simulate", "Search")
SCALARS = {"string", "integer", "long", "float", "double", "boolean", "timestamp", "blob", "character", "bigdecimal"}

# What the API has and that version of botocore has not: {service: {shape: what it has more}}. The names on the wire are those
# of Smithy model com.amazonaws.rds, as SDKs made from it send them.
NEWER = {"rds": {
    "CreateBlueGreenDeploymentRequest": {"members": {"TargetResourceConfigurations": {"shape": "TargetResourceConfigurationList"}}},
    "TargetResourceConfigurationList": {"type": "list", "member": {"shape": "TargetResourceConfiguration", "locationName": "TargetResourceConfiguration"}},
    "TargetResourceConfiguration": {"type": "structure", "required": ["SourceArn"],
                                    "members": {"SourceArn": {"shape": "DatabaseArn"}, "TargetKmsKeyId": {"shape": "KmsKeyIdOrAliasArn"}}},
    "KmsKeyIdOrAliasArn": {"type": "string"},
}}


def operations():
    """{service: {operation: set of flags}}"""
    found = {}
    for number, line in enumerate((HERE / "operations.txt").read_text().splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        service, name, *flags = words
        if set(flags) - {"reads", "repeat"}:
            sys.exit(f"operations.txt:{number}: unknown word")
        if name in found.setdefault(service, {}):
            sys.exit(f"operations.txt:{number}: {service} {name} is there already")
        found[service][name] = set(flags)
    return found


def load(path):
    if path.with_name(path.name + ".gz").exists():
        return json.loads(gzip.open(path.with_name(path.name + ".gz")).read())
    return json.loads(path.read_text()) if path.exists() else {}


def latest(data, service):
    return sorted(p for p in (data / service).iterdir() if p.is_dir())[-1]


class Shapes:
    def __init__(self, model, service):
        self.source = model["shapes"]
        self.service = service
        self.kept = {}

    def keep(self, name):
        if name in self.kept:
            return
        shape = self.source[name]
        kept = self.kept[name] = {"t": shape["type"]}
        if shape.get("sensitive"):
            kept["z"] = 1
        if shape.get("timestampFormat"):
            kept["s"] = shape["timestampFormat"]
        if self.service == "iam" and name == "policyDocumentType":
            kept["d"] = 1
        if shape.get("flattened"):
            kept["f"] = 1
        if shape["type"] == "structure":
            kept["m"] = {member: self.reference(ref) for member, ref in shape["members"].items()}
            if shape.get("required"):
                kept["r"] = shape["required"]
            if shape.get("payload"):
                kept["p"] = shape["payload"]
        elif shape["type"] == "list":
            kept["e"] = self.reference(shape["member"])
        elif shape["type"] == "map":
            kept["k"] = self.reference(shape["key"])
            kept["v"] = self.reference(shape["value"])
        elif shape["type"] not in SCALARS:
            sys.exit(f"{self.service} {name}: unknown type {shape['type']}")

    def reference(self, ref):
        self.keep(ref["shape"])
        target = self.source[ref["shape"]]
        out = {"s": ref["shape"]}
        for key, short in (("locationName", "n"), ("queryName", "q"), ("location", "l"), ("timestampFormat", "ts")):
            if ref.get(key) or target.get(key) and key != "timestampFormat":
                out[short] = ref.get(key) or target[key]
        for key, short in (("flattened", "f"), ("xmlAttribute", "x"), ("idempotencyToken", "i"), ("streaming", "z")):
            if ref.get(key, target.get(key)):
                out[short] = 1
        space = ref.get("xmlNamespace") or target.get("xmlNamespace")
        if space:
            out["ns"] = space if isinstance(space, dict) else {"uri": space}
        return out


def pages(paginator):
    as_list = lambda value: value if isinstance(value, list) else [value]
    out = {"i": as_list(paginator["input_token"]), "o": as_list(paginator["output_token"]),
           "l": as_list(paginator["result_key"])}
    if "more_results" in paginator:
        out["m"] = paginator["more_results"]
    if "limit_key" in paginator:
        out["n"] = paginator["limit_key"]
    return out


def derived_pages(source, shapes):
    """Some operations come in pages and have no paginator."""
    if "input" not in source or "output" not in source:
        return None
    members = lambda ref: shapes[ref["shape"]].get("members", {})
    given, answered = members(source["input"]), members(source["output"])
    for one, other in (("NextToken", "NextToken"), ("nextToken", "nextToken"), ("Marker", "Marker"), ("Marker", "NextMarker")):
        if one in given and other in answered:
            lists = [m for m, ref in answered.items() if shapes[ref["shape"]]["type"] == "list"]
            return {"i": [one], "o": [other], "l": lists} if lists else None
    return None


def is_read(name, flags):
    return "reads" in flags or name.startswith(READS)


def operation(model, name, flags, shapes, paginators):
    source = model["operations"][name]
    out = {"m": source["http"]["method"], "u": source["http"]["requestUri"]}
    if "input" in source:
        out["i"] = shapes.reference(source["input"])
    if "output" in source:
        out["o"] = shapes.reference(source["output"])
        if "resultWrapper" in source["output"]:
            out["w"] = source["output"]["resultWrapper"]
    if is_read(name, flags):
        out["r"] = 1
    if "repeat" in flags:
        out["t"] = 1
    if name in paginators:
        out["p"] = pages(paginators[name])
    elif is_read(name, flags) and derived_pages(source, model["shapes"]):
        out["p"] = derived_pages(source, model["shapes"])
    if source.get("httpChecksumRequired") or source.get("httpChecksum", {}).get("requestChecksumRequired"):
        out["c"] = 1
    if source.get("endpoint", {}).get("hostPrefix"):
        out["h"] = source["endpoint"]["hostPrefix"]
    if source.get("authtype") == "none":
        out["a"] = 1
    return out


def hosts(endpoints, prefix):
    """Where the host is not <prefix>.<region>.<suffix>: by region; the FIPS hosts; the one host of a global service."""
    special, fips, world = {}, {}, {}
    for partition in endpoints["partitions"]:
        service = partition["services"].get(prefix, {})
        defaults = {**partition["defaults"], **service.get("defaults", {})}
        suffix = partition["dnsSuffix"]
        if not service.get("isRegionalized", True):
            entry = service["endpoints"][service["partitionEndpoint"]]
            world[partition["partition"]] = {"host": entry["hostname"], "region": entry["credentialScope"]["region"]}
            for variant in entry.get("variants", []):
                if variant["tags"] == ["fips"]:
                    world[partition["partition"]]["fips"] = variant["hostname"]
            continue
        for region in partition["regions"]:
            entry = service.get("endpoints", {}).get(region, {})
            usual = f"{prefix}.{region}.{suffix}"
            host = entry.get("hostname", defaults["hostname"])
            host = host.format(service=prefix, region=region, dnsSuffix=suffix)
            if host != usual and region in service.get("endpoints", {}):
                special[region] = host
            for variant in entry.get("variants", []):
                if variant["tags"] == ["fips"] and "hostname" in variant:
                    fips[region] = variant["hostname"]
    return special, fips, world


def service_model(data, endpoints, service, wanted):
    folder = latest(data, service)
    model = load(folder / "service-2.json")
    for name, more in NEWER.get(service, {}).items():
        shape = model["shapes"].setdefault(name, {})
        if set(more["members"] if shape else ()) & set(shape.get("members", ())) or shape and "type" in more:
            sys.exit(f"{service} {name} is in botocore now: take it out of NEWER")
        shape.update({**more, "members": {**shape.get("members", {}), **more.get("members", {})}})
    meta = model["metadata"]
    paginators = dict(load(folder / "paginators-1.json").get("pagination", {}))
    spoken = meta.get("protocols") or [meta["protocol"]]
    shapes = Shapes(model, service)
    special, fips, world = hosts(endpoints, meta["endpointPrefix"])
    out = {
        "service": service,
        "service_id": meta["serviceId"],
        "protocol": next(p for p in PROTOCOLS if p in spoken),
        "version": meta["apiVersion"],
        "signing": meta.get("signingName", meta["endpointPrefix"]),
        "prefix": meta["endpointPrefix"],
        "hosts": special,
        "fips": fips,
        "global": world,
    }
    for key, name in (("json_version", "jsonVersion"), ("target", "targetPrefix"), ("namespace", "xmlNamespace")):
        if name in meta:
            out[key] = meta[name]
    if "awsQueryCompatible" in meta:
        out["query_errors"] = 1
    out["operations"] = {
        name: operation(model, name, flags, shapes, paginators) for name, flags in sorted(wanted.items())
    }
    out["shapes"] = dict(sorted(shapes.kept.items()))
    return out


def text(model):
    """One operation and one shape a line, so that a change of the source is a readable diff."""
    compact = lambda value: json.dumps(value, separators=(",", ":"), sort_keys=True)
    lines = []
    for key, value in model.items():
        if key in ("operations", "shapes"):
            inner = ",\n".join(f"{json.dumps(k)}:{compact(v)}" for k, v in value.items())
            lines.append(f"{json.dumps(key)}:{{\n{inner}}}")
        else:
            lines.append(f"{json.dumps(key)}:{compact(value)}")
    return "{" + ",\n".join(lines) + "}\n"


def main():
    check = sys.argv[1:] == ["--check"]
    try:
        import botocore
    except ImportError:
        print("SKIP: botocore is not installed")
        return 77
    if botocore.__version__ != BOTOCORE:
        print(f"SKIP: botocore is {botocore.__version__}, the models were made with {BOTOCORE}")
        return 77
    data = pathlib.Path(botocore.__file__).parent / "data"
    endpoints = load(data / "endpoints.json")
    wanted = operations()
    stale = []
    for service in sorted(wanted):
        made = text(service_model(data, endpoints, service, wanted[service]))
        path = HERE / f"{service}.json"
        if check:
            if not path.exists() or path.read_text() != made:
                stale.append(path.name)
        else:
            path.write_text(made)
    known = {f"{service}.json" for service in wanted}
    stale += [p.name for p in HERE.glob("*.json") if p.name not in known]
    for name in stale:
        print(f"{name} is not what generate.py writes")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
