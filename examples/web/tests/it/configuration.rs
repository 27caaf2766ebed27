//! Where choices come from, and what is said of bad ones.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use crate::process::{Service, compass, folder, run, stderr, stdout, write};

/// The data folder that `compass migrate` makes with this file, these variables and these flags.
fn chosen(file: &str, variables: &[(&str, &str)], flags: &[&str]) -> Option<String> {
    let here = folder();
    write(here.path(), "compass.toml", file);
    let output = compass(here.path()).arg("migrate").args(flags).envs(variables.iter().copied()).output();
    let output = output.expect("the binary runs");
    assert!(output.status.success(), "{}", stderr(&output));
    ["compass-data", "of-file", "of-environment", "of-flags"]
        .into_iter()
        .find(|name| here.path().join(name).join("compass.db").is_file())
        .map(str::to_owned)
}

#[test]
fn flags_beat_the_environment_which_beats_the_file_which_beats_the_default() {
    let (file, environment) = ("data = 'of-file'", ("COMPASS_DATA", "of-environment"));
    assert_eq!(chosen("", &[], &[]).as_deref(), Some("compass-data"));
    assert_eq!(chosen(file, &[], &[]).as_deref(), Some("of-file"));
    assert_eq!(chosen(file, &[environment], &[]).as_deref(), Some("of-environment"));
    assert_eq!(chosen(file, &[environment], &["--data", "of-flags"]).as_deref(), Some("of-flags"));
}

#[test]
fn a_named_file_is_read_instead() {
    let here = folder();
    write(here.path(), "compass.toml", "no such key = 1");
    write(here.path(), "other.toml", "data = 'of-file'");
    let output = run(here.path(), &["migrate", "--config", "other.toml"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(here.path().join("of-file/compass.db").is_file());
}

/// What is said of a configuration that cannot be used. One that could be would fail otherwise: it has no port.
fn refused(file: &str, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let here = folder();
    write(here.path(), "compass.toml", file);
    let output = compass(here.path())
        .args(["serve", "--listen", "nowhere"])
        .args(arguments)
        .envs(variables.iter().copied())
        .output();
    let output = output.expect("the binary runs");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(!here.path().join("compass-data").exists());
    stderr(&output)
}

#[test]
fn an_unknown_key_is_named_with_its_origin() {
    let said = refused("lisen = '127.0.0.1:1'", &[], &[]);
    assert!(said.contains("lisen") && said.contains("compass.toml") && said.contains("listen"), "{said}");
    let said = refused("", &[("COMPASS_LISEN", "127.0.0.1:1")], &[]);
    assert!(said.contains("COMPASS_LISEN") && said.contains("environment"), "{said}");
}

#[test]
fn what_tests_read_and_what_kubernetes_tells_is_no_choice_of_the_service() {
    let others = [
        ("COMPASS_PYTHON", "x"),
        ("COMPASS_UPDATE_PICTURES", "1"),
        ("COMPASS_TEST_ANYTHING", "x"),
        ("COMPASS_SERVICE_HOST", "10.0.0.1"),
        ("COMPASS_SERVICE_PORT_HTTP", "8000"),
        ("COMPASS_PORT", "tcp://10.0.0.1:8000"),
        ("COMPASS_PORT_8000_TCP", "tcp://10.0.0.1:8000"),
        ("COMPASS_PORT_8000_TCP_ADDR", "10.0.0.1"),
        ("COMPASS_WEB_SERVICE_HOST", "10.0.0.1"),
    ];
    assert_eq!(chosen("", &others, &[]).as_deref(), Some("compass-data"));
    // Somebody who means the port is told that this is no key.
    assert!(refused("", &[("COMPASS_PORT", "8080")], &[]).contains("COMPASS_PORT"));
}

#[test]
fn a_key_that_would_do_nothing_is_refused() {
    let said = refused("public_url = 'https://compass.example'", &[], &[]);
    assert!(said.contains("only of use") && said.contains("public_url"), "{said}");
    let said = refused("[google]\ncolour = 'red'", &[], &[]);
    assert!(said.contains("google.colour") && said.contains("client_id"), "{said}");
}

#[test]
fn a_value_that_does_not_fit_is_named_with_its_origin() {
    let said = refused("live = 'perhaps'", &[], &[]);
    assert!(said.contains("live") && said.contains("compass.toml"), "{said}");
    let said = refused("", &[("COMPASS_LIVE", "perhaps")], &[]);
    assert!(said.contains("COMPASS_LIVE") && said.contains("true or false"), "{said}");
    let said = refused("", &[("COMPASS_SCHEDULE", "daily")], &[]);
    assert!(said.contains("COMPASS_SCHEDULE") && said.contains("true or false"), "{said}");
    let said = refused("", &[("COMPASS_LIMITS", "few")], &[]);
    assert!(said.contains("COMPASS_LIMITS") && said.contains("true or false"), "{said}");
    for (file, variable) in [("0", "-1"), ("'many'", "1.5"), ("1.5", ""), ("-1", "0")] {
        let said = refused(&format!("connections_per_address = {file}"), &[], &[]);
        assert!(said.contains("connections_per_address") && said.contains("from 1"), "{said}");
        let said = refused("", &[("COMPASS_CONNECTIONS_PER_ADDRESS", variable)], &[]);
        assert!(said.contains("COMPASS_CONNECTIONS_PER_ADDRESS") && said.contains("from 1"), "{said}");
    }
    let said = refused("trusted_proxies = '10.0.0.0/8, everybody'", &[], &[]);
    assert!(said.contains("trusted_proxies") && said.contains("everybody"), "{said}");
    let said = refused("", &[("COMPASS_LOG", "loud")], &[]);
    assert!(said.contains("log") && said.contains("info"), "{said}");
}

#[test]
fn a_contact_that_no_operator_could_read_is_refused() {
    let here = folder();
    let output = run(here.path(), &["serve", "--listen", "127.0.0.1:0", "--contact", "two\nlines"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("--contact"), "{}", stderr(&output));
}

#[test]
fn a_site_that_is_none_and_an_address_that_is_none_are_refused() {
    let here = folder();
    let refused = |name: &str, value: &str| {
        let output = compass(here.path()).args(["serve", "--listen", "127.0.0.1:0"]).env(name, value).output();
        let output = output.expect("the binary runs");
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        stderr(&output)
    };
    let said = refused("COMPASS_ALLOWED_ORIGINS", "https://app.example, *");
    assert!(said.contains("allowed_origins") && said.contains("\"*\""), "{said}");
    let said = refused("COMPASS_METRICS", "nowhere");
    assert!(said.contains("--metrics") && said.contains("nowhere"), "{said}");
}

#[test]
fn a_missing_file_is_said_to_be_missing() {
    let said = refused("", &[], &["--config", "nowhere.toml"]);
    assert!(said.contains("nowhere.toml"), "{said}");
}

#[test]
fn no_message_shows_a_secret() {
    const SECRET: &str = "sesame";
    let here = folder();
    for file in
        ["token_secret = sesame", "token_secret = ['sesame']", "token_secret = 'sesame", "database = [\"sesame\"]"]
    {
        let said = refused(file, &[], &[]);
        assert!(said.contains("compass.toml") && !said.contains(SECRET), "{file}: {said}");
    }
    let too_short = ("COMPASS_TOKEN_SECRET", "sesame", 1);
    let of_no_kind = ("COMPASS_DATABASE", "mysql://me:sesame@nowhere/db", 2);
    for (name, value, status) in [too_short, of_no_kind] {
        let output = compass(here.path()).args(["serve", "--listen", "127.0.0.1:0"]).env(name, value).output();
        let output = output.expect("the binary runs");
        assert_eq!(output.status.code(), Some(status), "{name}");
        assert!(!stderr(&output).contains(SECRET), "{}", stderr(&output));
    }
}

#[test]
fn a_secret_that_cannot_sign_is_named_with_what_to_do() {
    let here = folder();
    let long = "s".repeat(64);
    let start = |variables: &[(&str, &str)]| {
        let output = compass(here.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .envs(variables.iter().copied())
            .output()
            .expect("the binary runs");
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let doctor =
            compass(here.path()).arg("doctor").env("PATH", here.path()).envs(variables.iter().copied()).output();
        let told =
            stderr(&output).lines().last().and_then(|line| line.strip_prefix("error: ")).expect("why").to_owned();
        let doctor = stdout(&doctor.expect("the binary runs"));
        assert!(doctor.contains(&told), "the doctor says the same: {told}\n{doctor}");
        told
    };
    let data = here.path().join("compass-data");
    fs::create_dir(&data).expect("the folder is writable");
    // As a power cut may have left it.
    let file = write(&data, "token-secret", "");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is ours");
    let said = start(&[]);
    assert!(said.contains("compass-data/token-secret has 0 bytes") && said.contains("delete the file"), "{said}");
    fs::remove_file(&file).expect("it is ours");
    let said = start(&[("COMPASS_TOKEN_SECRET", "sesame")]);
    assert!(said.starts_with("token_secret has 6 bytes") && said.contains("openssl rand"), "{said}");
    let said = start(&[("COMPASS_TOKEN_SECRET", &long), ("COMPASS_RETIRED_TOKEN_SECRET", "sesame")]);
    assert!(said.starts_with("retired_token_secret has 6 bytes") && said.contains("leave it out"), "{said}");
    let said = start(&[("COMPASS_TOKEN_SECRET", &long), ("COMPASS_RETIRED_TOKEN_SECRET", &long)]);
    assert!(said.starts_with("retired_token_secret is the secret that is in use"), "{said}");
}

#[test]
fn what_is_kept_is_for_its_owner_alone() {
    let here = folder();
    let data = here.path().join("data");
    let output = run(here.path(), &["migrate", "--data", "data"]);
    assert!(output.status.success(), "{}", stderr(&output));
    drop(Service::start(&data));
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("token-secret")), 0o600);
}
