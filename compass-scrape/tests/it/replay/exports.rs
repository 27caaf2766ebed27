use compass_core::{Count, CreatorId, SourceKind};
use compass_scrape::replay::{Recording, ReplayOptions, read};

use super::Inputs;
use crate::parse::fixtures;

const HISTORY: &str = "\u{FEFF}\"Date\",\"Followers\"\n\"April 16\",\"38470\"\n\"April 17\",\"38480\"";

fn options() -> ReplayOptions {
    ReplayOptions { exported_on: "2026-04-18".parse().ok(), ..ReplayOptions::default() }
}

fn reasons(recording: &Recording) -> Vec<(&str, &str)> {
    let short = |input: &str| input.rsplit('/').next().map_or(0, str::len);
    recording
        .refused
        .iter()
        .map(|refused| (&refused.input[refused.input.len() - short(&refused.input)..], refused.reason.as_str()))
        .collect()
}

#[test]
fn an_export_belongs_to_the_creator_who_has_its_handle() {
    let inputs = Inputs::new();
    let paths = [inputs.file("page.html", fixtures::profile()), inputs.file("FollowerHistory.csv", HISTORY)];
    for handle in [None, "ada.l".parse().ok()] {
        let recording = read(&paths, &ReplayOptions { handle, ..options() });
        let [ada] = recording.creators.as_slice() else { panic!("{recording:?}") };
        assert_eq!((ada.id, ada.handle.as_str()), (CreatorId::parse("7065499344158344198").ok(), "ada.l"));
        assert_eq!((ada.profiles.len(), ada.own.as_ref().unwrap().days.len()), (1, 2));
    }
}

#[test]
fn an_export_alone_is_a_creator_without_an_id() {
    let inputs = Inputs::new();
    let path = inputs.file("FollowerHistory.csv", HISTORY);
    let recording = read(std::slice::from_ref(&path), &ReplayOptions { handle: "ada".parse().ok(), ..options() });
    let [ada] = recording.creators.as_slice() else { panic!("{recording:?}") };
    assert_eq!((ada.id, ada.handle.as_str(), ada.profiles.len()), (None, "ada", 0));
    let look = ada.own.as_ref().unwrap().looks().last().unwrap();
    assert_eq!((look.source, look.counts.followers), (SourceKind::StudioExport, Count::exact(38_480).ok()));

    let nobodys = read(&[path], &options());
    assert_eq!(reasons(&nobodys), [("FollowerHistory.csv", "missing_handle")]);
}

#[test]
fn an_export_of_another_handle_is_another_creator() {
    let inputs = Inputs::new();
    let paths = [inputs.file("page.html", fixtures::profile()), inputs.file("FollowerHistory.csv", HISTORY)];
    let recording = read(&paths, &ReplayOptions { handle: "bob".parse().ok(), ..options() });
    let handles: Vec<&str> = recording.creators.iter().map(|creator| creator.handle.as_str()).collect();
    assert_eq!(handles, ["ada.l", "bob"]);
}

#[test]
fn the_tables_of_a_folder_are_one_export_and_other_files_are_told() {
    let inputs = Inputs::new();
    inputs.file("FollowerHistory.csv", HISTORY);
    inputs.file("Overview.csv", "Date,Likes\nApril 17,5");
    inputs.file("page.html", fixtures::profile());
    inputs.file(".hidden", "");
    let folder = inputs.path("");
    let recording = read(&[folder], &ReplayOptions { handle: "ada".parse().ok(), ..options() });
    let [ada] = recording.creators.as_slice() else { panic!("{recording:?}") };
    assert_eq!(ada.own.as_ref().unwrap().days.len(), 2);
    assert_eq!(reasons(&recording), [("page.html", "unknown_format")]);
}

#[test]
fn a_folder_without_an_export_asks_for_its_files() {
    let inputs = Inputs::new();
    inputs.file("page.html", fixtures::profile());
    let recording = read(&[inputs.path("")], &options());
    assert!(recording.creators.is_empty());
    assert!(
        recording.refused[0].detail.contains("no file of the folder is one of an export"),
        "{:?}",
        recording.refused
    );
}

#[test]
fn the_data_of_a_user_is_known_by_its_content() {
    let inputs = Inputs::new();
    let json = r#"{"App Settings": null, "Profile": {"Profile Info": {"ProfileMap": {"userName": "ada", "followerCount": 7}}}}"#;
    let recording = read(&[inputs.file("saved.json", json)], &options());
    let [ada] = recording.creators.as_slice() else { panic!("{recording:?}") };
    assert_eq!(
        ada.own.as_ref().unwrap().exports.values().next().unwrap().account.as_ref().unwrap().counts.followers,
        Count::exact(7).ok()
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_is_read_once() {
    use std::{io::Write as _, os::fd::AsRawFd as _};

    let (reader, mut writer) = std::io::pipe().unwrap();
    // A thread, for what does not fit into the pipe.
    let page = fixtures::profile();
    let written = std::thread::spawn(move || writer.write_all(page.as_bytes()));
    let recording = read(&[format!("/proc/self/fd/{}", reader.as_raw_fd()).into()], &options());
    drop(reader);
    assert_eq!(recording.creators.len(), 1, "{:?}", recording.refused);
    written.join().unwrap().unwrap();
}
