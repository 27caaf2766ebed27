//! `compass export` and `compass import`: what goes out comes in again.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::Path,
    process::{Output, Stdio},
    sync::Arc,
};

use compass_core::testing::FixedClock;
use compass_store::PgStore;

use crate::{
    client::Browser,
    fixtures::{lines, posts},
    process::{Service, compass, folder, most_memory, run, stderr, stdout, write},
};

/// A database with nine posts of one account.
fn filled(folder: &Path) {
    write(folder, "posts.jsonl", lines(&posts()));
    let output = run(folder, &["import", "posts.jsonl", "--database", "sqlite://first.db"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("read 1 observations of profiles and 9 of posts"), "{}", stderr(&output));
    assert!(stdout(&output).is_empty());
}

fn exported(folder: &Path, arguments: &[&str]) -> Output {
    let output = run(folder, &[&["export"], arguments].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    output
}

#[test]
fn every_format_goes_from_one_database_to_the_next() {
    let here = folder();
    filled(here.path());
    let first = stdout(&exported(here.path(), &["--database", "sqlite://first.db"]));
    assert!(first.starts_with("{\"type\":\"header\",\"schema\":\"compass.observations/1\"}\n{\"type\":\"profile\","));
    assert!(first.ends_with("{\"type\":\"end\",\"profiles\":1,\"posts\":9}\n"));
    for (format, out, files) in [
        ("jsonl", "all.jsonl", ["all.jsonl", "all.jsonl"]),
        ("csv", "tables", ["tables/profiles.csv", "tables/posts.csv"]),
        ("parquet", "columns", ["columns/profiles.parquet", "columns/posts.parquet"]),
    ] {
        let arguments = ["--format", format, "--out", out, "--database", "sqlite://first.db"];
        let said = stderr(&exported(here.path(), &arguments));
        assert_eq!(said, "exported 1 observations of profiles and 9 of posts\n", "{format}");
        let copy = format!("sqlite://{format}.db");
        // Posts before profiles, and twice over.
        for _ in 0..2 {
            let imported = run(here.path(), &["import", files[1], files[0], "--database", &copy]);
            assert!(imported.status.success(), "{format}: {}", stderr(&imported));
        }
        assert_eq!(stdout(&exported(here.path(), &["--database", &copy])), first, "{format}");
        let again = run(here.path(), &["import", out, "--again", "--database", &copy]);
        assert!(stderr(&again).contains("\n0 of them came to the store"), "{format}: {}", stderr(&again));
    }
    let left: Vec<_> = fs::read_dir(here.path().join("tables")).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn an_export_through_a_pipe_and_gzip_is_imported() {
    let here = folder();
    filled(here.path());
    let first = exported(here.path(), &["--database", "sqlite://first.db"]).stdout;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &first).unwrap();
    write(here.path(), "all.jsonl.gz", packed.finish().unwrap());
    let output = run(here.path(), &["import", "all.jsonl.gz", "--database", "sqlite://second.db"]);
    assert!(output.status.success(), "{}", stderr(&output));
    write(here.path(), "all.jsonl", &first);
    let file = fs::File::open(here.path().join("all.jsonl")).unwrap();
    let piped = compass(here.path()).args(["import", "-", "--database", "sqlite://third.db"]).stdin(file).output();
    assert!(piped.unwrap().status.success());
    for copy in ["sqlite://second.db", "sqlite://third.db"] {
        assert!(exported(here.path(), &["--database", copy]).stdout == first, "{copy}");
    }
}

/// Observations of so many accounts with twenty posts each, as an export has them.
fn observations(accounts: u64) -> String {
    let seen = r#""observed_at":"2026-05-01T12:00:00Z","source":"page","recorded_at":"2026-05-01T12:00:01Z""#;
    let mut all = String::from("{\"type\":\"header\",\"schema\":\"compass.observations/1\"}\n");
    for account in 1..=accounts {
        all += &format!(
            "{{\"type\":\"profile\",\"creator\":\"{account}\",\"handle\":\"account.{account}\",\"nickname\":\"An account\",\"bio\":\"\",\
             \"verified\":false,\"private\":false,\"language\":\"en\",\"created_at\":null,{seen},\"counts\":{{\"followers\":{{\"exact\":1000}}}}}}\n"
        );
        for post in 0..20 {
            let id = ((1_777_000_000_u64 - post * 86_400) << 32) + account;
            let caption =
                format!("Sourdough {post}, slowly: the crust tells when it is done. {}", "Wait for it. ".repeat(20));
            all += &format!(
                "{{\"type\":\"post\",\"creator\":\"{account}\",\"post\":\"{id}\",\"created_at\":\"2026-04-01T12:00:00Z\",\
                 \"created_at_derived\":false,\"kind\":\"video\",\"duration\":30,\"caption\":\"{caption}\",\"hashtags\":[\"bread\"],\"sound\":null,\
                 \"language\":\"en\",{seen},\"pinned\":false,\"counts\":{{\"views\":{{\"exact\":{}}}}}}}\n",
                1_000 + post
            );
        }
    }
    all + &format!("{{\"type\":\"end\",\"profiles\":{accounts},\"posts\":{}}}\n", accounts * 20)
}

#[test]
fn nine_times_as_much_takes_no_more_memory_to_import_and_to_export() {
    let here = folder();
    let [few, many] = [300, 2_700].map(|accounts| {
        let all = observations(accounts);
        let database = format!("sqlite://{accounts}.db");
        let mut import = compass(here.path());
        import.args(["import", "-", "--database", &database]).stdin(Stdio::piped()).stderr(Stdio::null());
        let mut import = import.spawn().unwrap();
        let mut stdin = import.stdin.take().unwrap();
        stdin.write_all(all.as_bytes()).unwrap();
        let importing = most_memory(import.id()).expect("it waits for more");
        drop(stdin);
        assert!(import.wait().unwrap().success());

        let mut export = compass(here.path());
        let mut export = export.args(["export", "--database", &database]).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = export.stdout.take().unwrap();
        let (mut length, mut exporting, mut piece) = (0, 0, vec![0; 1 << 16]);
        while let Ok(n @ 1..) = out.read(&mut piece) {
            length += n;
            exporting = most_memory(export.id()).unwrap_or(exporting);
        }
        assert!(export.wait().unwrap().success());
        assert!(length * 2 > all.len(), "{length} of {}", all.len());
        (all.len() / 1_024, importing, exporting)
    });
    let more = many.0 - few.0;
    assert!(many.1 < few.1 + more / 3, "import: {few:?} {many:?} KiB");
    assert!(many.2 < few.2 + more / 3, "export: {few:?} {many:?} KiB");
}

#[test]
fn one_account_can_be_exported_alone() {
    let here = folder();
    let database = ["--database", "sqlite://samples.db"];
    for handle in ["sample.fresh", "sample.quiet"] {
        let refreshed = compass(here.path()).env("PATH", here.path()).args(["refresh", handle]).args(database).output();
        assert!(refreshed.unwrap().status.success());
    }
    let all = stdout(&exported(here.path(), &database));
    let alone = stdout(&exported(here.path(), &[&["--handle", "@Sample.Fresh"], &database[..]].concat()));
    let fresh: Vec<&str> = all.lines().filter(|line| line.contains("sample.fresh")).collect();
    assert_eq!(fresh.len(), 1);
    let id = fresh[0].split("\"creator\":").nth(1).unwrap().split(',').next().unwrap();
    let of_account = |line: &&str| line.contains(&format!("\"creator\":{id},"));
    assert_eq!(
        alone.lines().filter(of_account).collect::<Vec<_>>(),
        all.lines().filter(of_account).collect::<Vec<_>>()
    );
    assert_eq!(alone.lines().count(), 2 + all.lines().filter(of_account).count());
    let both = ["--handle", "sample.fresh", "--handle", "sample.quiet"];
    assert_eq!(stdout(&exported(here.path(), &[&both, &database[..]].concat())), all);

    let nobody = run(here.path(), &[&["export", "--handle", "nobody"], &database[..]].concat());
    assert_eq!(nobody.status.code(), Some(1));
    assert!(stderr(&nobody).contains("error: @nobody: nobody was observed with this handle"), "{}", stderr(&nobody));
}

#[test]
fn what_is_not_taken_is_told_and_the_rest_is_kept() {
    let here = folder();
    filled(here.path());
    exported(here.path(), &["--format", "csv", "--out", "tables", "--database", "sqlite://first.db"]);
    let posts = fs::read_to_string(here.path().join("tables/posts.csv")).unwrap();
    let row = posts.lines().nth(2).unwrap();
    write(here.path(), "tables/posts.csv", posts.replacen(row, &row.replacen("video", "film", 1), 1));
    let output = run(here.path(), &["import", "tables", "--database", "sqlite://second.db"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("read 1 observations of profiles and 8 of posts"), "{said}");
    assert!(
        said.contains("refused: tables/posts.csv: bad_value: line 3: kind: \"film\": it is neither video nor photo"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_imported_says_why() {
    let here = folder();
    filled(here.path());
    exported(here.path(), &["--format", "parquet", "--out", "columns", "--database", "sqlite://first.db"]);
    let whole = fs::read(here.path().join("columns/posts.parquet")).unwrap();
    write(here.path(), "cut.parquet", &whole[..whole.len() / 2]);
    let all = stdout(&exported(here.path(), &["--database", "sqlite://first.db"]));
    let cut: String = all.lines().take(5).map(|line| format!("{line}\n")).collect();
    write(here.path(), "cut.jsonl", cut);
    write(here.path(), "next.jsonl", all.replacen("observations/1", "observations/2", 1));
    write(here.path(), "words.txt", "just words");
    fs::copy(here.path().join("columns/posts.parquet"), here.path().join("alone.parquet")).unwrap();
    for (input, said) in [
        ("cut.parquet", "cut.parquet: unreadable: the file is no sound Parquet file, was cut"),
        ("cut.jsonl", "cut.jsonl: unreadable: the file was cut or changed: line 5 is not the last of an export"),
        ("next.jsonl", "it says \"compass.observations/2\""),
        ("alone.parquet", "no profile of account 7065 is known"),
        ("words.txt", "words.txt: unknown_format"),
        ("nowhere.json", "nowhere.json: unreadable"),
    ] {
        let output = run(here.path(), &["import", input, "--database", &format!("sqlite://{input}.db")]);
        assert_eq!(output.status.code(), Some(1), "{input}");
        assert!(stderr(&output).contains(&format!("refused: {input}")), "{input}: {}", stderr(&output));
        assert!(stderr(&output).contains(said), "{input}: {}", stderr(&output));
    }
}

#[tokio::test]
async fn audience_of_an_own_export_is_kept_for_everybody_once() {
    let here = folder();
    let file = "FollowerGender_2025-02-12_1739361600_ada.csv";
    write(here.path(), file, "Gender,Distribution\nFemale,0.59\nMale,0.41\nOther,0\n");
    let data = here.path().join("data");
    let import = ["import", file, "--data", data.to_str().unwrap()];
    let first = run(here.path(), &import);
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    assert!(stderr(&first).contains("@ada: 1 audience of the own account\n"), "{}", stderr(&first));
    assert!(stderr(&first).contains("everybody who asks this service for the audience of @ada"), "{}", stderr(&first));
    let again = run(here.path(), &import);
    assert!(stderr(&again).contains("of the own account, known already\n"), "{}", stderr(&again));

    let service = Service::start(&data);
    let mut person = Browser::at(service.address());
    person.sign_in().await;
    for browser in [&mut person, &mut Browser::at(service.address())] {
        let shown = browser.get("/analytics/ada/audience").await.json().await;
        assert!(shown["audience"].to_string().contains("0.59"), "{shown}");
    }
    drop(service);

    let id = stderr(&first).split("--forget ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let forget = ["import", "--forget", &id, "--data", data.to_str().unwrap()];
    let forgotten = run(here.path(), &forget);
    assert_eq!((forgotten.status.code(), stderr(&forgotten)), (Some(0), "it is taken away\n".to_owned()));
    let gone = run(here.path(), &forget);
    assert_eq!(gone.status.code(), Some(1));
    assert!(stderr(&gone).contains("error: the operator imported no own export of this id"), "{}", stderr(&gone));
    let anew = run(here.path(), &import);
    assert!(stderr(&anew).contains("of the own account\n"), "{}", stderr(&anew));
}

#[test]
fn an_own_export_without_an_audience_is_for_its_owner_to_bring() {
    let here = folder();
    let json = r#"{"Profile": {"Profile Info": {"ProfileMap": {"userName": "ada", "followerCount": 7}}}}"#;
    write(here.path(), "user_data_tiktok.json", json);
    let refused = run(here.path(), &["import", "user_data_tiktok.json"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    assert!(said.contains("refused: @ada: own_export:") && said.contains("it tells of no audience"), "{said}");
    assert!(said.contains("sign in and bring it yourself") && !said.contains("everybody who asks"), "{said}");
}

#[tokio::test]
async fn posts_without_a_profile_are_left_out_and_counted() {
    let here = folder();
    let database = compass_store::testing::postgres().await;
    let profile = "\"type\":\"profile\",\"creator\":\"1\",";
    let seen_earlier = |line: &str| match line.contains(profile) {
        true => line.replace("2026-05-01T12:00:00Z", "2026-04-01T12:00:00Z") + "\n",
        false => line.to_owned() + "\n",
    };
    write(here.path(), "all.jsonl", observations(2).lines().map(seen_earlier).collect::<String>());
    let imported = run(here.path(), &["import", "all.jsonl", "--database", &database]);
    assert!(imported.status.success(), "{}", stderr(&imported));
    let whole = exported(here.path(), &["--database", &database]);
    assert_eq!(stderr(&whole), "exported 2 observations of profiles and 40 of posts\n");

    let clock = FixedClock::new("2027-01-01T00:00:00Z".parse().unwrap());
    let store = PgStore::connect(&database).await.unwrap().with_clock(Arc::new(clock));
    assert!(store.detach_month("2026-04-15T00:00:00Z".parse().unwrap()).await.unwrap().is_some());
    store.close().await;
    let rest = exported(here.path(), &["--database", &database]);
    let said = stderr(&rest);
    assert!(said.starts_with("exported 1 observations of profiles and 20 of posts\n"), "{said}");
    assert!(said.contains("note: 20 observations of posts are left out"), "{said}");
    // What is written can be imported.
    write(here.path(), "rest.jsonl", &rest.stdout);
    let again = run(here.path(), &["import", "rest.jsonl", "--database", "sqlite://rest.db"]);
    assert!(again.status.success(), "{}", stderr(&again));
}

#[test]
fn one_account_that_cannot_be_kept_keeps_no_other_from_being_kept() {
    let here = folder();
    for handle in ["sample.fresh", "sample.quiet"] {
        let refresh = compass(here.path())
            .env("PATH", here.path())
            .args(["refresh", handle, "--database", "sqlite://first.db"])
            .output();
        assert!(refresh.unwrap().status.success());
    }
    let all = stdout(&exported(here.path(), &["--database", "sqlite://first.db"]));
    // The profile of one account cannot be read.
    let spoilt: Vec<String> = all
        .lines()
        .map(|line| match line.contains("\"sample.fresh\"") {
            true => line.replacen("\"sample.fresh\"", "\"no handle at all\"", 1),
            false => line.to_owned(),
        })
        .collect();
    let spoilt = spoilt.join("\n") + "\n";
    assert_ne!(spoilt, all);
    write(here.path(), "spoilt.jsonl", spoilt);
    let output = run(here.path(), &["import", "spoilt.jsonl", "--database", "sqlite://second.db"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("no profile of account") && said.contains("of the account were not taken"), "{said}");
    let kept = exported(here.path(), &["--database", "sqlite://second.db"]);
    let other = exported(here.path(), &["--handle", "sample.quiet", "--database", "sqlite://first.db"]);
    assert_eq!(stdout(&kept), stdout(&other), "{said}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let here = folder();
    filled(here.path());
    let mut child = compass(here.path())
        .args(["export", "--database", "sqlite://first.db"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
