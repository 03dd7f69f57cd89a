locals {
  network  = "10.36.0.0/16"
  operator = "10.99.0.10/32" # the host from which databases are administered
}

resource "aws_vpc" "main" {
  cidr_block = local.network
}

resource "aws_subnet" "databases" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(local.network, 8, count.index)
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
}

resource "aws_subnet" "services" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(local.network, 8, 10 + count.index)
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
}

resource "aws_security_group" "services" {
  name        = "z360-services"
  description = "ECS tasks"
  vpc_id      = aws_vpc.main.id
}

resource "aws_security_group" "databases" {
  name        = "z360-databases"
  description = "Aurora clusters"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "from_services" {
  security_group_id            = aws_security_group.databases.id
  referenced_security_group_id = aws_security_group.services.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_ingress_rule" "from_operator" {
  security_group_id = aws_security_group.databases.id
  cidr_ipv4         = local.operator
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
}

resource "aws_db_subnet_group" "databases" {
  name       = "z360-databases"
  subnet_ids = aws_subnet.databases[*].id
}
