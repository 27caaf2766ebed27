//! What stands in `deploy` names files, keys and places that there are.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(repository().join("deploy").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The variables that the service knows: those of the documented file, which has every key.
fn known() -> BTreeSet<String> {
    let mut table = String::new();
    let mut known = BTreeSet::from(["COMPASS_CONFIG".to_owned()]);
    for line in read("compass.example.toml").lines().filter_map(|line| line.strip_prefix("# ")) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = format!("{name}_");
        } else if let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| !key.contains(' ')) {
            known.insert(format!("COMPASS_{table}{key}").to_uppercase());
        }
    }
    known
}

/// The variables that a text sets for the service.
fn variables(text: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c: char| !is_name(c)).filter(|word| word.starts_with("COMPASS_"));
    words.map(str::to_owned).collect()
}

#[test]
fn every_variable_is_one_that_the_service_knows() {
    let known = known();
    for name in ["Dockerfile", "compose.yaml", "compass.service"] {
        let used = variables(&read(name));
        assert!(!used.is_empty(), "{name} sets none");
        let unknown: Vec<&String> = used.difference(&known).collect();
        assert!(unknown.is_empty(), "{name} has {unknown:?}; there are {known:?}");
    }
}

#[test]
fn the_image_is_made_of_files_that_there_are() {
    let text = read("Dockerfile").replace("\\\n", " ");
    let ignored = std::fs::read_to_string(repository().join(".dockerignore")).expect("it is there");
    let ignored: Vec<&str> = ignored.lines().collect();
    let mut stages = BTreeSet::new();
    let mut made = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["FROM", _, "AS", stage] => drop(stages.insert(stage)),
            ["RUN", ref command @ ..] if command.starts_with(&["cargo", "build"]) => {
                let after = |name: &str| command.iter().position(|word| *word == name).map(|at| command[at + 1]);
                assert_eq!((after("--package"), after("--bin")), (Some(env!("CARGO_PKG_NAME")), Some("compass")));
                made.insert(format!("/source/target/release/{}", after("--bin").expect("it was just seen")));
            }
            ["COPY", from, source, _] if from.starts_with("--from=") => {
                assert!(stages.contains(from.trim_start_matches("--from=")), "{line}: there is no such stage");
                assert!(made.contains(source), "{line}: nothing makes it");
            }
            ["COPY", source, _] => {
                assert!(repository().join(source).exists(), "{line}: there is no such file");
                assert!(!ignored.contains(&source), "{line}: it is left out by .dockerignore");
            }
            ["COPY" | "ADD", ..] => panic!("{line}: not looked at here"),
            _ => {}
        }
    }
    assert_eq!((stages.len(), made.len()), (1, 1));
    // What the build reads is not left out.
    for needed in ["Cargo.toml", "Cargo.lock", "README.md", "deploy", "examples", "compass-http", "docs"] {
        assert!(repository().join(needed).exists() && !ignored.contains(&needed), "{needed}");
    }
}

#[test]
fn compose_is_yaml_whose_parts_name_each_other() {
    let python = std::env::var_os("COMPASS_PYTHON").expect("COMPASS_PYTHON names a Python: scripts/test makes it");
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
    let file = repository().join("deploy/compose.yaml");
    let output = Command::new(python).args(["-c", script]).arg(&file).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let compose: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let names =
        |of: &Value| -> BTreeSet<String> { of.as_object().into_iter().flatten().map(|(k, _)| k.clone()).collect() };
    let (services, volumes, networks) =
        (names(&compose["services"]), names(&compose["volumes"]), names(&compose["networks"]));
    assert!(services.contains("compass"));
    for (name, service) in compose["services"].as_object().into_iter().flatten() {
        assert!(names(&service["depends_on"]).is_subset(&services), "{name}");
        for network in service["networks"].as_array().into_iter().flatten() {
            assert!(network.as_str().is_some_and(|network| networks.contains(network)), "{name}: {network}");
        }
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let volume = volume.as_str().and_then(|volume| volume.split_once(':')).expect("NAME:PLACE").0;
            assert!(volumes.contains(volume), "{name}: {volume}");
        }
        // Whoever waits for a service that is healthy waits for a check.
        for (needed, how) in service["depends_on"].as_object().into_iter().flatten() {
            let checked = compose["services"][needed]["healthcheck"].is_object();
            assert!(checked || how["condition"] != "service_healthy", "{name} waits for {needed}, which has no check");
        }
    }
    let compass = &compose["services"]["compass"];
    let build =
        file.parent().expect("it lies in a folder").join(compass["build"]["context"].as_str().expect("a folder"));
    assert!(build.join(compass["build"]["dockerfile"].as_str().expect("a file")).is_file());
    // The embedded data lies where the image keeps it.
    let data = compass["volumes"][0].as_str().and_then(|volume| volume.split_once(':')).expect("NAME:PLACE").1;
    assert!(read("Dockerfile").contains(&format!("COMPASS_DATA={data} ")), "{data}");
}
