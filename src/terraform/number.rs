//! A number without loss: what Terraform sends is what it gets back.
//!
//! Terraform computes with 512 bits. On the wire even `0.1` is a string, because no float holds
//! it; a decoder that knows only `f64` and `i64` fails on ordinary configuration.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Beyond this many zeros a number is written with an exponent.
///
/// Otherwise the eleven characters `1e999999999` would grow to a gigabyte.
const LONGEST_RUN_OF_ZEROS: i64 = 1_000;

/// An exact decimal number.
///
/// `3`, `3.0` and `"3"` are the same number, and so are `0` and `-0`.
///
/// ```
/// use terraform_provider_aks::terraform::number::Number;
///
/// let three: Number = "3.0".parse()?;
/// assert_eq!(three, Number::from(3));
/// assert_eq!("1e30".parse::<Number>()?.to_string(), "1000000000000000000000000000000");
/// # Ok::<(), terraform_provider_aks::terraform::number::NumberError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    /// Never true for zero.
    negative: bool,
    /// Decimal digits without leading or trailing zeros; empty for zero.
    digits: String,
    /// The power of ten of the last digit; 0 for zero.
    exponent: i64,
}

/// Text that is not a decimal number.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not a decimal number; write it like 3, -0.5 or 1e30")]
pub struct NumberError(String);

impl NumberError {
    fn new(text: &str) -> Self {
        NumberError(text.chars().take(40).collect())
    }
}

impl Number {
    fn new(negative: bool, digits: &str, exponent: i64) -> Option<Self> {
        let significant = digits.trim_start_matches('0');
        let trimmed = significant.trim_end_matches('0');
        if trimmed.is_empty() {
            return Some(Number { negative: false, digits: String::new(), exponent: 0 });
        }
        let zeros = i64::try_from(significant.len() - trimmed.len()).ok()?;
        let exponent = exponent.checked_add(zeros)?;
        Some(Number { negative, digits: trimmed.to_owned(), exponent })
    }

    /// Returns the number when it is an integer that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        let short = self.exponent >= 0 && self.exponent <= 19;
        short.then(|| self.to_string().parse().ok()).flatten()
    }

    /// Returns an integer beyond the signed ones.
    ///
    /// Not a `From`, so that `Number::from(3)` stays clear.
    #[must_use]
    pub fn from_u64(number: u64) -> Self {
        Number::from_integer(false, number)
    }

    /// Returns the exact value of a float; `None` for infinities and for what is not a number.
    ///
    /// The float nearest to 0.1 is *not* 0.1, and this says so: it has 55 digits.
    #[must_use]
    pub fn from_f64(float: f64) -> Option<Self> {
        // 1074 places show every bit of the smallest float.
        float.is_finite().then(|| format!("{float:.1074}").parse().ok()).flatten()
    }

    /// Returns the float that is exactly this number, when there is one.
    #[must_use]
    pub fn as_exact_f64(&self) -> Option<f64> {
        let float: f64 = self.scientific().parse().ok()?;
        (Number::from_f64(float)? == *self).then_some(float)
    }

    /// Tells whether it has no fraction.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    fn scientific(&self) -> String {
        let digits = if self.digits.is_empty() { "0" } else { &self.digits };
        format!("{}{digits}e{}", self.sign(), self.exponent)
    }

    /// Returns where the first digit stands: 1 for units, 2 for tens, 0 for tenths.
    fn magnitude(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(i64::MAX).saturating_add(self.exponent)
    }

    /// Compares without signs. Digits have no trailing zeros, so text order is number order.
    fn cmp_absolute(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (false, false) => {
                self.magnitude().cmp(&other.magnitude()).then_with(|| self.digits.cmp(&other.digits))
            }
            (mine, theirs) => theirs.cmp(&mine),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.cmp_absolute(other),
            (true, true) => other.cmp_absolute(self),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Number::from_integer(number < 0, number.unsigned_abs())
    }
}

impl Number {
    fn from_integer(negative: bool, absolute: u64) -> Self {
        let text = absolute.to_string();
        let digits = text.trim_end_matches('0').to_owned();
        let zeros = if digits.is_empty() { 0 } else { text.len() - digits.len() };
        Number { negative: negative && absolute != 0, digits, exponent: i64::try_from(zeros).unwrap_or(0) }
    }
}

impl FromStr for Number {
    type Err = NumberError;

    /// Reads a decimal number.
    ///
    /// # Errors
    ///
    /// `""`, `"0x10"`, `"1_000"`, `"."`, `"NaN"`, `"Infinity"` and an exponent beyond 64 bits.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        parse(text).ok_or_else(|| NumberError::new(text))
    }
}

fn parse(text: &str) -> Option<Number> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let negative = mantissa.starts_with('-');
    let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let places = i64::try_from(fraction.len()).ok()?;
    Number::new(negative, &digits, exponent.checked_sub(places)?)
}

impl fmt::Display for Number {
    /// Writes it in full, like Terraform; only beyond a thousand zeros with an exponent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.exponent > LONGEST_RUN_OF_ZEROS || self.magnitude() < -LONGEST_RUN_OF_ZEROS {
            return f.write_str(&self.scientific());
        }
        f.write_str(self.sign())?;
        let places = usize::try_from(self.exponent.unsigned_abs()).map_err(|_| fmt::Error)?;
        if self.exponent >= 0 {
            let digits = if self.digits.is_empty() { "0" } else { &self.digits };
            return write!(f, "{digits}{}", "0".repeat(places));
        }
        match self.digits.len().checked_sub(places).filter(|whole| *whole > 0) {
            Some(whole) => {
                let (whole, fraction) = self.digits.split_at(whole);
                write!(f, "{whole}.{fraction}")
            }
            None => write!(f, "0.{}{}", "0".repeat(places - self.digits.len()), self.digits),
        }
    }
}
