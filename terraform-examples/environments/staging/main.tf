# Like production with one instance less, and with mistakes that the report finds: the version is too old to pause, one
# zone, backups for a week, an alarm that fires late, no proxy.
module "database" {
  source                = "../modules/database"
  name                  = "clinical-trial-staging"
  engine_version        = "15.4"
  capacity              = { min = 0.5, max = 8 }
  zones                 = ["us-east-1a"]
  subnet_zones          = ["us-east-1a", "us-east-1b"]
  cidr                  = "10.41.0.0/16"
  backup_retention_days = 7
  deletion_protection   = true
  force_ssl             = "0"
  pgaudit               = false
  insights              = false
  proxy                 = false
  cpu_alarm_percent     = 90
  connections_alarm     = 80
  budget_usd            = "40"
  alerts_topic_arn      = "arn:aws:sns:us-east-1:123456789012:clinical-trial-staging-alerts"
}
