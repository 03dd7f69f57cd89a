# An Aurora PostgreSQL cluster as many were made: it works, and its storage is not encrypted.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0, < 6.0" }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { Environment = var.environment }
  }
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "environment" {
  type    = string
  default = "staging"
}

variable "storage_encrypted" {
  description = "What Terraform offers, and what it really does: see README.md before you set this to true"
  type        = bool
  default     = false
}

variable "master_password" {
  type      = string
  sensitive = true
}

variable "subnet_ids" {
  type    = list(string)
  default = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"]
}

resource "aws_db_subnet_group" "db" {
  name       = "agent-${var.environment}"
  subnet_ids = var.subnet_ids
}

resource "aws_rds_cluster" "db" {
  cluster_identifier      = "agent-${var.environment}"
  engine                  = "aurora-postgresql"
  engine_mode             = "provisioned"
  engine_version          = "16.4"
  database_name           = "agent"
  master_username         = "agent"
  master_password         = var.master_password
  db_subnet_group_name    = aws_db_subnet_group.db.name
  backup_retention_period = 1
  storage_encrypted       = var.storage_encrypted
  skip_final_snapshot     = true

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 4
  }
}

resource "aws_rds_cluster_instance" "db" {
  identifier         = "agent-${var.environment}-0"
  cluster_identifier = aws_rds_cluster.db.id
  instance_class     = "db.serverless"
  engine             = aws_rds_cluster.db.engine
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "agent-${var.environment}/database"
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "db" {
  secret_id = aws_secretsmanager_secret.db.id
  secret_string = jsonencode({
    host     = aws_rds_cluster.db.endpoint
    username = "agent"
    password = var.master_password
  })
}
