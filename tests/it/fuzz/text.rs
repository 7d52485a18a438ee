//! What a person writes. Whatever is read is shown in a way that is read back as the same.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use terraform_provider_aks::arm::id::{ClusterId, FleetId, check_location, check_pool};
use terraform_provider_aks::upgrade::duration;
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::text::{parse_date, parse_day, parse_time, parse_week_of_month};
use terraform_provider_aks::upgrade::version::{Minor, Version};
use terraform_provider_aks::upgrade::window::edge::BlackoutEdge;
use terraform_provider_aks::upgrade::window::zone;

use super::{damage, fuzz};

const ID: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-1.(é)/providers/Microsoft.ContainerService/managedClusters/prod-1";

fn comes_back<T: FromStr + Display + PartialEq + Debug>(text: &str)
where
    T::Err: Debug,
{
    if let Ok(read) = text.parse::<T>() {
        assert_eq!(read.to_string().parse::<T>().unwrap(), read);
    }
}

#[test]
fn ids() {
    let corpus = [
        ID,
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/fleets/f",
        "system1",
        "westeurope",
    ];
    fuzz("text::ids", 2000, damage::text(&corpus), |text| {
        comes_back::<ClusterId>(text);
        if let Ok(id) = text.parse::<ClusterId>() {
            let shown = id.to_string();
            let is_plain = |c: char| !c.is_control() && !"?#%\\ ".contains(c);
            assert!(
                shown.chars().all(is_plain) && !shown.contains("/../") && shown.split('/').count() == 9,
                "{shown}"
            );
        }
        let _ = (FleetId::parse(text), check_pool(text), check_location(text));
    });
}

#[test]
fn versions() {
    let corpus = ["1.34.2", "1.34", "1.35.0-rc.1", "v1.30.0", "18446744073709551615.0.0", "1.34.2+aks"];
    fuzz("text::versions", 2000, damage::text(&corpus), |text| {
        comes_back::<Version>(text);
        comes_back::<Minor>(text);
        if let Ok(version) = text.parse::<Version>() {
            let _ = (version.minor().previous(), version.is_prerelease());
        }
    });
}

#[test]
fn images() {
    let corpus = [
        "AKSUbuntu-2204gen2containerd-202611.16.0",
        "AKSWindows-2022-containerd-gen2-20348.5622.261111",
        "AKSAzureLinux-V3gen2-999999.99.99",
    ];
    let newest = NodeImage::new(corpus[0]);
    fuzz("text::images", 2000, damage::text(&corpus), |text| {
        let image = NodeImage::new(text.as_str());
        assert_eq!(image.as_str(), text);
        let _ =
            (image.family(), image.published(), image.is_older_than(&newest), newest.is_older_than(&image));
        assert!(!image.is_older_than(&image));
    });
}

#[test]
fn times() {
    let corpus = [
        "1h30m",
        "14d",
        "9223372036854775807s",
        "106751991167300d",
        "0s",
        "02:00",
        "24:00",
        "2026-02-29",
        "2026-12-15",
        "12-15",
        "2026-12-15T18:00:00+01:00",
        "9999-12-31T23:59:60Z",
        "saturday",
        "last",
        "all",
    ];
    fuzz("text::times", 2000, damage::text(&corpus), |text| {
        if let Ok(read) = duration::parse(text) {
            assert_eq!(duration::parse(&duration::display(read)), Ok(read));
        }
        let _ = (
            parse_date(text),
            parse_time(text),
            parse_day(text),
            parse_week_of_month(text),
            BlackoutEdge::parse(text),
        );
    });
}

#[test]
fn zones() {
    let corpus = [
        "Europe/Berlin",
        "W. Europe Standard Time",
        "+02:00",
        "-12:00",
        "UTC",
        "Etc/GMT+12",
        "America/Argentina/Salta",
    ];
    fuzz("text::zones", 60, damage::text(&corpus), |text| {
        if let Ok(read) = zone::parse(text) {
            assert_eq!(zone::parse(&zone::display(&read)), Ok(read));
        }
    });
}
