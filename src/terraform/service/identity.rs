//! Resource identity (Terraform 1.12 and newer): which object a state is about.
//!
//! What Terraform does not forgive: an answer without the identity takes it out of the state, so
//! every answer with a state carries it. What it does not check itself: that the identity of an
//! object stays the same; that is done here.

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::json;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::schema::{Attribute, Type};
use crate::terraform::service::catalogue::Managed;
use crate::terraform::service::{Service, convert};
use crate::terraform::value::Value;

/// The version of every identity schema.
///
/// A state without identity counts as version 0; a schema that began at 1 would be asked to upgrade nothing.
const VERSION: i64 = 0;

impl Managed {
    fn identity_type(&self) -> Type {
        let typed = |attribute: &Attribute| (attribute.name.clone(), attribute.value_type());
        Type::Object(self.identity.iter().map(typed).collect())
    }

    /// Returns the identity of an object; `None` without an object, and for a type without identity.
    ///
    /// While something is planned it may be unknown.
    pub fn identify(&self, state: Option<&Value>) -> Result<Option<wire::ResourceIdentityData>, Diagnostic> {
        let Some(state) = state.filter(|_| !self.identity.is_empty()) else { return Ok(None) };
        let values = self.identity.iter().map(|a| (a.name.as_str(), state.get(&a.name).clone()));
        self.identity_data(&Value::object(values)).map(Some)
    }

    fn identity_data(&self, identity: &Value) -> Result<wire::ResourceIdentityData, Diagnostic> {
        let identity_data = Some(convert::encode(identity, &self.identity_type())?);
        Ok(wire::ResourceIdentityData { identity_data })
    }
}

/// Reads an identity that Terraform sent; `None` when there is none.
pub fn given(
    managed: &Managed,
    identity: Option<&wire::ResourceIdentityData>,
) -> Result<Option<Value>, Diagnostic> {
    let data = identity.and_then(|identity| identity.identity_data.as_ref());
    let Some(data) = data.filter(|_| !managed.identity.is_empty()) else { return Ok(None) };
    let value = convert::decode(Some(data), &managed.identity_type())?;
    Ok(Some(value).filter(|value| !value.is_null()))
}

/// Checks that an object is still the same one. What is not known yet is passed over, and so is an
/// object that has no identity so far, because an older Terraform saved it.
pub fn unchanged(
    managed: &Managed,
    before: Option<&wire::ResourceIdentityData>,
    after: Option<&wire::ResourceIdentityData>,
) -> Result<(), Diagnostic> {
    match (given(managed, before)?, given(managed, after)?) {
        (Some(before), Some(after)) if differ(&before, &after) => Err(changed(managed, &before, &after)),
        _ => Ok(()),
    }
}

fn differ(before: &Value, after: &Value) -> bool {
    before != after && before.is_wholly_known() && after.is_wholly_known()
}

fn changed(managed: &Managed, before: &Value, after: &Value) -> Diagnostic {
    let said = |identity: &Value| {
        let one = |a: &Attribute| format!("{} = {:?}", a.name, identity.get(&a.name).as_str().unwrap_or("?"));
        managed.identity.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let detail = format!(
        "The state is about the {} with {}, and the provider answered about the one with {}. Nothing was \
         saved. Remove the resource from the state with `terraform state rm` and import the one that is meant.",
        managed.resource.type_name(),
        said(before),
        said(after)
    );
    Diagnostic::error("Unexpected Identity Change", detail)
}

/// Answers GetResourceIdentitySchemas: the types that have an identity.
pub async fn schemas(service: &Service) -> wire::get_resource_identity_schemas::Response {
    match service.resources().await {
        Ok(resources) => {
            let with = resources.iter().filter(|(_, managed)| !managed.identity.is_empty());
            let identity_schemas =
                with.map(|(name, managed)| ((*name).to_owned(), schema(managed))).collect();
            wire::get_resource_identity_schemas::Response { identity_schemas, diagnostics: Vec::new() }
        }
        Err(error) => wire::get_resource_identity_schemas::Response {
            diagnostics: convert::diagnostics(vec![error]),
            ..Default::default()
        },
    }
}

fn schema(managed: &Managed) -> wire::ResourceIdentitySchema {
    let attribute = |attribute: &Attribute| wire::resource_identity_schema::IdentityAttribute {
        name: attribute.name.clone(),
        r#type: json::encode_type(&attribute.value_type()),
        required_for_import: true,
        optional_for_import: false,
        description: attribute.description.clone(),
    };
    let identity_attributes = managed.identity.iter().map(attribute).collect();
    wire::ResourceIdentitySchema { version: VERSION, identity_attributes }
}

/// Answers UpgradeResourceIdentity.
///
/// Terraform asks only when the versions differ, and there has been one version so far.
pub async fn upgrade(
    service: &Service,
    request: wire::upgrade_resource_identity::Request,
) -> wire::upgrade_resource_identity::Response {
    let (upgraded_identity, errors) = match upgraded(service, &request).await {
        Ok(identity) => (Some(identity), Vec::new()),
        Err(error) => (None, vec![error]),
    };
    let diagnostics = convert::diagnostics(errors);
    wire::upgrade_resource_identity::Response { upgraded_identity, diagnostics }
}

async fn upgraded(
    service: &Service,
    request: &wire::upgrade_resource_identity::Request,
) -> Result<wire::ResourceIdentityData, Diagnostic> {
    let managed = service.managed(&request.type_name).await?;
    let raw = request.raw_identity.as_ref().map(|raw| raw.json.as_slice()).unwrap_or_default();
    if request.version > VERSION || managed.identity.is_empty() {
        return Err(unreadable(format!(
            "The state holds an identity of {} of version {}, which this version of the provider does not \
             know. Use the version of the provider that wrote it, or a newer one.",
            request.type_name, request.version
        )));
    }
    let identity = json::decode(raw, &managed.identity_type()).map_err(|error| {
        unreadable(format!("The saved identity of {} does not fit the schema: {error}.", request.type_name))
    })?;
    managed.identity_data(&identity)
}

fn unreadable(detail: String) -> Diagnostic {
    Diagnostic::error("Saved identity cannot be read", detail)
}
