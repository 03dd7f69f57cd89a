locals {
  services = merge([
    for name, cluster in local.clusters : {
      for service in cluster.services : "${name}-${service}" => { cluster = name, environment = cluster.environment }
    }
  ]...)
}

resource "aws_iam_role" "execution" {
  name = "z360-execution"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "read_secrets" {
  name = "read-database-secrets"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = [for secret in aws_secretsmanager_secret.database : secret.arn]
    }]
  })
}

resource "aws_ecs_cluster" "environment" {
  for_each = toset(["staging", "beta"])
  name     = "z360-${each.key}"
}

resource "aws_cloudwatch_log_group" "services" {
  for_each          = toset(["staging", "beta"])
  name              = "/ecs/z360-${each.key}"
  retention_in_days = 90
}

module "service" {
  source   = "./modules/service"
  for_each = local.services

  name            = each.key
  cluster         = aws_ecs_cluster.environment[each.value.environment].id
  environment     = each.value.environment
  log_group       = aws_cloudwatch_log_group.services[each.value.environment].name
  database_secret = aws_secretsmanager_secret.database[each.value.cluster].arn
  execution_role  = aws_iam_role.execution.arn
  subnets         = aws_subnet.services[*].id
  security_groups = [aws_security_group.services.id]
}
