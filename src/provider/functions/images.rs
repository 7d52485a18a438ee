//! What the name of a node image says.

use crate::terraform::function::{Function, FunctionError, Parameter, Signature};
use crate::terraform::schema::Type;
use crate::terraform::value::Value;
use crate::upgrade::node_image::NodeImage;

/// `parse_node_image(version)`: the family of an image and the day on which it was published.
pub struct ParseNodeImage;

impl Function for ParseNodeImage {
    fn name(&self) -> &'static str {
        "parse_node_image"
    }

    fn signature(&self) -> Signature {
        let version = "A version as Azure spells it, such as `AKSUbuntu-2204gen2containerd-202610.19.0` or \
                       `AKSWindows-2022-containerd-20348.1787.230614`.";
        Signature {
            summary: "Takes the version of a node image apart.".into(),
            description: "Returns an object with `family`, what comes before the date, and `published`, the day on \
                          which the image was published, such as `2026-10-19`. Images of one family follow each \
                          other; those of different families can be compared by their day only. An error for an \
                          image whose name is not of Azure's forms: `try(provider::aks::parse_node_image(x), null)`."
                .into(),
            parameters: vec![Parameter::new("version", Type::String, version)],
            variadic: None,
            returns: Type::Object(vec![
                ("family".into(), Type::String),
                ("published".into(), Type::String),
            ]),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let text = arguments.first().and_then(Value::as_str).unwrap_or_default();
        let image = NodeImage::new(text);
        let (Some(family), Some(published)) = (image.family(), image.published()) else {
            let text = format!(
                "{text:?} is not a node image as Azure names them, such as \
                 \"AKSUbuntu-2204gen2containerd-202610.19.0\"."
            );
            return Err(FunctionError::at(0, text));
        };
        Ok(Value::object([("family", family.into()), ("published", published.to_string().as_str().into())]))
    }
}
