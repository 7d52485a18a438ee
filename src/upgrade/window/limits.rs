//! The limits of AKS's maintenance windows (OpenAPI description of 2026-08-01).

use std::ops::RangeInclusive;

/// `durationHours`
pub const DURATION_HOURS: RangeInclusive<i64> = 4..=24;
/// `daily.intervalDays`
pub const INTERVAL_DAYS: RangeInclusive<i64> = 1..=7;
/// `weekly.intervalWeeks`
pub const INTERVAL_WEEKS: RangeInclusive<i64> = 1..=4;
/// `absoluteMonthly.intervalMonths` and `relativeMonthly.intervalMonths`
pub const INTERVAL_MONTHS: RangeInclusive<i64> = 1..=6;
