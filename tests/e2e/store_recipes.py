#!/usr/bin/env python3
"""Stores that are encrypted by a recipe of their own: the real binary on the emulator, from plan to the end.

  store_recipes.py            all of them
  store_recipes.py NAME..     the named ones
Exit 77: moto or boto3 is missing.

What the emulator says of AWS here: which calls it takes, which it refuses, and what things look like afterwards. It has
no indices and no cached data, and its dry runs find nothing; see tests/emulator/GAPS.md.
"""

import os
import sys
import tempfile
import time
import traceback
import shutil

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import databases  # noqa: E402
import estate  # noqa: E402
import running  # noqa: E402
from databases import check, same  # noqa: E402


class Search(databases.Golden):
    """An unencrypted domain; the others of the golden plan are for a person."""

    golden = "search-domains"
    ignored = ("aws_opensearch_domain.managed_key", "aws_elasticsearch_domain.logs")


    def make(self, given):
        was = given["aws_opensearch_domain.catalogue"]
        self.aws.client("opensearch").create_domain(
            DomainName=was["domain_name"], EngineVersion=was["engine_version"],
            ClusterConfig={"InstanceType": was["cluster_config"][0]["instance_type"], "InstanceCount": was["cluster_config"][0]["instance_count"]},
            EBSOptions={"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 50})
        self.KEY = given["aws_kms_key.data"]["key_id"]
        return {}


def search(aws, folder):
    made = Search(aws, folder).build()
    run = databases.to_the_end(made, os.path.join(folder, "run"))
    live = aws.client("opensearch").describe_domain(DomainName="catalogue")["DomainStatus"]
    with open(made.state, encoding="utf-8") as source:
        check(live["EncryptionAtRestOptions"]["KmsKeyId"] in source.read(), f"another key: {live['EncryptionAtRestOptions']}")
    same((live["EncryptionAtRestOptions"]["Enabled"], live["Processing"]), (True, False), "the domain")
    calls = [c for c in aws.calls() if c["account"] == estate.ACCESS_KEY and c["action"] == "UpdateDomainConfig"]
    same(len(calls), 2, "a dry run and the change")
    same(run.status()["waiting"], [], "what is left")


CASES = {"search": (search, Search)}


def main():
    running.clients()
    folder, failed = tempfile.mkdtemp(prefix="tfseal-store-recipes-"), []
    for name in sys.argv[1:] or CASES:
        case, made = CASES[name]
        base, began = os.path.join(folder, name), time.monotonic()
        os.makedirs(base)
        try:
            with running.Emulator(*made.flags, account=made.account, log=os.path.join(base, "emulator.log")) as aws:
                case(aws, base)
            word = "       OK "
        except Exception:
            print(f"store_recipes {name}:\n{traceback.format_exc()}", flush=True)
            failed.append(name)
            word = "  FAILED  "
        print(f"[{word}] store_recipes.{name} ({int((time.monotonic() - began) * 1000)} ms)", flush=True)
    if failed:
        print(f"store_recipes: everything is in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(running.skip_or_run(main))
