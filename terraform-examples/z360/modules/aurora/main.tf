variable "name" { type = string }
variable "identifier" { type = string }
variable "database" { type = string }
variable "environment" { type = string }
variable "max_capacity" { type = number }
variable "subnet_group" { type = string }
variable "security_groups" { type = list(string) }
variable "retention" { type = number }
variable "deletion_protection" { type = bool }

variable "master_password" {
  type      = string
  sensitive = true
}

variable "final_snapshot" {
  description = "name of the last snapshot when the cluster is deleted; null: none is taken"
  type        = string
}

variable "kms_key" {
  description = "ARN of the key; null: the cluster is not encrypted"
  type        = string
}

resource "aws_rds_cluster" "this" {
  cluster_identifier           = var.identifier
  engine                       = "aurora-postgresql"
  engine_mode                  = "provisioned"
  engine_version               = "16.4"
  database_name                = var.database
  master_username              = "z360"
  master_password              = var.master_password
  db_subnet_group_name         = var.subnet_group
  vpc_security_group_ids       = var.security_groups
  backup_retention_period      = var.retention
  preferred_backup_window      = "03:00-04:00"
  preferred_maintenance_window = "sun:04:00-sun:05:00"
  copy_tags_to_snapshot        = true
  deletion_protection          = var.deletion_protection
  storage_encrypted            = var.kms_key != null
  kms_key_id                   = var.kms_key
  skip_final_snapshot          = var.final_snapshot == null
  final_snapshot_identifier    = var.final_snapshot
  delete_automated_backups     = var.final_snapshot == null
  apply_immediately            = true
  tags                         = { Name = var.name, Environment = var.environment }

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = var.max_capacity
  }
}

resource "aws_rds_cluster_instance" "this" {
  count              = 1
  identifier         = "${var.name}-instance-${count.index}"
  cluster_identifier = aws_rds_cluster.this.id
  instance_class     = "db.serverless"
  engine             = aws_rds_cluster.this.engine
  engine_version     = aws_rds_cluster.this.engine_version
  apply_immediately  = true
}

output "endpoint" { value = aws_rds_cluster.this.endpoint }
output "arn" { value = aws_rds_cluster.this.arn }
