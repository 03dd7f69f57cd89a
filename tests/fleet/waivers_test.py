"""Waivers from tfseal.yaml and from comments in the sources, and baselines, through the command line."""
import json

from cases import Case, cluster, plan

PLAIN = {"storage_encrypted": False}
DEEP = 'module.x[0].module.y["a.b"].aws_rds_cluster.db'
OTHER = 'module.x[0].module.y["c"].aws_rds_cluster.db'
REQUIRE = "version: 1\ndefaults: { require: [encryption] }\n"


def arn(name):
    return f"arn:aws:rds:us-east-1:123456789012:cluster:{name}"


def waiver(address, expires="2026-12-31", control="TFS-RDS-001", **more):
    entry = dict({"control": control, "address": address, "reason": "moves in spring", "owner": "data",
                  "ticket": "OPS-12", "expires": expires}, **more)
    return "waivers:\n  - " + json.dumps(entry) + "\n"


def found(report, address, control="TFS-RDS-001"):
    return next(f for f in report["findings"] if f["address"] == address and f["control"] == control)


def sources(case, comment, where="inner"):
    """x and y as they are called, with `comment` on the block, on the call of y, or astray."""
    inner = f'resource "aws_rds_cluster" "db" {{\n  {comment}\n  storage_encrypted = false\n}}\n'
    case.write("main.tf", 'module "x" {\n  count  = 1\n  source = "./mod"\n}\n')
    case.write("mod/main.tf", ("" if where != "call" else comment + "\n") +
               'module "y" {\n  for_each = { "a.b" = 1, c = 2 }\n  source = "./inner"\n}\n')
    if where != "inner":
        inner = 'resource "aws_rds_cluster" "db" {\n  storage_encrypted = false\n}\n'
    if where == "above":
        inner = comment + "\n# and why\n" + inner
    if where == "astray":
        inner = comment + "\n\n" + inner
    case.write("mod/inner/main.tf", inner)


def from_the_file(case):
    case.write("plan.json", plan(cluster(DEEP, PLAIN, PLAIN), cluster(OTHER, PLAIN, PLAIN)))
    for address, covered in ((DEEP, {DEEP}), ('module.x[0].module.y["a.b"]', {DEEP}),
                             ('module.x[*].module.y["a.b"].**', {DEEP}), ("module.x.module.y", {DEEP, OTHER}),
                             ("module.x.module.y.aws_rds_cluster.db", {DEEP, OTHER}), ("**.aws_rds_cluster.db", {DEEP, OTHER}),
                             ('module.x[0].module.y["a"]', set()), ("module.x[1]", set()), ("aws_rds_cluster.db", set())):
        case.write("tfseal.yaml", REQUIRE + waiver(address))
        report = case.json("gate", "plan.json")
        waived = {f["address"] for f in report["findings"] if f["waived"]}
        case.check(waived == covered, f"{address} waives {waived}, not {covered}")
        state = report["waivers"][0]["state"]
        case.check(state == ("used" if covered else "unused"), f"{address}: {state}")
    case.write("tfseal.yaml", REQUIRE + waiver("module.x"))
    case.run("gate", "plan.json", code=0)


def that_have_expired(case):
    """The finding is back, the waiver is named with its line, and the run ends as a configuration error does."""
    case.write("plan.json", plan(cluster(DEEP, PLAIN, PLAIN)))
    case.write("tfseal.yaml", REQUIRE + waiver(DEEP, expires="2026-11-21"))
    case.run("gate", "plan.json", now="2026-11-21T23:59:59Z", code=0)
    done = case.run("gate", "plan.json", "--output", "json=gate.json", "--output", "sarif=gate.sarif", code=64)
    report = json.loads((case.folder / "gate.json").read_text())
    back = found(report, DEEP)
    case.check(not back["waived"] and "expired on 2026-11-21" in back["waiver"], f"not back: {back}")
    case.check(report["verdict"] == "review" and report["waivers"][0]["state"] == "expired", report["verdict"])
    case.check("tfseal.yaml:4: the waiver of TFS-RDS-001" in done.stderr, done.stderr)
    rules = [r["ruleId"] for r in json.loads((case.folder / "gate.sarif").read_text())["runs"][0]["results"]]
    case.check("TFS-WAIVER-001" in rules, f"sarif says nothing of it: {rules}")
    case.run("plan", "plan.json", code=64)


def that_the_policy_refuses(case):
    case.write("plan.json", plan(cluster(DEEP, PLAIN, PLAIN)))
    rules = REQUIRE + "waiver_rules: { max_days: 30, max_findings: 1 }\n"
    case.write("tfseal.yaml", rules + waiver(DEEP, expires="2026-12-22"))
    case.run("gate", "plan.json", code=0)
    case.write("tfseal.yaml", rules + waiver(DEEP, expires="2026-12-24"))
    done = case.run("gate", "plan.json", code=64)
    case.check("longer than max_days (30)" in done.stderr, done.stderr)
    case.write("tfseal.yaml", rules + waiver("**.*", expires="2026-12-01"))
    report = case.json("gate", "plan.json", code=0)
    case.check(report["waivers"][0]["state"] == "too broad", "a pattern for everything is not reported")
    case.write("tfseal.yaml", REQUIRE + "waiver_rules: { require_ticket: true }\n" + waiver(DEEP, ticket=""))
    case.check("ticket" in case.run("gate", "plan.json", code=64).stderr, "a ticket is not asked for")
    case.write("plan.json", plan(cluster(DEEP, PLAIN, PLAIN), cluster(OTHER, PLAIN, PLAIN)))
    case.write("tfseal.yaml", rules + waiver("module.x", expires="2026-12-01"))
    report = case.json("gate", "plan.json", code=0)
    case.check(report["waivers"][0]["state"] == "too broad" and report["waivers"][0]["findings"] == 2, report["waivers"])


def in_the_sources(case):
    case.write("plan.json", plan(cluster(DEEP, PLAIN, PLAIN), cluster(OTHER, PLAIN, PLAIN)))
    case.write("tfseal.yaml", REQUIRE)
    good = '# tfseal:ignore=TFS-RDS-001 reason="moves in spring" owner=data ticket=OPS-12 until=2026-12-31'
    only = good + " address='module.x[0].module.y[\"a.b\"]'"
    for comment, where, covered, code in (
            (good, "inner", {DEEP, OTHER}, 0), (good, "above", {DEEP, OTHER}, 0), (good, "call", {DEEP, OTHER}, 0),
            (only, "inner", {DEEP}, 4), (only, "call", {DEEP}, 4),
            (good.replace("TFS-RDS-001", "encryption"), "inner", {DEEP, OTHER}, 0),
            ("/" + good.replace("#", "/"), "inner", {DEEP, OTHER}, 0), ("/*" + good[1:] + " */", "inner", {DEEP, OTHER}, 0)):
        sources(case, comment, where)
        report = case.json("gate", "plan.json", "--source", ".", code=code)
        waived = {f["address"] for f in report["findings"] if f["waived"]}
        case.check(waived == covered, f"{where}: {comment}: waives {waived}")
        case.check([u["state"] for u in report["waivers"]] == ["used"], f"{comment}: {report['waivers']}")
    for comment, where, state, why in (
            (good.replace("2026-12-31", "2026-11-21"), "inner", "expired", "expired on 2026-11-21"),
            (good.replace("2026-12-31", "2026-02-30"), "inner", "malformed", "not a date"),
            (good.replace("owner=data", ""), "inner", "malformed", "needs owner"),
            (good.replace("until=2026-12-31", ""), "inner", "malformed", "needs until"),
            (good.replace('reason="moves in spring"', ""), "inner", "malformed", "needs reason"),
            (good.replace("TFS-RDS-001", "TFS-RDS-0001"), "inner", "malformed", "did you mean"),
            (good.replace("ignore", "ingore"), "inner", "malformed", 'did you mean "ignore"'),
            (good + ' reason="', "inner", "malformed", "not closed"),
            (good, "astray", "malformed", "neither in a resource"),
            (good.replace("TFS-RDS-001", "TFS-SQS-001"), "inner", "unused", "excuses nothing")):
        sources(case, comment, where)
        report = case.json("gate", "plan.json", "--source", ".", code=4)
        use = report["waivers"][0]
        case.check(use["state"] == state and why in use["problem"], f"{comment}: {use}")
        case.check(use["file"] == "mod/inner/main.tf" and use["line"] in (1, 2), f"{comment}: {use['file']}:{use['line']}")
        case.check(not any(f["waived"] for f in report["findings"]), f"{comment}: waives something")
        case.check(why in case.run("gate", "plan.json", "--source", ".").stdout.replace("\n    ", " "),
                   f"{comment}: not said to people")
    sources(case, good)
    case.write("tfseal.yaml", REQUIRE + "waiver_rules: { in_sources: false }\n")
    report = case.json("gate", "plan.json", "--source", ".", code=4)
    case.check(report["waivers"][0]["state"] == "forbidden", "switched off, and still there")


def of_fetched_modules(case):
    """Whoever wrote a module that `terraform init` fetched does not waive anything here."""
    case.write("tfseal.yaml", REQUIRE)
    case.write("main.tf", 'module "m" {\n  source = "acme/db/aws"\n}\n')
    case.write(".terraform/modules/modules.json",
               {"Modules": [{"Key": "", "Dir": "."}, {"Key": "m", "Dir": ".terraform/modules/m"}]})
    case.write(".terraform/modules/m/main.tf", 'resource "aws_rds_cluster" "db" {\n'
               "  # tfseal:ignore=TFS-RDS-001 reason=mine owner=them until=2026-12-31\n}\n")
    case.write("fetched.json", plan(cluster("module.m.aws_rds_cluster.db", PLAIN, PLAIN)))
    report = case.json("gate", "fetched.json", "--source", ".", code=4)
    case.check(report["waivers"][0]["state"] == "forbidden" and not found(report, "module.m.aws_rds_cluster.db")["waived"],
               report["waivers"])


def baselines(case):
    case.write("tfseal.yaml", REQUIRE)
    old = cluster("aws_rds_cluster.old", PLAIN, PLAIN, arn("old"))
    case.write("main.json", plan(old))
    case.run("gate", "main.json", "--output", "json=base.json", "--output", "jsonl=base.jsonl", code=4)
    for base in ("base.json", "base.jsonl"):
        report = case.json("gate", "main.json", "--baseline", base, code=0)
        case.check(found(report, "aws_rds_cluster.old")["known"], "not known again")
    new = cluster("aws_rds_cluster.new", None, PLAIN)
    case.write("new.json", plan(new, old))
    report = case.json("gate", "new.json", "--baseline", "base.json", code=3)
    case.check("known" not in found(report, "aws_rds_cluster.new"), "what is new counts")
    moved = cluster("module.db.aws_rds_cluster.this[0]", PLAIN, PLAIN, previous_address="aws_rds_cluster.old")
    case.write("moved.json", plan(moved))
    case.run("gate", "moved.json", "--baseline", "base.json", code=0)
    after = cluster("module.db.aws_rds_cluster.this[0]", PLAIN, PLAIN, arn("old"))
    case.write("after.json", plan(after))
    case.run("gate", "after.json", "--baseline", "base.json", code=0)
    case.run("verify", "after.json", "--baseline", "base.json", code=0)
    case.write("twin.json", plan(cluster("module.db.aws_rds_cluster.this[0]", PLAIN, PLAIN, arn("another"))))
    case.run("gate", "twin.json", "--baseline", "base.json", code=4)


def what_no_baseline_knows(case):
    case.write("tfseal.yaml", "version: 1\ndefaults: { require: [encryption, backup_retention] }\n")
    low, lower = {"storage_encrypted": True, "backup_retention_period": 3}, \
        {"storage_encrypted": True, "backup_retention_period": 1}
    case.write("low.json", plan(cluster("aws_rds_cluster.c", low, low)))
    case.run("gate", "low.json", "--output", "json=low-base.json", code=4)
    case.write("lower.json", plan(cluster("aws_rds_cluster.c", low, lower)))
    case.run("gate", "low.json", "--baseline", "low-base.json", code=0)
    case.run("gate", "lower.json", "--baseline", "low-base.json", code=3)
    case.write("gone.json", plan(cluster("aws_rds_cluster.c", low, None)))
    case.run("gate", "gone.json", "--output", "json=gone-base.json", code=3)
    case.run("gate", "gone.json", "--baseline", "gone-base.json", code=3)
    for name, text in (("empty.json", ""), ("list.json", "[]"), ("other.json", '{"schema":"tfseal/facts/v1"}'),
                       ("cut.jsonl", '{"record":"finding","control":"a","address":"b","verdict":"fail"}\n')):
        case.write(name, text)
        case.check("not a report of tfseal" in case.run("gate", "low.json", "--baseline", name, code=1).stderr, name)


def main():
    case = Case()
    for test in (from_the_file, that_have_expired, that_the_policy_refuses, in_the_sources, of_fetched_modules, baselines,
                 what_no_baseline_knows):
        test(case)
    case.end()


if __name__ == "__main__":
    main()
