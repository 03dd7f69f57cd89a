"""Many documents in one run: one report, nothing hidden, the same bytes whatever the number of threads and of shards."""
import json
import shutil

from cases import FIXTURES, FORMATS, Case, cluster, plan

MARKS = ("CANARY", "Q0FOQVJZ")


def fleet_of(case, folder, suffixes):
    """Every captured document whose name ends so, in folders as they are; those of one set and one that is damaged."""
    count = 0
    for path in sorted(FIXTURES.rglob("*.json")):
        if path.name == "truth.json" or not path.name.endswith(suffixes):
            continue
        target = case.folder / folder / path.relative_to(FIXTURES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
        count += 1
    case.write(f"{folder}/zz/broken.json", '{"format_version":"1.2","CANARY-broken":')
    return count + 1


def verdicts_are_those_of_single_runs(case, command, folder):
    report = case.json(command, folder, code=1)
    paths = [document["path"] for document in report["documents"]]
    case.check(paths == sorted(paths) and len(set(paths)) == len(paths), "not in the order of the paths")
    words = {0: ("allow", "pass"), 3: ("deny", "fail"), 4: ("review", "unknown")}
    for document in report["documents"]:
        alone = case.run(command, document["path"], "--output", "json")
        if alone.returncode == 1:
            case.check(document.get("error", "") != "", f"{document['path']}: no error in the report")
            continue
        single = json.loads(alone.stdout)
        case.check(document["verdict"] in words[alone.returncode], f"{document['path']}: {document['verdict']}")
        mine = sorted((f["address"], f["control"], f["verdict"], f["waived"], f["required"], f["message"])
                      for f in report["findings"] if f["document"] == document["path"]
                      and f["control"] not in ("TFS-GATE-000",))
        theirs = sorted((f["address"], f["control"], f["verdict"], f["waived"], f["required"], f["message"])
                        for f in single["findings"])
        case.check(mine == theirs, f"{document['path']}: other findings than alone")
    prints = [f["fingerprint"] for f in report["findings"] + report["passes"]]
    case.check(len(set(prints)) == len(prints), "fingerprints are not unique")
    return report


def outputs(case, command, operands, name, *flags, forms=FORMATS):
    files = [f"{name}.{form.replace(':', '-')}" for form in forms]
    requests = [word for form, file in zip(forms, files) for word in ("--output", f"{form}={file}")]
    done = case.run(command, *operands, *requests, *flags)
    return done, {form: (case.folder / file).read_bytes() for form, file in zip(forms, files)}


def same_bytes(case, command, folder):
    forms = FORMATS + ("gitlab-terraform",) if command == "gate" else FORMATS
    done, whole = outputs(case, command, [folder], "whole", "--jobs", "1", forms=forms)
    case.check(done.returncode == 1, f"exit code {done.returncode}")
    for jobs in ("2", "7"):
        _, again = outputs(case, command, [folder], "again", "--jobs", jobs, forms=forms)
        case.check(whole == again, f"--jobs {jobs}: other bytes in {[f for f in forms if whole[f] != again[f]]}")
    parts = []
    for index in range(1, 4):
        form = ("json", "jsonl", "json")[index - 1]
        parts.append(f"part-{index}.{form}")
        case.run(command, folder, "--shard", f"{index}/3", "--output", f"{form}={parts[-1]}")
    done, merged = outputs(case, "report", ["merge", *reversed(parts)], "merged", forms=forms)
    case.check(done.returncode == 1, f"merge: exit code {done.returncode}")
    case.check(whole == merged, f"merge: other bytes in {[f for f in forms if whole[f] != merged[f]]}")
    if whole["jsonl"] != merged["jsonl"]:
        lines = zip(whole["jsonl"].splitlines(), merged["jsonl"].splitlines())
        print(*next((a, b) for a, b in lines if a != b), sep="\n")
    for form, text in whole.items():
        for mark in MARKS:
            case.check(mark.encode() not in text, f"{form}: a planted secret")
    for mark in MARKS:
        case.check(mark not in done.stdout + done.stderr, "a planted secret on a stream")
    done = case.run("report", "merge", parts[0], parts[2], code=1)
    case.check("shard 2/3 is missing" in done.stderr, done.stderr)
    done = case.run("report", "merge", *parts, parts[1], code=1)
    text = (case.folder / parts[1]).read_text()
    case.write("cut.jsonl", "".join(text.splitlines(keepends=True)[:-1]))
    case.check("cut short" in case.run("report", "merge", parts[0], "cut.jsonl", parts[2], code=1).stderr, "a part that is cut")
    case.run(command, folder, "--shard", "2/3", "--output", "json=later.json", now="2027-01-01T00:00:00Z")
    case.check("--now" in case.run("report", "merge", parts[0], "later.json", parts[2], code=1).stderr, "two times in one")


def what_fails_and_what_does_not(case):
    case.write("tfseal.yaml", "version: 1\ndefaults: { require: [encryption] }\n")
    good, bad = {"storage_encrypted": True}, {"storage_encrypted": False}
    case.write("p/good.json", plan(cluster("aws_rds_cluster.a", good, good)))
    case.write("p/look.json", plan(cluster("aws_rds_cluster.a", bad, bad)))
    case.write("p/bad.json", plan(cluster("aws_rds_cluster.a", None, bad)))
    for names, code, verdict in ((("good",), 0, "allow"), (("good", "look"), 4, "review"), (("look", "bad", "good"), 3, "deny"),
                                 (("good", "gone"), 1, "unusable"), (("bad", "gone"), 1, "unusable")):
        operands = [f"p/{name}.json" for name in names] + (["p/good.json"] if len(names) == 1 else [])
        shard = ["--shard", "1/1"] if len(names) == 1 else []
        report = case.json("gate", *operands, *shard, code=code)
        case.check(report["verdict"] == verdict and len(report["documents"]) == len(names), f"{names}: {report['verdict']}")
    case.run("gate", "p/good.json", "p/look.json", "--soft-fail", code=0)
    case.run("gate", "p/good.json", "p/gone.json", "--soft-fail", code=1)
    text = case.run("gate", "p/*.json", code=3).stdout
    case.check("DENY  3 documents" in text and "p/bad.json" in text, text)
    case.run("gate", "q/*.json", code=1)
    case.run("gate", "p", "--shard", "3/2", code=64)
    # The same address in two files is two findings, and a baseline of both keeps them apart.
    case.run("gate", "p/look.json", "p/good.json", "--output", "json=base.json", code=4)
    case.run("gate", "p/look.json", "p/good.json", "--baseline", "base.json", code=0)
    case.write("p/good.json", plan(cluster("aws_rds_cluster.a", bad, bad)))
    case.run("gate", "p/look.json", "p/good.json", "--baseline", "base.json", code=4)
    # A waiver that only one of many documents uses is used.
    case.write("tfseal.yaml", "version: 1\ndefaults: { require: [encryption] }\nwaivers:\n  - { control: encryption, address: "
               "aws_rds_cluster.z, reason: r, owner: o, expires: 2026-12-31 }\n")
    case.write("p/one.json", plan(cluster("aws_rds_cluster.z", bad, bad)))
    report = case.json("gate", "p/one.json", "p/bad.json")
    case.check(report["waivers"][0]["state"] == "used" and report["waivers"][0]["findings"] == 1, report["waivers"])
    report = case.json("gate", "p/look.json", "p/bad.json")
    case.check(report["waivers"][0]["state"] == "unused" and report["waivers"][0]["problem"], report["waivers"])


def obligations(case):
    """A promise that one document of many keeps is kept."""
    case.write("o/a.json", plan(cluster("aws_rds_cluster.a", {"storage_encrypted": True}, {"storage_encrypted": True})))
    case.write("o/b.json", plan())
    open_ones = [{"address": "aws_rds_cluster.a", "control": "TFS-RDS-001", "attribute": "storage_encrypted", "resolved_to": "",
                  "expectation": "encrypted"}]
    case.write("open.json", {"obligations": open_ones})
    case.write("tfseal.yaml", "version: 1\ndefaults: { require: [encryption] }\n")
    report = case.json("verify", "o", "--obligations", "open.json", code=0)
    case.check([o["verdict"] for o in report["obligations"]] == ["pass"], report["obligations"])
    open_ones[0]["address"] = "aws_rds_cluster.elsewhere"
    case.write("open.json", {"obligations": open_ones})
    case.check(case.json("verify", "o", "--obligations", "open.json", code=4)["verdict"] == "unknown", "lost promise")


def facts(case, folder):
    one = case.run("facts", folder, "--jobs", "1", "--output", "jsonl", code=1)
    two = case.run("facts", folder, "--jobs", "3", "--output", "jsonl", code=1)
    case.check(one.stdout == two.stdout and one.stderr == two.stderr, "facts: other bytes with more threads")
    case.check("broken.json" in one.stderr, "facts: the damaged one is not named")
    report = json.loads(case.run("facts", folder, "--output", "json", code=1).stdout)
    case.check(len(report["resources"]) == len(one.stdout.splitlines()), "facts: json and jsonl differ")
    case.check([d["path"] for d in report["documents"] if "error" in d] == [f"{folder}/zz/broken.json"], "facts: errors")
    for mark in MARKS:
        case.check(mark not in one.stdout + one.stderr, "facts: a planted secret")


def main():
    case = Case()
    states = fleet_of(case, "states", ("show.json", "tfstate.json"))
    plans = fleet_of(case, "plans", tuple(f"-{word}.json" for word in ("create", "noop", "staging", "env", "retention", "key")))
    case.check(states > 15 and plans > 5, f"too few documents: {states} states, {plans} plans")
    for command, folder, count in (("verify", "states", states), ("gate", "plans", plans)):
        report = verdicts_are_those_of_single_runs(case, command, folder)
        case.check(len(report["documents"]) == count, f"{folder}: {len(report['documents'])} of {count}")
        same_bytes(case, command, folder)
    facts(case, "states")
    what_fails_and_what_does_not(case)
    obligations(case)
    case.end()


if __name__ == "__main__":
    main()
