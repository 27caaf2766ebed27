//! Whatever the OpenAPI document allows, and much that it does not, is answered as the document says.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::{
    client::Browser,
    process::{Service, folder, stdout},
};

/// Where it writes down what it sent and got.
const CASES: &str = "cases.yaml";

/// Sessions: their token opens none, so that a browser asks for these.
const SESSIONS: &str = "^/auth/(logout|sessions)";

#[tokio::test]
async fn service_keeps_to_its_document_for_a_person() {
    let Some(python) = python() else { return };
    let data = folder();
    let service = Service::start_without_limits(data.path());
    let mut browser = Browser::at(service.address());
    browser.sign_in().await;
    let token = browser.post("/auth/refresh").await.json().await["access_token"].as_str().expect("a token").to_owned();
    let person = format!("[auth.openapi.bearer]\nbearer = \"{token}\"\n");
    let mut asked = schemathesis(&python, data.path(), &person);
    asked.args([
        "run",
        &format!("http://{}/openapi.json", service.address()),
        "--max-time",
        "60",
        "--report-vcr-path",
        CASES,
    ]);
    asked.args(["--exclude-path-regex", SESSIONS, "--exclude-operation-id", "erase_me"]);
    assert_passed(&asked.output().expect("COMPASS_PYTHON can be run"), data.path());
}

#[tokio::test]
async fn service_keeps_to_its_document_for_a_browser_with_its_sessions() {
    let Some(python) = python() else { return };
    let data = folder();
    let service = Service::start_without_limits(data.path());
    let mut browser = Browser::at(service.address());
    browser.sign_in().await;
    let cookies = browser.cookies();
    let session = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("compass_session=")).expect("a session");
    let browser = format!("[auth.openapi.session]\napi_key = \"{session}\"\n");
    let mut asked = schemathesis(&python, data.path(), &browser);
    asked.args([
        "run",
        &format!("http://{}/openapi.json", service.address()),
        "--max-time",
        "20",
        "--report-vcr-path",
        CASES,
    ]);
    // The others end the session of whoever asks; a visitor asks for these.
    asked.args(["--include-path-regex", "^/auth/sessions", "--exclude-operation-id", "end_sessions"]);
    assert_passed(&asked.output().expect("COMPASS_PYTHON can be run"), data.path());
}

#[tokio::test]
async fn service_keeps_to_its_document_for_a_visitor() {
    let Some(python) = python() else { return };
    let data = folder();
    let service = Service::start_without_limits(data.path());
    let mut asked = schemathesis(&python, data.path(), "");
    asked.args([
        "run",
        &format!("http://{}/openapi.json", service.address()),
        "--max-time",
        "30",
        "--report-vcr-path",
        CASES,
    ]);
    assert_passed(&asked.output().expect("COMPASS_PYTHON can be run"), data.path());
}

/// A Python with the program, which `scripts/test` installs.
fn python() -> Option<std::ffi::OsString> {
    let python = std::env::var_os("COMPASS_PYTHON");
    if python.is_none() {
        println!("not tried: COMPASS_PYTHON names no Python with schemathesis");
    }
    python
}

fn schemathesis(python: &std::ffi::OsStr, folder: &Path, who: &str) -> Command {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis");
    let configuration = std::fs::read_to_string(files.join("schemathesis.toml")).expect("the file is there");
    let own = folder.join("schemathesis.toml");
    std::fs::write(&own, format!("{configuration}\n{who}")).expect("the folder is writable");
    let mut command = Command::new(python);
    command.current_dir(folder).env("COMPASS_SCHEMATHESIS_HOOKS", files.join("hooks.py"));
    command.args(["-m", "schemathesis.cli", "--config-file"]).arg(own);
    command
}

fn assert_passed(output: &Output, folder: &Path) {
    let said = stdout(output);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let count = |name: &str| said.lines().find_map(|line| line.trim().strip_prefix(name)?.trim().parse::<usize>().ok());
    let selected =
        said.lines().find_map(|line| line.trim().strip_prefix("Selected: ")?.split('/').next()?.parse().ok());
    assert!(selected.is_some() && count("Tested:") == selected, "not every operation was tried: {said}");
    // How many cases there are in the time depends on the machine; a phase with fewer tried next to nothing.
    let operations: usize = selected.expect("it is some");
    let cases = std::fs::read_to_string(folder.join(CASES)).expect("it writes its cases down");
    for phase in ["coverage", "fuzzing", "stateful"] {
        let name = format!("    name: '{phase}'");
        let tried = cases.lines().filter(|line| *line == name).count();
        assert!(tried >= operations, "{phase}: {tried} cases of {operations} operations\n{said}");
    }
}
