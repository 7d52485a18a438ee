//! Where is asked: a subscription, a region.

use crate::arm::id::{check_location, check_subscription_id};
use crate::terraform::reader::Reader;

/// Reads `subscription_id`.
pub(super) fn subscription(config: &Reader<'_>) -> Option<String> {
    config.parse("subscription_id", "Invalid subscription id", |text| {
        check_subscription_id(text).map(|()| text.to_owned())
    })
}

/// Reads `location`.
pub(super) fn location(config: &Reader<'_>) -> Option<String> {
    config.parse("location", "Invalid location", |text| check_location(text).map(|()| text.to_owned()))
}
