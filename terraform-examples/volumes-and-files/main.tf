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
