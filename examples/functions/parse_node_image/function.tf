# The pools whose image is older than 30 days.
output "old" {
  value = [
    for pool, image in aks_node_image.nightly.images : pool
    if timecmp(timeadd("${provider::aks::parse_node_image(image.current).published}T00:00:00Z", "720h"), plantimestamp()) < 0
  ]
}
