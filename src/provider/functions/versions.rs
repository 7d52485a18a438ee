//! Kubernetes versions: which is at least another, and the way from one to another.

use std::str::FromStr;

use crate::terraform::function::{Function, FunctionError, Parameter, Signature};
use crate::terraform::schema::Type;
use crate::terraform::value::Value;
use crate::upgrade::offer::{Offer, Offers, RegionVersion};
use crate::upgrade::plan::path::Graph;
use crate::upgrade::policy::Target;
use crate::upgrade::version::Version;

/// `version_at_least(version, minimum)`: whether one version is at least another.
pub struct VersionAtLeast;

impl Function for VersionAtLeast {
    fn name(&self) -> &'static str {
        "version_at_least"
    }

    fn signature(&self) -> Signature {
        let version = "A full Kubernetes version, such as `1.35.6`.";
        let minimum = "What it is compared with: a full version, or a minor such as `1.35`, which any of its patches is.";
        Signature {
            summary: "Tells whether a Kubernetes version is at least another one.".into(),
            description:
                "Returns true where the version is the minimum or newer, numbers compared as numbers: \
                          `1.9.10` is older than `1.10.2`. A preview is older than its release."
                    .into(),
            parameters: vec![
                Parameter::new("version", Type::String, version),
                Parameter::new("minimum", Type::String, minimum),
            ],
            variadic: None,
            returns: Type::Bool,
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let version: Version = parse(&arguments, 0)?;
        Ok(match parse(&arguments, 1)? {
            Target::Exact(minimum) => version >= minimum,
            Target::Minor(minor) => version.minor() >= minor,
            Target::Channel(_) => false,
        }
        .into())
    }
}

/// `upgrade_path(from, to, offers)`: the versions that lie on the way, the target included.
pub struct UpgradePath;

impl Function for UpgradePath {
    fn name(&self) -> &'static str {
        "upgrade_path"
    }

    fn signature(&self) -> Signature {
        let to = "The version to arrive at, or a minor such as `1.36`, which stands for its newest patch on offer.";
        Signature {
            summary: "Returns the versions that an upgrade goes through.".into(),
            description: "Returns the versions between `from` and `to` in order, `to` included, by the rule for \
                          clusters on community support: one minor at a time, each in its newest patch on offer. \
                          Empty where `from` is there already. An error where the offers leave no way."
                .into(),
            parameters: vec![
                Parameter::new("from", Type::String, "The version that runs, such as `1.33.5`."),
                Parameter::new("to", Type::String, to),
                Parameter::new("offers", Type::List(Box::new(Type::String)), "The versions on offer."),
            ],
            variadic: None,
            returns: Type::List(Box::new(Type::String)),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let from: Version = parse(&arguments, 0)?;
        let target: Target = parse(&arguments, 1)?;
        let versions = offered(arguments.get(2))?;
        let to = arrival(&from, &target, &versions)?;
        let offers = graph_of(&from, &versions);
        let route = Graph::new(&from, false, &offers)
            .route(&to, |version| *version == to || !version.is_prerelease())
            .ok_or_else(|| no_way(&from, &to.to_string(), &versions))?;
        Ok(Value::list(route.iter().map(|version| Value::from(version.to_string().as_str()))))
    }
}

fn parse<T: FromStr>(arguments: &[Value], index: usize) -> Result<T, FunctionError>
where
    T::Err: std::fmt::Display,
{
    let text = arguments.get(index).and_then(Value::as_str).unwrap_or_default();
    text.parse().map_err(|error: T::Err| FunctionError::at(index, error.to_string()))
}

fn offered(argument: Option<&Value>) -> Result<Vec<Version>, FunctionError> {
    let texts = argument.map(Value::items).unwrap_or_default();
    let read = |text: &Value| text.as_str().unwrap_or_default().parse::<Version>();
    let mut versions: Vec<Version> = texts
        .iter()
        .map(read)
        .collect::<Result<_, _>>()
        .map_err(|error| FunctionError::at(2, error.to_string()))?;
    versions.sort_unstable();
    Ok(versions)
}

/// Returns the version that is meant by the target: `from` itself where it satisfies it.
fn arrival(from: &Version, target: &Target, offers: &[Version]) -> Result<Version, FunctionError> {
    match target {
        Target::Exact(exact) if from < exact => Ok(exact.clone()),
        Target::Minor(minor) if from.minor() <= *minor => {
            let stable = |version: &&Version| version.minor() == *minor && !version.is_prerelease();
            let newest = offers.iter().rfind(stable).filter(|newest| *newest >= from);
            match newest {
                Some(newest) => Ok(newest.clone()),
                None if from.minor() == *minor => Ok(from.clone()),
                None => Err(no_way(from, &minor.to_string(), offers)),
            }
        }
        _ => Ok(from.clone()),
    }
}

/// Returns the offers as a cluster would see them: any newer patch, or the next minor.
fn graph_of(from: &Version, versions: &[Version]) -> Offers {
    let after = |at: &Version| -> Vec<Version> {
        let near = |to: &&Version| *to > at && [at.minor(), at.minor().next()].contains(&to.minor());
        versions.iter().filter(near).cloned().collect()
    };
    let listed = |version: &Version| RegionVersion {
        version: version.clone(),
        preview: version.is_prerelease(),
        official: true,
        lts: false,
        upgrades: after(version),
    };
    let offer = |version: Version| Offer { preview: version.is_prerelease(), version };
    Offers {
        upgrades: after(from).into_iter().map(offer).collect(),
        region: Some(versions.iter().map(listed).collect()),
        ..Offers::default()
    }
}

fn no_way(from: &Version, to: &str, offers: &[Version]) -> FunctionError {
    let offers: Vec<String> = offers.iter().filter(|offer| *offer > from).map(ToString::to_string).collect();
    let offers = if offers.is_empty() { "nothing newer".to_owned() } else { offers.join(", ") };
    FunctionError::at(
        1,
        format!("No way leads from {from} to {to}, one minor at a time: on offer is {offers}."),
    )
}
