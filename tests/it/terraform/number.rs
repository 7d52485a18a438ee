//! Numbers: equal when they mean the same, and never rounded.

use proptest::prelude::*;
use terraform_provider_aks::terraform::number::Number;

fn number(text: &str) -> Number {
    text.parse().unwrap()
}

#[track_caller]
fn reads(text: &str, written: &str) {
    assert_eq!(number(text).to_string(), written);
}

#[test]
fn a_number_has_one_spelling() {
    reads("3", "3");
    reads("3.0", "3");
    reads("+03.00", "3");
    reads("0", "0");
    reads("-0.0", "0");
    reads("0e5", "0");
    reads("-12.50", "-12.5");
    reads("0.1", "0.1");
    reads(".5", "0.5");
    reads("5.", "5");
    reads("1.5e-7", "0.00000015");
    reads("1e30", "1000000000000000000000000000000");
    reads("123456789012345678901234567890", "123456789012345678901234567890");
    reads("9223372036854775808", "9223372036854775808");
    reads("1e999999999", "1e999999999");
    reads("-1.25e-999999999", "-125e-1000000001");
}

#[track_caller]
fn refuses(text: &str) {
    let error = text.parse::<Number>().unwrap_err();
    let sentence = format!("{text:?} is not a decimal number; write it like 3, -0.5 or 1e30");
    assert_eq!(error.to_string(), sentence);
}

#[test]
fn what_is_not_a_number_is_refused() {
    for text in
        ["", ".", "-", "1e", "e5", "0x10", "1_000", "NaN", "inf", " 1", "1 ", "٣", "1e9223372036854775808"]
    {
        refuses(text);
    }
    let long = "x".repeat(1_000_000);
    assert!(long.parse::<Number>().unwrap_err().to_string().len() < 200);
}

#[test]
fn order_is_by_size() {
    let ordered =
        ["-1e30", "-12", "-1.5", "-0.1", "0", "0.099", "0.1", "0.11", "1", "1.5", "9", "10", "1e30"];
    let numbers: Vec<Number> = ordered.iter().map(|text| number(text)).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
}

#[test]
fn an_integer_fits_or_does_not() {
    assert_eq!(number("9223372036854775807").as_i64(), Some(i64::MAX));
    assert_eq!(number("-9223372036854775808").as_i64(), Some(i64::MIN));
    assert_eq!(number("9223372036854775808").as_i64(), None);
    assert_eq!(number("1e18").as_i64(), Some(1_000_000_000_000_000_000));
    assert_eq!(number("1e999999999").as_i64(), None);
    assert_eq!(number("0.5").as_i64(), None);
}

#[test]
fn a_float_is_what_its_bits_say() {
    assert_eq!(Number::from_f64(0.5), Some(number("0.5")));
    assert_ne!(Number::from_f64(0.1), Some(number("0.1")));
    assert_eq!(number("0.1").as_exact_f64(), None);
    assert_eq!(number("0.5").as_exact_f64(), Some(0.5));
    assert_eq!(number("1e400").as_exact_f64(), None);
    assert_eq!(Number::from_f64(f64::NAN), None);
    assert_eq!(Number::from_f64(f64::NEG_INFINITY), None);
}

proptest! {
    #[test]
    fn every_integer_survives(integer: i64) {
        prop_assert_eq!(Number::from(integer).as_i64(), Some(integer));
        prop_assert_eq!(number(&integer.to_string()), Number::from(integer));
    }

    #[test]
    fn every_finite_float_survives(float in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
        prop_assert_eq!(Number::from_f64(float).unwrap().as_exact_f64(), Some(float));
    }

    #[test]
    fn writing_and_reading_are_inverse(text in "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,4})?") {
        let once = number(&text);
        prop_assert_eq!(number(&once.to_string()), once);
    }

    #[test]
    fn order_agrees_with_integers(a: i64, b: i64) {
        prop_assert_eq!(Number::from(a).cmp(&Number::from(b)), a.cmp(&b));
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}") {
        let _ = text.parse::<Number>();
    }
}
