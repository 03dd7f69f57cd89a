#!/usr/bin/env bash
# Plans some folders of fixtures/controls/ again with the real Terraform (TERRAFORM) and expects the very plan that is
# there. Exit 77: the provider is not to be had here, or this Terraform writes plans of another form.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${TERRAFORM:=terraform}"
readonly WRITTEN_BY=1.11
version=$(CHECKPOINT_DISABLE=1 "$TERRAFORM" version 2>&1 | sed -n 's/^Terraform v\(.*\)/\1/p')
case $version in
  "$WRITTEN_BY".*) ;;
  *)
    echo "control_fixtures: the plans were written by Terraform $WRITTEN_BY, this one is ${version:-not found}"
    exit 77
    ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
folders=(qldb force env-upkeep)
INTO=$scratch TERRAFORM=$TERRAFORM fixtures/controls/make.sh "${folders[@]}"
failures=0
for folder in "${folders[@]}"; do
  for plan in "fixtures/controls/$folder/plan.json" "$scratch/$folder/plan.json"; do
    # Terraform lists the relevant attributes in any order.
    sed 's/"terraform_version":"[^"]*"//; s/"relevant_attributes":.*"applyable"/"applyable"/' "$plan"
  done | sort -u | wc -l | grep -qx 1 || {
    echo "control_fixtures: Terraform plans $folder otherwise; if that is meant: fixtures/controls/make.sh $folder"
    failures=$((failures + 1))
  }
done
[ "$failures" = 0 ]
