#!/usr/bin/env bash
# Waivers for an instance inside module.x[0].module.y["a.b"], of a plan that the real Terraform (TERRAFORM) saved: in the
# sources that are in the plan, in native and in JSON syntax, and in tfseal.yaml. They excuse that instance, not its
# neighbour; on the day after their last one the finding is back. Exit 77: the provider is not to be had here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${TERRAFORM:=terraform}" "${TFSEAL:=$PWD/build/dev/cli/tfseal}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1 NO_COLOR=1
[ -f "${TF_CLI_CONFIG_FILE:-}" ] || unset TF_CLI_CONFIG_FILE
PATH=$(dirname "$(command -v "$TERRAFORM")"):$PATH
complain() {
  echo "inline_waivers: $*"
  exit 1
}

# Single quotes inside, so that the text stands in a JSON string as it is.
readonly WAIVER="tfseal:ignore=TFS-RDS-004,TFS-RDS-005 reason='moves in spring' owner=data until=2026-11-21 address='module.x[0].module.y[\\\"a.b\\\"]'"

# root SYNTAX: a folder with a root module and two modules in it; SYNTAX is hcl, json, or none for no waiver.
root() {
  mkdir -p "$scratch/$1/x/y"
  cd "$scratch/$1"
  cat >main.tf <<'END'
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "offline"
  secret_key                  = "offline"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}
module "x" {
  count  = 1
  source = "./x"
}
END
  cat >x/main.tf <<'END'
module "y" {
  for_each = toset(["a.b", "c"])
  source   = "./y"
  name     = replace(each.key, ".", "-")
}
END
  printf 'variable "name" { type = string }\n' >x/y/variables.tf
  case $1 in
    json)
      cat >x/y/main.tf.json <<END
{
  "resource": {
    "aws_rds_cluster": {
      "db": {
        "//": "$WAIVER",
        "cluster_identifier": "orders-\${var.name}",
        "engine": "aurora-postgresql",
        "storage_encrypted": true,
        "backup_retention_period": 7,
        "skip_final_snapshot": true
      }
    }
  }
}
END
      ;;
    *)
      local comment=
      [ "$1" = none ] || comment="# ${WAIVER//\\/}"
      cat >x/y/main.tf <<END
$comment
resource "aws_rds_cluster" "db" {
  cluster_identifier      = "orders-\${var.name}"
  engine                  = "aurora-postgresql"
  storage_encrypted       = true
  backup_retention_period = 7
  skip_final_snapshot     = true
}
END
      ;;
  esac
  printf 'version: 1\ndefaults: { require: [deletion_protection, final_snapshot] }\n' >tfseal.yaml
  local from=()
  [ -z "${TFSEAL_PROVIDERS:-}" ] || from=(-plugin-dir="$TFSEAL_PROVIDERS")
  if ! timeout 120 "$TERRAFORM" init -input=false "${from[@]}" >init.log 2>&1; then
    tail -5 init.log
    echo "SKIP inline_waivers: the AWS provider is not available; TFSEAL_PROVIDERS can name a mirror of it"
    exit 77
  fi
  "$TERRAFORM" plan -input=false -refresh=false -out=saved.tfplan >plan.log 2>&1 || complain "$(tail -20 plan.log)"
}

# expect NOW EXIT WANT: what is waived (w) and what is not (-) of y["a.b"] and y["c"], by control.
expect() {
  local status=0
  "$TFSEAL" gate saved.tfplan --now "$1" --output json=gate.json --output github-annotations=gate.txt --quiet 2>gate.log || status=$?
  [ "$status" = "$2" ] || complain "$PWD: exit $status, want $2: $(cat gate.log gate.txt)"
  python3 - "$3" <<'END' || exit 1
import json, sys
got = sorted(f'{f["address"]} {f["control"]} {"w" if f["waived"] else "-"} {f["file"]}:{f["line"]}'
             for f in json.load(open("gate.json"))["findings"] if f["control"] in ("TFS-RDS-004", "TFS-RDS-005"))
one, other = sys.argv[1].split("/")
place = {"json": "x/y/main.tf.json:4", "hcl": "x/y/main.tf:2", "none": "x/y/main.tf:2"}[__import__("os").path.basename(__import__("os").getcwd())]
want = sorted(f'module.x[0].module.y["{key}"].aws_rds_cluster.db {control} {mark} {place}'
              for key, mark in (("a.b", one), ("c", other)) for control in ("TFS-RDS-004", "TFS-RDS-005"))
if got != want:
    sys.exit(f"inline_waivers: {got}, not {want}")
END
}

for syntax in hcl json; do
  root "$syntax"
  expect 2026-11-21T23:59:59Z 3 w/-
  expect 2026-11-22T00:00:00Z 3 -/-
  # The call of the module is nobody's instance: with the neighbour waived in tfseal.yaml too, nothing is left.
  cat >>tfseal.yaml <<'END'
waivers:
  - { control: deletion_protection, address: 'module.x[0].module.y["c"].aws_rds_cluster.db', reason: test, owner: data, expires: 2026-11-21 }
  - { control: TFS-RDS-005, address: 'module.x[*].module.y["c"].**', reason: test, owner: data, expires: 2026-11-21 }
END
  expect 2026-11-21T12:00:00Z 0 w/w
done
root none
expect 2026-11-21T12:00:00Z 3 -/-
echo "inline_waivers: both syntaxes and tfseal.yaml excuse one instance until the end of the day"
