# A PostgreSQL instance that a review has nothing to say about.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0, < 6.0" }
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "subnet_ids" {
  type    = list(string)
  default = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"]
}

resource "aws_kms_key" "records" {
  description             = "records database, its backups and its logs"
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = 30

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "records" {
  name          = "alias/records"
  target_key_id = aws_kms_key.records.key_id
}

resource "aws_db_subnet_group" "records" {
  name       = "records"
  subnet_ids = var.subnet_ids
}

resource "aws_db_parameter_group" "records" {
  name   = "records-postgres16"
  family = "postgres16"

  parameter {
    name         = "rds.force_ssl"
    value        = "1"
    apply_method = "pending-reboot"
  }
}

resource "aws_db_instance" "records" {
  identifier                          = "records"
  engine                              = "postgres"
  engine_version                      = "16.4"
  instance_class                      = "db.t4g.medium"
  allocated_storage                   = 100
  db_name                             = "records"
  username                            = "records"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.records.key_id
  db_subnet_group_name                = aws_db_subnet_group.records.name
  parameter_group_name                = aws_db_parameter_group.records.name
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.records.arn
  performance_insights_enabled        = true
  performance_insights_kms_key_id     = aws_kms_key.records.arn
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["postgresql", "upgrade"]
  backup_retention_period             = 35
  copy_tags_to_snapshot               = true
  delete_automated_backups            = false
  deletion_protection                 = true
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "records-final"
  multi_az                            = true
  publicly_accessible                 = false

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "records" {
  for_each          = toset(["postgresql", "upgrade"])
  name              = "/aws/rds/instance/records/${each.key}"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.records.arn
}
