variable "name" { type = string }
variable "engine_version" { type = string }
variable "capacity" {
  type = object({ min = number, max = number, seconds_until_auto_pause = optional(number) })
}
variable "zones" {
  description = "One instance in each."
  type        = list(string)
}
variable "subnet_zones" { type = list(string) }
variable "cidr" { type = string }
variable "backup_retention_days" { type = number }
variable "deletion_protection" { type = bool }
variable "force_ssl" {
  type    = string
  default = "1"
}
variable "pgaudit" {
  type    = bool
  default = true
}
variable "insights" { type = bool }
variable "monitoring_interval" {
  type    = number
  default = 0
}
variable "proxy" { type = bool }
variable "cpu_alarm_percent" { type = number }
variable "connections_alarm" { type = number }
variable "budget_usd" { type = string }
variable "alerts_topic_arn" { type = string }
variable "monitoring_role_arn" {
  type    = string
  default = null
}
variable "proxy_role_arn" {
  type    = string
  default = null
}
