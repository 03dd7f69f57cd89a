# The small stand-by in the other region, into which the copies are restored for a drill. Its zones are left to AWS, its
# subnet group is made by the network team, so a plan cannot tell all of it.
resource "aws_kms_key" "database" {
  description             = "clinical-trial-recovery: database"
  enable_key_rotation     = true
  rotation_period_in_days = 365
}

resource "aws_rds_cluster" "database" {
  cluster_identifier                  = "clinical-trial-recovery-db"
  engine                              = "aurora-postgresql"
  engine_version                      = "15.10"
  database_name                       = "clinical_trial"
  master_username                     = "ct_admin"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.database.arn
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.database.arn
  iam_database_authentication_enabled = true
  db_subnet_group_name                = "recovery-databases"
  vpc_security_group_ids              = ["sg-0123456789abcdef0"]
  enabled_cloudwatch_logs_exports     = ["postgresql"]
  backup_retention_period             = 35
  deletion_protection                 = true
  final_snapshot_identifier           = "clinical-trial-recovery-db-final"

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 16
  }
}

resource "aws_rds_cluster_instance" "database" {
  count              = 2
  identifier         = "clinical-trial-recovery-${count.index}"
  cluster_identifier = aws_rds_cluster.database.id
  engine             = aws_rds_cluster.database.engine
  instance_class     = "db.serverless"
}
