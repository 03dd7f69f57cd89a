output "cluster_arn" { value = aws_rds_cluster.database.arn }
