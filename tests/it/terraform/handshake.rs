//! The variables and the line.

use terraform_provider_aks::terraform::handshake::{COOKIE, Host, Refusal, read};

const PEM: &str = "-----BEGIN CERTIFICATE-----\nAQIDBA==\n-----END CERTIFICATE-----\n";

fn host(variables: &[(&str, &str)]) -> Result<Host, Refusal> {
    let all = [&[COOKIE], variables].concat();
    // The last one wins, as in an environment.
    read(|name| all.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
}

#[track_caller]
fn refuses(variables: &[(&str, &str)], sentence: &str) {
    assert_eq!(host(variables).unwrap_err().to_string(), sentence);
}

#[test]
fn a_person_is_told_what_this_is() {
    let explanation = "This is a Terraform provider: Terraform starts it, people do not.\n\
                       Name it in `required_providers` and run `terraform init`, or run this binary with --help.";
    assert_eq!(read(|_| None).unwrap_err().to_string(), explanation);
    refuses(&[(COOKIE.0, "wrong")], explanation);
}

#[test]
fn protocol_6_may_stand_anywhere_in_the_list() {
    for list in ["6", "5,6", "6,5", "4,x,6", " 5 , 6 ", ""] {
        assert!(host(&[("PLUGIN_PROTOCOL_VERSIONS", list)]).is_ok(), "{list}");
    }
    refuses(
        &[("PLUGIN_PROTOCOL_VERSIONS", "4,5")],
        "Terraform offered the plugin protocols 4,5, this provider speaks 6. \
         Use Terraform 1.0 or newer, or any OpenTofu.",
    );
}

#[test]
fn what_the_host_sets_is_read() {
    let told = host(&[
        ("PLUGIN_CLIENT_CERT", PEM),
        ("PLUGIN_UNIX_SOCKET_DIR", "/run/x"),
        ("PLUGIN_UNIX_SOCKET_GROUP", "terraform"),
        ("PLUGIN_MIN_PORT", "10000"),
        ("PLUGIN_MAX_PORT", "25000"),
    ])
    .unwrap();
    assert_eq!(told.certificate.as_deref(), Some(&[1, 2, 3, 4][..]));
    assert_eq!(told.socket_folder, Some("/run/x".into()));
    assert_eq!(told.socket_group.as_deref(), Some("terraform"));
    assert_eq!(told.ports, 10000..=25000);
    assert!(!told.multiplexes);
}

#[test]
fn what_the_host_sets_wrong_is_refused() {
    refuses(
        &[("PLUGIN_MIN_PORT", "many")],
        "PLUGIN_MIN_PORT is \"many\", not a port; Terraform sets it to a number such as 10000.",
    );
    let error = host(&[("PLUGIN_CLIENT_CERT", "no pem")]).unwrap_err().to_string();
    assert!(error.starts_with("PLUGIN_CLIENT_CERT holds no certificate in PEM ("), "{error}");
}

#[test]
fn the_line_has_six_fields_and_a_seventh_only_on_request() {
    let plain = host(&[]).unwrap();
    assert_eq!(plain.line("unix", "/tmp/p/s", None), "1|6|unix|/tmp/p/s|grpc|\n");
    // One byte is two characters of base64 and two of padding that must not be there.
    assert_eq!(plain.line("unix", "/tmp/p/s", Some(&[255])), "1|6|unix|/tmp/p/s|grpc|/w\n");
    let multiplexing = host(&[("PLUGIN_MULTIPLEX_GRPC", "true")]).unwrap();
    assert_eq!(multiplexing.line("tcp", "127.0.0.1:10000", None), "1|6|tcp|127.0.0.1:10000|grpc||false\n");
}
