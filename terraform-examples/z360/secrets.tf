resource "aws_secretsmanager_secret" "database" {
  for_each                = local.clusters
  name                    = "${each.key}/dbAuroraSecret"
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "database" {
  for_each  = local.clusters
  secret_id = aws_secretsmanager_secret.database[each.key].id
  secret_string = jsonencode({
    username = "z360"
    password = var.master_password
    host     = module.cluster[each.key].endpoint
    port     = 5432
    dbname   = each.value.database
  })
}
