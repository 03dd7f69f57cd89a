# Stores whose encryption Terraform can only change by replacing them: volumes, a file system, a backup vault and an
# image repository, as they were made before anybody asked for a key.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0, < 6.0" }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { Environment = "studio" }
  }
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "image_id" {
  type    = string
  default = "ami-0a1b2c3d4e5f60001"
}

resource "aws_kms_key" "data" {
  description             = "data at rest"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_vpc" "studio" {
  cidr_block = "10.40.0.0/16"
}

resource "aws_subnet" "studio" {
  for_each          = { a = "10.40.0.0/24", b = "10.40.1.0/24" }
  vpc_id            = aws_vpc.studio.id
  cidr_block        = each.value
  availability_zone = "${var.region}${each.key}"
}

resource "aws_security_group" "files" {
  name        = "studio-files"
  description = "NFS from the render nodes"
  vpc_id      = aws_vpc.studio.id

  ingress {
    from_port   = 2049
    to_port     = 2049
    protocol    = "tcp"
    cidr_blocks = ["10.40.0.0/16"]
  }
}

resource "aws_instance" "render" {
  ami           = var.image_id
  instance_type = "m6i.large"
  subnet_id     = aws_subnet.studio["a"].id

  root_block_device {
    volume_size = 20
    volume_type = "gp3"
  }
}

resource "aws_ebs_volume" "scenes" {
  availability_zone = "${var.region}a"
  size              = 100
  type              = "gp3"
  iops              = 4000
  throughput        = 250
  encrypted         = false
  tags              = { Name = "scenes" }
}

resource "aws_volume_attachment" "scenes" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.scenes.id
  instance_id = aws_instance.render.id
}

resource "aws_ebs_volume" "archive" {
  availability_zone = "${var.region}b"
  size              = 500
  type              = "st1"
  tags              = { Name = "archive" }
}

resource "aws_efs_file_system" "assets" {
  encrypted       = false
  throughput_mode = "elastic"

  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }

  tags = { Name = "assets" }
}

resource "aws_efs_mount_target" "assets" {
  for_each        = aws_subnet.studio
  file_system_id  = aws_efs_file_system.assets.id
  subnet_id       = each.value.id
  security_groups = [aws_security_group.files.id]
}

resource "aws_efs_access_point" "upload" {
  file_system_id = aws_efs_file_system.assets.id

  posix_user {
    uid = 1000
    gid = 1000
  }

  root_directory {
    path = "/upload"

    creation_info {
      owner_uid   = 1000
      owner_gid   = 1000
      permissions = "0750"
    }
  }
}

resource "aws_efs_backup_policy" "assets" {
  file_system_id = aws_efs_file_system.assets.id

  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_iam_role" "backup" {
  name = "studio-backup"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "backup.amazonaws.com" }
    }]
  })
}

resource "aws_backup_vault" "daily" {
  name = "studio-daily"
}

resource "aws_backup_vault_lock_configuration" "daily" {
  backup_vault_name  = aws_backup_vault.daily.name
  min_retention_days = 7
  max_retention_days = 365
}

resource "aws_backup_plan" "daily" {
  name = "studio-daily"

  rule {
    rule_name         = "night"
    target_vault_name = aws_backup_vault.daily.name
    schedule          = "cron(0 3 * * ? *)"

    lifecycle {
      delete_after = 35
    }
  }
}

resource "aws_backup_selection" "daily" {
  name         = "studio"
  plan_id      = aws_backup_plan.daily.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_efs_file_system.assets.arn]
}

resource "aws_ecr_repository" "render" {
  name                 = "studio/render"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "render" {
  repository = aws_ecr_repository.render.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "untagged images"
      selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
      action       = { type = "expire" }
    }]
  })
}
