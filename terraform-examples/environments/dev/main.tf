# Pauses after five idle minutes, so its minimum is 0 ACU, and its version is one that can: with 0.5 ACU, or with
# Aurora PostgreSQL 15.4, it would never pause.
module "database" {
  source                = "../modules/database"
  name                  = "clinical-trial-dev"
  engine_version        = "15.10"
  capacity              = { min = 0, max = 4, seconds_until_auto_pause = 300 }
  zones                 = ["us-east-1a"]
  subnet_zones          = ["us-east-1a", "us-east-1b"]
  cidr                  = "10.40.0.0/16"
  backup_retention_days = 3
  deletion_protection   = false
  insights              = false
  proxy                 = false
  cpu_alarm_percent     = 80
  connections_alarm     = 50
  budget_usd            = "8"
  alerts_topic_arn      = "arn:aws:sns:us-east-1:123456789012:clinical-trial-dev-alerts"
}
