# By identifier: the new cluster bears the old one's name, so the alarms go on watching the right one.
resource "aws_cloudwatch_metric_alarm" "connections" {
  for_each            = local.clusters
  alarm_name          = "${each.key}-connections"
  namespace           = "AWS/RDS"
  metric_name         = "DatabaseConnections"
  dimensions          = { DBClusterIdentifier = each.value.identifier }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 200
  period              = 300
  evaluation_periods  = 3
}
