module "database" {
  source                = "../modules/database"
  name                  = "clinical-trial-prod"
  engine_version        = "15.10"
  capacity              = { min = 1, max = 16 }
  zones                 = ["us-east-1a", "us-east-1b", "us-east-1c"]
  subnet_zones          = ["us-east-1a", "us-east-1b", "us-east-1c"]
  cidr                  = "10.42.0.0/16"
  backup_retention_days = 35
  deletion_protection   = true
  insights              = true
  monitoring_interval   = 60
  monitoring_role_arn   = "arn:aws:iam::123456789012:role/rds-monitoring"
  proxy                 = true
  proxy_role_arn        = "arn:aws:iam::123456789012:role/clinical-trial-prod-proxy"
  cpu_alarm_percent     = 70
  connections_alarm     = 80
  budget_usd            = "600"
  alerts_topic_arn      = "arn:aws:sns:us-east-1:123456789012:clinical-trial-prod-alerts"
}

# Copies of the backups, in another region and under another key.
provider "aws" {
  alias  = "recovery"
  region = "us-west-2"
}

resource "aws_kms_key" "copies" {
  provider                = aws.recovery
  description             = "clinical-trial-prod: copies of backups"
  enable_key_rotation     = true
  rotation_period_in_days = 365
}

resource "aws_kms_key" "backups" {
  description             = "clinical-trial-prod: backups"
  enable_key_rotation     = true
  rotation_period_in_days = 365
}

resource "aws_backup_vault" "copies" {
  provider    = aws.recovery
  name        = "clinical-trial-prod-copies"
  kms_key_arn = aws_kms_key.copies.arn
}

resource "aws_backup_vault" "backups" {
  name        = "clinical-trial-prod-backups"
  kms_key_arn = aws_kms_key.backups.arn
}

resource "aws_backup_plan" "database" {
  name = "clinical-trial-prod-database"

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.backups.name
    schedule          = "cron(0 5 * * ? *)"

    lifecycle {
      delete_after = 35
    }
    copy_action {
      destination_vault_arn = aws_backup_vault.copies.arn
      lifecycle {
        delete_after = 35
      }
    }
  }
}

resource "aws_backup_selection" "database" {
  name         = "clinical-trial-prod-database"
  plan_id      = aws_backup_plan.database.id
  iam_role_arn = "arn:aws:iam::123456789012:role/backup"
  resources    = [module.database.cluster_arn]
}

# What is exported for analyses expires after seven years.
resource "aws_s3_bucket" "exports" {
  bucket = "clinical-trial-prod-exports"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "exports" {
  bucket = aws_s3_bucket.exports.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.backups.arn
    }
    bucket_key_enabled = true
  }
}

resource "aws_s3_bucket_public_access_block" "exports" {
  bucket                  = aws_s3_bucket.exports.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "exports" {
  bucket = aws_s3_bucket.exports.id
  rule {
    id     = "colder-then-gone"
    status = "Enabled"
    filter {}
    transition {
      days          = 90
      storage_class = "GLACIER_IR"
    }
    expiration {
      days = 2557
    }
  }
}
