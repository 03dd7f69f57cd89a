variable "master_password" {
  description = "password of the master user of all clusters"
  type        = string
  sensitive   = true
}

variable "encrypt_in_place" {
  description = "the change that looks right and destroys every cluster; see README.md"
  type        = bool
  default     = false
}
