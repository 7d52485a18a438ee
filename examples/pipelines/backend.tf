# backend.tf, beside the configuration: the state outlives the runner, in a blob of its own, apart from azurerm's.
# The identity needs the role Storage Blob Data Contributor on the container.
terraform {
  backend "azurerm" {
    use_oidc             = true
    use_azuread_auth     = true
    storage_account_name = "examplestates" # yours
    container_name       = "tfstate"
    key                  = "aks-upgrades.tfstate"
  }
}
