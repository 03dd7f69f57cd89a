#!/usr/bin/env bash
# A new user of the clinical-trial platform (fixtures/terraform-json/clinical-trial/src): `tfseal init`, then only what
# the program prints, command by command and fix by fix, with a new plan by the real Terraform (TERRAFORM) after each, to
# a green gate. A fix is made only if the program (TFSEAL) printed it: what it does not say, nobody here knows.
# Plans of new things need no account; the zones, which a data source asks for, come from the emulator. Exit 77: the
# provider or the emulator is not to be had here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tree=$PWD
: "${TERRAFORM:=terraform}" "${TFSEAL:=$PWD/build/dev/cli/tfseal}"
scratch=$(mktemp -d)
emulator=
trap '[ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true; rm -rf "$scratch"' EXIT
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1 NO_COLOR=1
# A configuration file that is named but missing makes every command warn.
[ -f "${TF_CLI_CONFIG_FILE:-}" ] || unset TF_CLI_CONFIG_FILE
# The commands that are printed say `terraform` and `tfseal`.
mkdir "$scratch/bin"
ln -s "$(command -v "$TERRAFORM")" "$scratch/bin/terraform"
ln -s "$(realpath "$TFSEAL")" "$scratch/bin/tfseal"
PATH=$scratch/bin:$PATH
skip() {
  echo "SKIP new_user: $*"
  exit 77
}
die() {
  echo "new_user: $*"
  [ ! -f said ] || cat said
  exit 1
}

python=python3
for each in python3 /usr/bin/python3; do
  if "$each" -c 'import moto, boto3' >/dev/null 2>&1; then python=$each; break; fi
done
"$python" -c 'import moto, boto3' 2>/dev/null || skip "moto, which answers for the availability zones, is not installed"
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$python" tests/emulator/emulator.py --port "$port" >"$scratch/emulator.log" 2>&1 &
emulator=$!
until "$python" -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/moto-api/')" 2>/dev/null; do
  kill -0 "$emulator" 2>/dev/null || die "the emulator ended: $(cat "$scratch/emulator.log")"
  sleep 0.2
done

cp -r fixtures/terraform-json/clinical-trial/src "$scratch/platform"
module=$scratch/platform/modules/database/main.tf

# enter ENVIRONMENT: its folder, initialised.
enter() {
  cd "$scratch/platform/environments/$1"
  cat >offline_override.tf <<END
provider "aws" {
  access_key                  = "offline"
  secret_key                  = "offline"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
  endpoints {
    ec2 = "http://127.0.0.1:$port"
  }
}
END
  local from=()
  [ -z "${TFSEAL_PROVIDERS:-}" ] || from=(-plugin-dir="$TFSEAL_PROVIDERS")
  timeout 120 terraform init -input=false "${from[@]}" >init.log 2>&1 ||
    { tail -5 init.log; skip "the AWS provider is not available; TFSEAL_PROVIDERS can name a mirror of it"; }
}

# run EXIT COMMAND: a command as it was printed; what it says stays in the file `said`.
run() {
  local status=0
  bash -euo pipefail -c "$2" >said 2>&1 || status=$?
  [ "$status" = "$1" ] || die "exit $status, want $1: $2"
}

# Lines that were wrapped for people are one line again, and so is each space.
unwrapped() { tr '\n' ' ' <said | tr -s ' '; }

# says TEXT..: each is in what was said last.
says() {
  local text
  for text in "$@"; do
    grep -qF -- "$text" <<<"$(unwrapped)" || die "nothing says: $text"
  done
}

# The command that was printed for what to do next.
next() { sed -n 's/^tfseal: hint: //p; s/^next: \(mend the configuration, then: \)\?//p' said | head -1; }

# again EXIT: does what was said last to do next.
again() {
  local command
  command=$(next)
  [ -n "$command" ] || die "nothing says what to do next"
  run "$1" "$command"
}

# place ADDRESS: file:line that the report prints behind an address, as a path.
place() {
  local found
  found=$(awk -v address="$1" '$1 == address && NF == 2 { print $2; exit }' said)
  [ -n "$found" ] || die "no file and line is printed for $1"
  echo "$found"
}

# fix TEXT ADDRESS SED: what the program said to do about ADDRESS, done in the block that it points to.
fix() {
  says "$1"
  local where file line
  where=$(place "$2")
  file=${where%:*} line=${where##*:}
  sed -i "$line,/^}/{$3}" "$file"
}

# add TEXT: appends standard input to the module, because the program said so.
add() {
  says "$1"
  cat >>"$module"
}

# --- Development: the defaults of the profile.
enter dev
run 0 'tfseal init --profile hipaa'
says "wrote tfseal.yaml"
again 3
says "DENY" "backup_retention_period is 3: at least 7 days are required" "deletion_protection is false"
run 0 "$(sed -n 's/^ *why, and what it costs: //p' said)"
says "Basis" "Fix" "the number of days is the organisation's"
run 3 'terraform plan -out=plan.tfplan && tfseal gate plan.tfplan'
cluster=module.database.aws_rds_cluster.this
# The report points at the block; the block says which variable, and the module's call has its value.
fix "set backup_retention_period to the days" "$cluster" 's/\(backup_retention_period *= \).*/\17/'
fix "set deletion_protection = true" "$cluster" 's/\(deletion_protection *= \).*/\1true/'
fix "set skip_final_snapshot = false and a final_snapshot_identifier" "$cluster" \
  's/\(skip_final_snapshot *= \).*/\1false/; s/\(final_snapshot_identifier *= \).*/\1"${local.name}-final"/'
again 0
says "ALLOW" "every required control passes"
# What is to be checked after the apply is written down for it, as printed.
says "tfseal gate plan.tfplan --output json=gate.json; after the apply: terraform show -json | tfseal verify - --obligations gate.json"
run 0 "$(next | sed 's/; after the apply.*//')"
[ -s gate.json ] || die "gate.json was not written"
cp "$tree/fixtures/terraform-json/clinical-trial/src/modules/database/main.tf" "$module"

# --- Production, first by the profile alone, then with all that the commented examples of the file ask for.
enter prod
run 0 'tfseal init --profile hipaa'
again 0
says "ALLOW"
sed -i '/^#environments:/,/^# Who reads/{/^# Who reads/!s/^#//}' tfseal.yaml
run 0 'tfseal doctor'
says "tfseal.yaml: 2 environments"
if grep -q "is advice" said; then die "the examples ask for what they do not require"; fi
run 3 'terraform plan -out=plan.tfplan && tfseal gate plan.tfplan'
says "engine_version is 15.4: at least 15.7 is required"
if grep -q "belongs to an environment" said; then die "prod is not recognised"; fi

fix "set engine_version, with the minor version" "$cluster" 's/\(engine_version *= \).*/\1"15.7"/'
add "add aws_db_proxy with require_tls = true, aws_db_proxy_default_target_group and an aws_db_proxy_target" <<'END'
resource "aws_db_proxy_default_target_group" "this" {
  count         = var.enable_proxy ? 1 : 0
  db_proxy_name = aws_db_proxy.this[0].name
}
resource "aws_db_proxy_target" "this" {
  count                 = var.enable_proxy ? 1 : 0
  db_proxy_name         = aws_db_proxy.this[0].name
  target_group_name     = aws_db_proxy_default_target_group.this[0].name
  db_cluster_identifier = aws_rds_cluster.this.cluster_identifier
}
END
says "its VPC has no endpoint for kms, logs, secretsmanager"
add "add an aws_vpc_endpoint for each service, in the VPC of the database" <<'END'
resource "aws_vpc_endpoint" "this" {
  for_each            = toset(["kms", "logs", "secretsmanager"])
  vpc_id              = var.vpc_id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.us-east-1.${each.key}"
  subnet_ids          = var.subnet_ids
  private_dns_enabled = true
}
END
add "add an aws_s3_bucket_lifecycle_configuration with an enabled rule" <<'END'
resource "aws_s3_bucket_lifecycle_configuration" "long_term" {
  bucket = aws_s3_bucket.long_term.id
  rule {
    id     = "seven-years"
    status = "Enabled"
    filter {}
    expiration { days = 2557 }
  }
}
END
says "the zones of 3 of its 3 instances are left to AWS" "set availability_zone of each instance"
sed -i '/^resource "aws_rds_cluster_instance"/a\  availability_zone = "us-east-1${["a", "b", "c"][count.index]}"' "$module"
says "does not set ssl_min_protocol_version"
says "set ssl_min_protocol_version (PostgreSQL) or tls_version (MySQL, MariaDB) in the parameter group"
sed -i '/^resource "aws_rds_cluster_parameter_group"/a\  parameter {\n    name  = "ssl_min_protocol_version"\n    value = "TLSv1.2"\n  }' "$module"
says "in \`dimensions\`, name the database by its cluster_identifier"
sed -i 's/DBClusterIdentifier = aws_rds_cluster.this.id/DBClusterIdentifier = aws_rds_cluster.this.cluster_identifier/' "$module"
says "add an aws_route_table without a route to an internet gateway and an aws_route_table_association for each subnet"
cat >>main.tf <<'END'
resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id
}
resource "aws_route_table_association" "private" {
  count          = 3
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private.id
}
END
add "add an aws_budgets_budget with the limit and a notification block for each alert" <<'END'
resource "aws_budgets_budget" "this" {
  name         = local.name
  budget_type  = "COST"
  limit_amount = "500"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  dynamic "notification" {
    for_each = [80, 100]
    content {
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      notification_type          = "ACTUAL"
      subscriber_sns_topic_arns  = [aws_sns_topic.alerts.arn]
    }
  }
}
END
again 0
says "ALLOW" "every required control passes"

# --- An environment whose `match` fits nothing is told, because all is then judged by less than was meant.
sed -i 's/Environment: "prod\*"/Environment: production/; s/"\*-dev", "\*-dev-\*"/"*-development"/' tfseal.yaml
run 0 'tfseal gate plan.tfplan'
says "nothing here belongs to an environment of the policy (dev, prod)" "Environment=prod" "--environment"
run 0 'tfseal gate plan.tfplan --environment prod'
echo "new_user: development and production reach allow by what is printed"
