output "endpoints" {
  value = { for name, cluster in module.cluster : name => cluster.endpoint }
}
