resource "aws_vpc" "database" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

resource "aws_subnet" "private" {
  for_each                = { for index, zone in var.subnet_zones : zone => index }
  vpc_id                  = aws_vpc.database.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.cidr, 8, each.value)
  map_public_ip_on_launch = false
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.database.id
}

resource "aws_route_table_association" "private" {
  for_each       = aws_subnet.private
  subnet_id      = each.value.id
  route_table_id = aws_route_table.private.id
}

resource "aws_db_subnet_group" "database" {
  name       = "${var.name}-db"
  subnet_ids = [for subnet in aws_subnet.private : subnet.id]
}

resource "aws_security_group" "lambda" {
  name   = "${var.name}-lambda"
  vpc_id = aws_vpc.database.id
}

resource "aws_security_group" "database" {
  name   = "${var.name}-db"
  vpc_id = aws_vpc.database.id
}

resource "aws_vpc_security_group_ingress_rule" "lambda" {
  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = aws_security_group.lambda.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_endpoint" "database" {
  for_each            = toset(["kms", "logs", "secretsmanager"])
  vpc_id              = aws_vpc.database.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${trimsuffix(var.subnet_zones[0], substr(var.subnet_zones[0], -1, 1))}.${each.key}"
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  private_dns_enabled = true
}
