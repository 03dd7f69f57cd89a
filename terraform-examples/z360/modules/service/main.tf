variable "name" { type = string }
variable "cluster" { type = string }
variable "environment" { type = string }
variable "log_group" { type = string }
variable "database_secret" { type = string }
variable "execution_role" { type = string }
variable "subnets" { type = list(string) }
variable "security_groups" { type = list(string) }

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = var.execution_role
  container_definitions = jsonencode([{
    name        = "app"
    image       = "108782097218.dkr.ecr.us-east-1.amazonaws.com/z360:1.0"
    essential   = true
    environment = [{ name = "APP_ENV", value = var.environment }]
    secrets     = [{ name = "DB_SECRET", valueFrom = var.database_secret }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = var.log_group
        awslogs-region        = "us-east-1"
        awslogs-stream-prefix = var.name
      }
    }
  }])
}

resource "aws_ecs_service" "this" {
  name            = var.name
  cluster         = var.cluster
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = 2
  launch_type     = "FARGATE"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets         = var.subnets
    security_groups = var.security_groups
  }
}
