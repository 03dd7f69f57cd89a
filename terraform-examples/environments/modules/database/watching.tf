locals {
  alarms = {
    CPUUtilization      = var.cpu_alarm_percent
    DatabaseConnections = var.connections_alarm
    ReadLatency         = 0.2 # seconds
    WriteLatency        = 0.2
    ACUUtilization      = 80 # percent of max_capacity
  }
}

resource "aws_cloudwatch_metric_alarm" "database" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  namespace           = "AWS/RDS"
  metric_name         = each.key
  dimensions          = { DBClusterIdentifier = aws_rds_cluster.database.cluster_identifier }
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value
  period              = 300
  evaluation_periods  = 2
  alarm_actions       = [var.alerts_topic_arn]
}

resource "aws_budgets_budget" "database" {
  name         = "${var.name}-monthly"
  budget_type  = "COST"
  limit_amount = var.budget_usd
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  dynamic "notification" {
    for_each = [80, 100]
    content {
      comparison_operator       = "GREATER_THAN"
      threshold                 = notification.value
      threshold_type            = "PERCENTAGE"
      notification_type         = "ACTUAL"
      subscriber_sns_topic_arns = [var.alerts_topic_arn]
    }
  }
}
