//! Functions: GetFunctions and CallFunction.
//!
//! OpenTofu asks for the functions by themselves, and sends a null that is allowed as an empty value.
//! Terraform ends the text of an error with a full stop of its own, and both name the parameter.

use std::sync::Arc;

use crate::terraform::diagnostic::{Diagnostic, shortened};
use crate::terraform::function::{FunctionError, Parameter, Signature};
use crate::terraform::handler;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::service::catalogue::{Callable, find};
use crate::terraform::service::{Service, convert, describe};
use crate::terraform::value::Value;

/// Answers GetFunctions.
pub async fn functions(service: &Service) -> wire::get_functions::Response {
    match service.functions().await {
        Ok(functions) => {
            let described = functions.iter().map(|(name, callable)| {
                let function = describe::function(&callable.signature);
                ((*name).to_owned(), function)
            });
            wire::get_functions::Response { functions: described.collect(), diagnostics: Vec::new() }
        }
        Err(error) => wire::get_functions::Response {
            diagnostics: convert::diagnostics(vec![error]),
            ..Default::default()
        },
    }
}

/// Answers CallFunction, on a provider that need not be configured.
pub async fn call(service: &Service, request: wire::call_function::Request) -> wire::call_function::Response {
    match called(service, request).await {
        Ok(result) => wire::call_function::Response { result: Some(result), error: None },
        Err(error) => wire::call_function::Response { result: None, error: Some(described(error)) },
    }
}

async fn called(
    service: &Service,
    request: wire::call_function::Request,
) -> Result<wire::DynamicValue, FunctionError> {
    let functions = service.functions().await.map_err(whole)?;
    let callable = find(functions, "function", &request.name).map_err(whole)?;
    let arguments = arguments(&callable.signature, &request.arguments)?;
    let returns = callable.signature.returns.clone();
    if !arguments.iter().all(Value::is_wholly_known) {
        return convert::encode(&Value::unknown(), &returns).map_err(whole);
    }
    let result = compute(&callable, &request.name, arguments).await?;
    convert::encode(&result, &returns).map_err(whole)
}

async fn compute(
    callable: &Arc<Callable>,
    name: &str,
    arguments: Vec<Value>,
) -> Result<Value, FunctionError> {
    let (function, count) = (Arc::clone(&callable.function), arguments.len());
    let work = async move { function.call(arguments) };
    let result = handler::run("CallFunction", name, work).await.map_err(whole)?;
    // Naming an argument that is not there would be a bug of ours on top of the user's mistake.
    result.map_err(|error| FunctionError { argument: error.argument.filter(|at| *at < count), ..error })
}

/// Reads the arguments, each by its parameter.
fn arguments(signature: &Signature, given: &[wire::DynamicValue]) -> Result<Vec<Value>, FunctionError> {
    let least = signature.parameters.len();
    if given.len() < least || (given.len() > least && signature.variadic.is_none()) {
        let more = if signature.variadic.is_some() { " or more" } else { "" };
        let text = format!("The number of arguments must be {least}{more}, and is {}", given.len());
        return Err(FunctionError::new(text));
    }
    let parameters = signature.parameters.iter().chain(signature.variadic.iter().cycle());
    given.iter().zip(parameters).enumerate().map(|(at, (wire, of))| argument(at, wire, of)).collect()
}

fn argument(at: usize, wire: &wire::DynamicValue, of: &Parameter) -> Result<Value, FunctionError> {
    let value = convert::decode(Some(wire), &of.kind).map_err(|error| FunctionError::at(at, error.detail))?;
    match value {
        Value::Null if !of.nullable => Err(FunctionError::at(at, "It must not be null")),
        value => Ok(value),
    }
}

fn whole(error: Diagnostic) -> FunctionError {
    FunctionError::new(format!("{}: {}", error.summary, error.detail))
}

fn described(error: FunctionError) -> wire::FunctionError {
    let function_argument = error.argument.and_then(|at| i64::try_from(at).ok());
    let text = shortened(error.text.strip_suffix('.').unwrap_or(&error.text));
    wire::FunctionError { text, function_argument }
}
