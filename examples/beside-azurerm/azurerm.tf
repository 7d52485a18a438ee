terraform {
  required_providers {
    azurerm = {
      source = "hashicorp/azurerm"
    }
  }
}

provider "azurerm" {
  features {}
}

resource "azurerm_resource_group" "prod" {
  name     = "rg"
  location = "westeurope"
}

resource "azurerm_kubernetes_cluster" "prod" {
  name                = "prod"
  location            = azurerm_resource_group.prod.location
  resource_group_name = azurerm_resource_group.prod.name
  dns_prefix          = "prod"

  # kubernetes_version and automatic_upgrade_channel: left out
  node_os_upgrade_channel = "None"

  default_node_pool {
    name       = "system"
    vm_size    = "Standard_D4s_v5"
    node_count = 3
    # orchestrator_version: left out
  }

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_kubernetes_cluster_node_pool" "user" {
  name                  = "user"
  kubernetes_cluster_id = azurerm_kubernetes_cluster.prod.id
  vm_size               = "Standard_D4s_v5"
  node_count            = 3
  # orchestrator_version: left out
}

locals {
  # The policy waits until the pools are there, too.
  cluster_id = azurerm_kubernetes_cluster_node_pool.user.kubernetes_cluster_id
}
