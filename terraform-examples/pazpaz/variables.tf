variable "encryption_master_key" {
  description = "base64 of the 32 bytes that encrypt clients' records"
  type        = string
  sensitive   = true
}
