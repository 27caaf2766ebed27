//! The commands: help, usage, and the ones that need no input.

use serde_json::Value;

use crate::process::{compass, folder, run, stderr, stdout};

#[test]
fn help_names_every_command() {
    let here = folder();
    let output = run(here.path(), &["--help"]);
    assert!(output.status.success());
    for command in
        ["serve", "analyze", "import", "export", "refresh", "openapi", "migrate", "sign-out", "doctor", "completions"]
    {
        assert!(stdout(&output).contains(command), "{}", stdout(&output));
        let its = run(here.path(), &[command, "--help"]);
        assert!(its.status.success() && stdout(&its).contains("Usage: compass"), "{command}");
    }
}

#[test]
fn bad_usage_has_its_own_exit_status() {
    let here = folder();
    let bad: [&[&str]; 12] = [
        &["nonsense"],
        &["--nonsense"],
        &["analyze"],
        &["analyze", "x", "--format", "xml"],
        &["analyze", "x", "--zone", "Middle/Earth"],
        &["refresh", "not a handle"],
        &["import"],
        &["import", "x", "--observed-at", "yesterday"],
        &["export", "--format", "csv"],
        &["export", "--format", "xml"],
        &["migrate", "--database", "mysql://here/kept"],
        &["--listen", "nonsense"],
    ];
    for arguments in bad {
        let output = run(here.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!stderr(&output).is_empty() && stdout(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn openapi_prints_the_document() {
    let here = folder();
    let output = run(here.path(), &["openapi"]);
    assert!(output.status.success());
    assert_eq!(
        stdout(&output),
        include_str!("../../../../compass-http/openapi.json"),
        "as the library describes itself"
    );
}

#[test]
fn migrate_may_be_run_again() {
    let here = folder();
    for _ in 0..2 {
        let output = run(here.path(), &["migrate", "--database", "sqlite://kept.db"]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stderr(&output).contains("kept.db"));
    }
    assert!(here.path().join("kept.db").is_file());
}

#[test]
fn a_database_in_no_folder_says_so() {
    let here = folder();
    let output = run(here.path(), &["migrate", "--database", "sqlite://nowhere/kept.db"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("nowhere"), "{}", stderr(&output));
}

#[test]
fn recorded_refresh_is_read_again_by_analyze() {
    let here = folder();
    let refreshed = run(here.path(), &["refresh", "sample.fresh", "--record", "kept", "--format", "json"]);
    assert!(refreshed.status.success(), "{}", stderr(&refreshed));
    let kept: Vec<_> = std::fs::read_dir(here.path().join("kept")).expect("it was made").collect();
    let files = kept.iter().map(|file| file.as_ref().expect("it is listed").path().display().to_string());
    let arguments: Vec<String> = ["analyze", "--format", "json"].map(str::to_owned).into_iter().chain(files).collect();
    let analyzed = run(here.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(analyzed.status.success(), "{}", stderr(&analyzed));
    let [refreshed, analyzed] = [&refreshed, &analyzed].map(|output| {
        let mut report: Value = serde_json::from_str(&stdout(output)).expect("it is JSON");
        let mut creator = report["creators"][0].take();
        // Growth is told as of the report, which a refresh makes a moment after its look.
        let videos = creator["videos"].as_array_mut().into_iter().flatten();
        videos.for_each(|video| drop(video["growth"].take()));
        creator
    });
    assert!(!analyzed["videos"].as_array().expect("there are posts").is_empty());
    for part in ["handle", "id", "counts", "videos"] {
        assert_eq!(refreshed[part], analyzed[part], "{part}");
    }
}

#[test]
fn recording_without_a_browser_or_into_no_folder_says_what_to_do() {
    let here = folder();
    let refresh = ["refresh", "sample.fresh", "--record", "kept"];
    let output = compass(here.path()).env("PATH", here.path()).args(refresh).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("install chromium and chromium-driver"), "{}", stderr(&output));
    let output = run(here.path(), &["refresh", "sample.fresh", "--record", "/proc/kept"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("choose another folder with --record FOLDER"), "{}", stderr(&output));
}

#[test]
fn refresh_looks_once_and_reports() {
    let here = folder();
    let without_browser = |handle: &str| {
        let output =
            compass(here.path()).env("PATH", here.path()).args(["refresh", handle, "--format", "json"]).output();
        output.expect("the binary runs")
    };
    let output = without_browser("@sample.fresh");
    assert!(output.status.success(), "{}", stderr(&output));
    let report: Value = serde_json::from_str(&stdout(&output)).expect("it is JSON");
    assert_eq!(report["schema"], "compass.report/1");
    assert_eq!(report["creators"][0]["handle"], "sample.fresh");
    assert_eq!(report["creators"][0]["videos"].as_array().map(Vec::len), Some(5));

    let output = without_browser("nobody.at.all");
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).is_empty() && stderr(&output).contains("not_found"), "{}", stderr(&output));
}

#[test]
fn a_shell_is_told_how_to_complete_every_command() {
    let here = folder();
    for shell in ["bash", "zsh", "fish"] {
        let output = run(here.path(), &["completions", shell]);
        assert!(output.status.success(), "{}", stderr(&output));
        for command in ["serve", "analyze", "doctor"] {
            assert!(stdout(&output).contains(command), "{shell}");
        }
    }
}
