# Aurora PostgreSQL Serverless v2 of one environment, with what surrounds it.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

resource "aws_kms_key" "database" {
  description             = "${var.name}: database"
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = 30
}

resource "aws_rds_cluster_parameter_group" "database" {
  name   = "${var.name}-postgres15"
  family = "aurora-postgresql15"

  parameter {
    name  = "rds.force_ssl"
    value = var.force_ssl
  }
  parameter {
    name  = "ssl_min_protocol_version"
    value = "TLSv1.2"
  }
  dynamic "parameter" {
    for_each = var.pgaudit ? { "shared_preload_libraries" = "pgaudit,pg_stat_statements", "pgaudit.log" = "all" } : {}
    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = "pending-reboot"
    }
  }
}

resource "aws_rds_cluster" "database" {
  cluster_identifier                  = "${var.name}-db"
  engine                              = "aurora-postgresql"
  engine_mode                         = "provisioned"
  engine_version                      = var.engine_version
  database_name                       = "clinical_trial"
  master_username                     = "ct_admin"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.database.arn
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.database.arn
  iam_database_authentication_enabled = true
  db_subnet_group_name                = aws_db_subnet_group.database.name
  vpc_security_group_ids              = [aws_security_group.database.id]
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.database.name
  enabled_cloudwatch_logs_exports     = ["postgresql"]
  backup_retention_period             = var.backup_retention_days
  preferred_backup_window             = "03:00-04:00"
  preferred_maintenance_window        = "sun:04:00-sun:05:00"
  copy_tags_to_snapshot               = true
  delete_automated_backups            = false
  deletion_protection                 = var.deletion_protection
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "${var.name}-db-final"

  serverlessv2_scaling_configuration {
    min_capacity             = var.capacity.min
    max_capacity             = var.capacity.max
    seconds_until_auto_pause = var.capacity.seconds_until_auto_pause
  }
}

resource "aws_rds_cluster_instance" "database" {
  for_each                        = toset(var.zones)
  identifier                      = "${var.name}-${each.key}"
  cluster_identifier              = aws_rds_cluster.database.id
  engine                          = aws_rds_cluster.database.engine
  engine_version                  = aws_rds_cluster.database.engine_version
  instance_class                  = "db.serverless"
  availability_zone               = each.key
  publicly_accessible             = false
  auto_minor_version_upgrade      = true
  preferred_maintenance_window    = "sun:04:00-sun:05:00"
  performance_insights_enabled    = var.insights
  performance_insights_kms_key_id = var.insights ? aws_kms_key.database.arn : null
  monitoring_interval             = var.monitoring_interval
  monitoring_role_arn             = var.monitoring_role_arn
}

resource "aws_db_proxy" "database" {
  count                  = var.proxy ? 1 : 0
  name                   = "${var.name}-proxy"
  engine_family          = "POSTGRESQL"
  require_tls            = true
  role_arn               = var.proxy_role_arn
  vpc_subnet_ids         = [for subnet in aws_subnet.private : subnet.id]
  vpc_security_group_ids = [aws_security_group.database.id]

  auth {
    auth_scheme = "SECRETS"
    iam_auth    = "REQUIRED"
    secret_arn  = aws_rds_cluster.database.master_user_secret[0].secret_arn
  }
}

resource "aws_db_proxy_default_target_group" "database" {
  count         = var.proxy ? 1 : 0
  db_proxy_name = aws_db_proxy.database[0].name
}

resource "aws_db_proxy_target" "database" {
  count                 = var.proxy ? 1 : 0
  db_proxy_name         = aws_db_proxy.database[0].name
  target_group_name     = aws_db_proxy_default_target_group.database[0].name
  db_cluster_identifier = aws_rds_cluster.database.cluster_identifier
}
