# An application that encrypts rows with a key of its own: first in clear in the task definition, then in Secrets Manager.
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
  default = "us-east-1"
}

variable "key_in_secrets_manager" {
  description = "false: the key is in the task definition; true: the task definition refers to the secret"
  type        = bool
  default     = false
}

variable "encryption_master_key" {
  description = "base64 of 32 random bytes"
  type        = string
}

resource "aws_kms_key" "application" {
  description             = "secrets of the clinic application"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_secretsmanager_secret" "master_key" {
  name                    = "clinic/encryption-master-key"
  kms_key_id              = aws_kms_key.application.arn
  recovery_window_in_days = 30
}

resource "aws_secretsmanager_secret_version" "master_key" {
  secret_id     = aws_secretsmanager_secret.master_key.id
  secret_string = var.encryption_master_key
}

resource "aws_iam_role" "execution" {
  name = "clinic-execution"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "read_master_key" {
  name = "read-master-key"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.master_key.arn },
      { Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.application.arn },
    ]
  })
}

resource "aws_ecs_task_definition" "api" {
  family                   = "clinic-api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name        = "api"
    image       = "123456789012.dkr.ecr.us-east-1.amazonaws.com/clinic:1.0"
    essential   = true
    environment = var.key_in_secrets_manager ? [] : [{ name = "ENCRYPTION_MASTER_KEY", value = var.encryption_master_key }]
    secrets = [for arn in [aws_secretsmanager_secret.master_key.arn] :
      { name = "ENCRYPTION_MASTER_KEY", valueFrom = arn } if var.key_in_secrets_manager
    ]
  }])
}
