terraform {
  required_version = ">= 1.8"

  required_providers {
    aks = {
      source = "aks-upgrades/aks"
    }
  }
}

# The variables are azurerm's: ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET, or the login of az.
provider "aks" {}
