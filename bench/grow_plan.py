#!/usr/bin/env python3
"""Grow a real `terraform show -json` plan into a big, realistic one.

    grow_plan.py --size 100M -o big.json [--seed seed_plan.json] [--pretty]
                 [--replicas N] [--noop 0.5] [--rng 1]

With --replicas the size only says how small plans are cut; equal numbers of
replicas hold the same content, pretty or not.

Every replica of the seed becomes a module call `env_NNNNN`: its entries in
resource_changes, planned_values, prior_state and configuration get the new
module path, new names and new key ids.  A share (--noop) of the seed's creates
is turned into no-ops, which real plans of grown estates are mostly made of:
`before` == `after`, unknowns filled in, and the resource is also in prior_state.
The output keeps Terraform's own key order, its compact form (one line, no
blanks) and its escaping of < > & as \\u003c \\u003e \\u0026.  Memory use is
bounded by the seed, not by the output, except for the section spools on disk.
Prints one line of JSON with the counts that a reader of the file must find.
"""
import argparse
import json
import os
import random
import shutil
import sys
import tempfile

TOK = "zzR0zz"          # stands for the replica's number in the templates
HEX = "deadbeef"        # stands for the replica's hex stamp


def size(text):
    unit = {"K": 10**3, "M": 10**6, "G": 10**9}.get(text[-1].upper())
    return int(float(text[:-1]) * unit) if unit else int(text)


def rename(node):
    """New names inside values: identifiers that must be unique per replica."""
    if isinstance(node, dict):
        return {k: rename(v) for k, v in node.items()}
    if isinstance(node, list):
        return [rename(v) for v in node]
    if isinstance(node, str):
        for old in ("z360-", "acme-", "alias/", "existing-", "legacy-", "/ecs/"):
            if old in node:
                node = node.replace(old, old + "e" + TOK + "-")
        if len(node) == 36 and node.count("-") == 4:
            node = HEX + node[8:]
        elif "key/" in node:
            head, _, tail = node.partition("key/")
            node = head + "key/" + HEX + tail[8:]
        return node
    return node


def fill(after, unknown, path):
    """The state that an apply would have left: unknown attributes made up."""
    if unknown is True:
        return f"{path}-{HEX}0a1b2c3d4e5f"
    if isinstance(unknown, dict):
        out = dict(after) if isinstance(after, dict) else {}
        for key, sub in unknown.items():
            out[key] = fill(out.get(key), sub, key)
        return dict(sorted(out.items()))
    if isinstance(unknown, list) and isinstance(after, list):
        return [fill(a, unknown[i] if i < len(unknown) else None, path)
                for i, a in enumerate(after)]
    return after


def addr(text):
    return f"module.env_{TOK}.{text}"


def flat(module, out):
    for res in module.get("resources", []):
        out[res["address"]] = res
    for child in module.get("child_modules", []):
        flat(child, out)


class Writer:
    def __init__(self, pretty):
        self.pretty = pretty

    def dump(self, obj, depth):
        if self.pretty:
            text = json.dumps(obj, ensure_ascii=False, indent=2)
            text = text.replace("\n", "\n" + "  " * depth)
        else:
            text = json.dumps(obj, ensure_ascii=False, separators=(",", ":"))
        return (text.replace("<", "\\u003c").replace(">", "\\u003e")
                    .replace("&", "\\u0026"))

    def nl(self, depth):
        return "\n" + "  " * depth if self.pretty else ""

    def key(self, name):
        return f'"{name}": ' if self.pretty else f'"{name}":'


def templates(seed, w):
    """Per resource: text for each section, with and without the no-op form."""
    planned = {}
    flat(seed["planned_values"]["root_module"], planned)
    prior = {}
    flat(seed.get("prior_state", {}).get("values", {}).get("root_module", {}), prior)
    rows = []
    for rc in seed["resource_changes"]:
        rc = rename(rc)
        old = rc["address"]
        new = dict(rc, address=addr(old))
        new["module_address"] = (addr(rc["module_address"])
                                 if "module_address" in rc else f"module.env_{TOK}")
        order = ("address", "module_address", "mode", "type", "name", "index",
                 "provider_name", "change", "action_reason")
        new = {k: new[k] for k in order if k in new}

        def state(src):
            return dict(rename(src), address=addr(old)) if src else None
        plan_res, prior_res = state(planned.get(rc["address"])), state(prior.get(rc["address"]))
        row = {
            "mod": rc.get("module_address", ""), "type": rc["type"],
            "actions": rc["change"]["actions"],
            "enc": (rc["change"].get("after") or {}).get("storage_encrypted"),
            "live": (w.dump(new, 2), w.dump(plan_res, 6) if plan_res else None,
                     w.dump(prior_res, 7) if prior_res else None),
            "noop": None,
        }
        if rc["change"]["actions"] == ["create"] and plan_res:
            ch = dict(rc["change"])
            vals = fill(ch["after"], ch.get("after_unknown", {}), rc["type"])
            ch.update(actions=["no-op"], before=vals, after=vals, after_unknown={},
                      before_sensitive=ch.get("after_sensitive", {}))
            res = dict(plan_res, values=vals)
            row["noop"] = (w.dump(dict(new, change=ch), 2), w.dump(res, 6), w.dump(res, 7))
        rows.append(row)
    return rows


def module_body(w, items, depth, number):
    """One replica's module object: own resources, then its child modules."""
    groups = {}
    for mod, text in items:
        groups.setdefault(mod, []).append(text)

    def block(texts):
        sep = "," + w.nl(depth + 2)
        return (w.key("resources") + "[" + w.nl(depth + 2) + sep.join(texts)
                + w.nl(depth + 1) + "]")
    parts = []
    if "" in groups:
        parts.append(block(groups.pop("")))
    parts.append(w.key("address") + json.dumps(f"module.env_{number}"))
    kids = []
    for mod, texts in groups.items():
        address = f"module.env_{number}.{mod}"
        kids.append("{" + w.nl(depth + 1) + block(texts) + "," + w.nl(depth + 1)
                    + w.key("address") + json.dumps(address) + w.nl(depth) + "}")
    if kids:
        parts.append(w.key("child_modules") + "[" + ",".join(kids) + "]")
    return "{" + w.nl(depth) + ("," + w.nl(depth)).join(parts) + w.nl(depth - 1) + "}"


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", default=os.path.join(here, "seed_plan.json"))
    ap.add_argument("--size", type=size, required=True)
    ap.add_argument("-o", "--out", required=True)
    ap.add_argument("--pretty", action="store_true")
    ap.add_argument("--replicas", type=int, default=0)
    ap.add_argument("--noop", type=float, default=0.5)
    ap.add_argument("--rng", type=int, default=1)
    args = ap.parse_args()
    rng = random.Random(args.rng)
    with open(args.seed, encoding="utf-8") as f:
        seed = json.load(f)
    w = Writer(args.pretty)
    rows = templates(seed, w)
    root_conf = seed["configuration"]["root_module"]
    conf = w.dump({"source": "./env", "module": rename(root_conf)}, 4)

    spool = {k: tempfile.TemporaryFile("w+", encoding="utf-8", dir=os.path.dirname(
        os.path.abspath(args.out))) for k in ("planned", "changes", "prior", "conf")}
    total, n, first = 0, 0, True
    count = {"resource_changes": 0, "clusters": 0, "clusters_unencrypted": 0}
    while True:
        number = f"{n:05d}"
        stamp = f"{rng.getrandbits(32):08x}"

        def put(text):
            return text.replace(TOK, number).replace(HEX, stamp)
        planned, prior, changes = [], [], []
        picked = [r for r in rows if n == 0 or rng.random() < 0.95]
        if args.size < 600_000:
            picked = rng.sample(rows, max(1, int(len(rows) * args.size / 1_000_000)))
        for row in picked:
            form = row["noop"] if row["noop"] and rng.random() < args.noop else row["live"]
            changes.append(put(form[0]))
            if form[1]:
                planned.append((put(row["mod"]), put(form[1])))
            if form[2]:
                prior.append((put(row["mod"]), put(form[2])))
            count["resource_changes"] += 1
            if row["type"] == "aws_rds_cluster":
                count["clusters"] += 1
                count["clusters_unencrypted"] += row["enc"] is not True
        lead = "" if first else ","
        texts = {
            "planned": lead + w.nl(4) + module_body(w, planned, 5, number),
            "prior": lead + w.nl(5) + module_body(w, prior, 6, number),
            "changes": lead + w.nl(2) + ("," + w.nl(2)).join(changes),
            "conf": lead + w.nl(4) + w.key(f"env_{number}") + put(conf),
        }
        if args.size < 600_000:
            texts["conf"] = lead + w.nl(4) + w.key(f"env_{number}") + '{"source":"./env"}'
        for k, text in texts.items():
            spool[k].write(text)
            total += len(text.encode())
        n, first = n + 1, False
        if n == args.replicas or (not args.replicas and total + total // (2 * n) >= args.size):
            break

    with open(args.out, "w", encoding="utf-8") as out:
        def piece(name, value, last=False):
            out.write(w.nl(1) + w.key(name) + w.dump(value, 1) + ("" if last else ","))

        def pour(name):
            spool[name].flush()
            spool[name].seek(0)
            shutil.copyfileobj(spool[name], out, 1 << 20)
        out.write("{")
        for k in ("format_version", "terraform_version", "variables"):
            piece(k, seed[k])
        out.write(w.nl(1) + w.key("planned_values") + "{" + w.nl(2) + w.key("root_module")
                  + "{" + w.nl(3) + w.key("child_modules") + "[")
        pour("planned")
        out.write(w.nl(3) + "]" + w.nl(2) + "}" + w.nl(1) + "},")
        piece("resource_drift", seed.get("resource_drift", []) if args.size >= 600_000 else [])
        out.write(w.nl(1) + w.key("resource_changes") + "[")
        pour("changes")
        out.write(w.nl(1) + "],")
        piece("output_changes", seed.get("output_changes", {}))
        out.write(w.nl(1) + w.key("prior_state") + "{" + w.nl(2) + w.key("format_version")
                  + '"1.0",' + w.nl(2) + w.key("terraform_version") + '"1.11.4",' + w.nl(2)
                  + w.key("values") + "{" + w.nl(3) + w.key("root_module") + "{" + w.nl(4)
                  + w.key("child_modules") + "[")
        pour("prior")
        out.write(w.nl(4) + "]" + w.nl(3) + "}" + w.nl(2) + "}" + w.nl(1) + "},")
        out.write(w.nl(1) + w.key("configuration") + "{" + w.nl(2) + w.key("provider_config")
                  + w.dump(seed["configuration"].get("provider_config", {}), 2) + ","
                  + w.nl(2) + w.key("root_module") + "{" + w.nl(3) + w.key("module_calls") + "{")
        pour("conf")
        out.write(w.nl(3) + "}" + w.nl(2) + "}" + w.nl(1) + "},")
        for k in ("relevant_attributes", "timestamp", "applyable", "complete"):
            piece(k, [] if args.size < 600_000 and k.startswith("rel") else seed.get(k))
        piece("errored", seed.get("errored", False), last=True)
        out.write(w.nl(0) + "}\n")
    count.update(bytes=os.path.getsize(args.out), replicas=n)
    json.dump(count, sys.stdout)
    print()


if __name__ == "__main__":
    main()
