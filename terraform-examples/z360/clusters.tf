locals {
  # One line per cluster. encrypted and final_snapshot are changed when tfseal asks for it, cluster by cluster.
  clusters = {
    z360-staging = {
      environment = "staging", database = "z360", max_capacity = 4, retention = 1, protected = false
      identifier  = "z360-staging-addonsstack-vg9z1x4cx7y2-dbdbcluster-d4asbozx0ixh"
      encrypted   = false, final_snapshot = null
      services    = ["web", "queue", "reverb", "scheduler"]
    }
    z360-agent-layer-staging = {
      environment = "staging", database = "agent", max_capacity = 2, retention = 1, protected = false
      identifier  = "z360-agent-layer-staging-addonsst-agentdbdbcluster-1ownthodemtg"
      encrypted   = false, final_snapshot = null
      services    = ["gateway", "aegra", "voice"]
    }
    z360-beta = {
      environment = "beta", database = "z360", max_capacity = 8, retention = 7, protected = false
      identifier  = "z360-beta-addonsstack-n53yvqoutypc-dbdbcluster-1aamvltsjji0"
      encrypted   = false, final_snapshot = null
      services    = ["web", "queue", "reverb"]
    }
    z360-agent-layer-beta = {
      environment = "beta", database = "agent", max_capacity = 4, retention = 7, protected = false
      identifier  = "z360-agent-layer-beta-addonsstack-agentdbdbcluster-dvw0pqd83qiq"
      encrypted   = false, final_snapshot = null
      services    = ["gateway", "aegra", "voice"]
    }
  }
}

resource "aws_kms_key" "databases" {
  description             = "z360 databases"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "databases" {
  name          = "alias/z360-databases"
  target_key_id = aws_kms_key.databases.key_id
}

module "cluster" {
  source   = "./modules/aurora"
  for_each = local.clusters

  name                = each.key
  identifier          = each.value.identifier
  database            = each.value.database
  environment         = each.value.environment
  max_capacity        = each.value.max_capacity
  master_password     = var.master_password
  subnet_group        = aws_db_subnet_group.databases.name
  security_groups     = [aws_security_group.databases.id]
  retention           = each.value.retention
  deletion_protection = each.value.protected
  final_snapshot      = each.value.final_snapshot
  kms_key             = each.value.encrypted || var.encrypt_in_place ? aws_kms_key.databases.arn : null
}
