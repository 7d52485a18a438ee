//! Azure's clouds, and where each of them is.

/// One of Azure's clouds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cloud {
    /// `public`: everywhere else.
    #[default]
    Public,
    /// `usgovernment`.
    UsGovernment,
    /// `china`: operated by 21Vianet.
    China,
}

impl Cloud {
    /// Returns the cloud of that name, in azurerm's spelling (`public`, `usgovernment`, `china`) or in the
    /// Azure CLI's (`AzureCloud`, `AzureUSGovernment`, `AzureChinaCloud`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "public" | "azurecloud" => Some(Cloud::Public),
            "usgovernment" | "azureusgovernment" => Some(Cloud::UsGovernment),
            "china" | "azurechinacloud" => Some(Cloud::China),
            _ => None,
        }
    }

    /// Returns the base URL of Azure Resource Manager.
    #[must_use]
    pub fn endpoint(self) -> &'static str {
        match self {
            Cloud::Public => "https://management.azure.com",
            Cloud::UsGovernment => "https://management.usgovcloudapi.net",
            Cloud::China => "https://management.chinacloudapi.cn",
        }
    }

    /// Returns the base URL of Entra ID.
    #[must_use]
    pub fn authority(self) -> &'static str {
        match self {
            Cloud::Public => "https://login.microsoftonline.com",
            Cloud::UsGovernment => "https://login.microsoftonline.us",
            Cloud::China => "https://login.chinacloudapi.cn",
        }
    }

    /// Returns the scope of a token for Azure Resource Manager.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Cloud::Public => "https://management.azure.com/.default",
            Cloud::UsGovernment => "https://management.core.usgovcloudapi.net/.default",
            Cloud::China => "https://management.chinacloudapi.cn/.default",
        }
    }
}
