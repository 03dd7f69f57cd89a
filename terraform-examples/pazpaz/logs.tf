resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/ecs/pazpaz-api-production"
  retention_in_days = 365
}

resource "aws_cloudwatch_log_metric_filter" "fallback" {
  name           = "env-fallback"
  log_group_name = aws_cloudwatch_log_group.api.name
  pattern        = "aws_unavailable_using_env_fallback"

  metric_transformation {
    name      = "EnvFallback"
    namespace = "PazPaz"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "fallback" {
  alarm_name          = "pazpaz-env-fallback"
  namespace           = "PazPaz"
  metric_name         = "EnvFallback"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
}
