#!/usr/bin/env bash
# Plans terraform-examples/ with the real Terraform (TERRAFORM) and provider, and asks the binary (TFSEAL) about them.
# No account and no credentials: the provider is told not to look for any, and states come from files.
# TFSEAL_PROVIDERS names a folder that `terraform providers mirror` wrote; without it `terraform init` uses what the
# machine is configured for. Exit 77: the provider is not to be had here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${TERRAFORM:=terraform}" "${TFSEAL:=$PWD/build/dev/cli/tfseal}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1 NO_COLOR=1
# A configuration file that is named but missing makes every command warn.
[ -f "${TF_CLI_CONFIG_FILE:-}" ] || unset TF_CLI_CONFIG_FILE
export TF_VAR_master_password=CANARY-example-0001
export TF_VAR_encryption_master_key=Q0FOQVJZLWV4YW1wbGUtMDAwMS1hYmNkZWZnaGlqa2w=
failures=0
complain() {
  echo "examples: $*"
  failures=$((failures + 1))
}

# prepare EXAMPLE: a copy in $scratch/EXAMPLE, initialised.
prepare() {
  "$TERRAFORM" fmt -check -recursive "terraform-examples/$1" || complain "$1 is not formatted: $TERRAFORM fmt"
  cp -r "terraform-examples/$1" "$scratch/$1"
  cat >"$scratch/$1/offline_override.tf" <<'END'
provider "aws" {
  access_key                  = "offline"
  secret_key                  = "offline"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}
END
  # Each further provider of a folder likewise.
  local alias
  for alias in $(sed -n 's/^ *alias *= *"\(.*\)"/\1/p' "$scratch/$1"/*.tf); do
    sed "1,/^}/s/^provider \"aws\" {/&\n  alias = \"$alias\"/" "$scratch/$1/offline_override.tf" >>"$scratch/$1/alias"
  done
  [ ! -f "$scratch/$1/alias" ] || cat "$scratch/$1/alias" >>"$scratch/$1/offline_override.tf"
  local from=()
  [ -z "${TFSEAL_PROVIDERS:-}" ] || from=(-plugin-dir="$TFSEAL_PROVIDERS")
  if ! (cd "$scratch/$1" && timeout 120 "$TERRAFORM" init -input=false "${from[@]}" >init.log 2>&1); then
    tail -5 "$scratch/$1/init.log"
    echo "examples: the AWS provider is not available; TFSEAL_PROVIDERS can name a mirror of it"
    exit 77
  fi
  (cd "$scratch/$1" && "$TERRAFORM" validate >/dev/null) || complain "$1 is not valid"
}

# expect EXAMPLE EXIT PATTERN PLAN-FLAG..: plans, and expects the verdict and the pattern in the JSON report, from the
# saved plan and from its JSON alike.
expect() {
  local example=$1 want=$2 pattern=$3 status out
  shift 3
  (
    cd "$scratch/$example"
    "$TERRAFORM" plan -input=false -refresh=false -out=saved.tfplan "$@" >/dev/null 2>plan.log || cat plan.log
    "$TERRAFORM" show -json saved.tfplan >plan.json
  )
  for plan in saved.tfplan plan.json; do
    status=0
    out=$(cd "$scratch/$example" && PATH="$(dirname "$(command -v "$TERRAFORM")"):$PATH" "$TFSEAL" gate "$plan" --output json 2>gate.log) || status=$?
    [ "$status" = "$want" ] || { complain "$example $* ($plan): exit $status, want $want"; cat "$scratch/$example/gate.log"; }
    grep -qE "$pattern" <<<"$out" || complain "$example $* ($plan): nothing matches $pattern"
    if grep -q CANARY <<<"$out"; then complain "$example $* ($plan): a secret is shown"; fi
  done
}

prepare aurora-unencrypted
expect aurora-unencrypted 3 '"topic" *: *"encryption"'
expect aurora-unencrypted 4 '"topic" *: *"encryption"' -state=applied.tfstate
expect aurora-unencrypted 3 '"class" *: *"replace_data_loss"' -state=applied.tfstate -var storage_encrypted=true
prepare postgres-compliant
expect postgres-compliant 0 '"verdict" *: *"allow"'
prepare application-key
expect application-key 3 '"topic" *: *"plaintext_secret"'
# The secret's ARN is known only after apply, and with it the whole task definition: nobody can say what will be in it.
expect application-key 4 '"verdict" *: *"review"' -var key_in_secrets_manager=true
prepare z360
expect z360 3 '"topic" *: *"encryption"'
prepare pazpaz
expect pazpaz 3 '"topic" *: *"plaintext_secret"'
# Four environments that share a module and a policy.
mkdir "$scratch/environments"
cp -r terraform-examples/environments/modules "$scratch/environments"
for environment in dev staging prod recovery; do
  prepare "environments/$environment"
  cp terraform-examples/environments/tfseal.yaml "$scratch/environments/$environment"
done
expect environments/dev 0 '"verdict" *: *"allow"'
expect environments/staging 3 '"control" *: *"TFS-ENV-002"'
expect environments/prod 0 '"verdict" *: *"allow"'
expect environments/recovery 3 '"control" *: *"TFS-ENV-031"'
[ "$failures" = 0 ]
