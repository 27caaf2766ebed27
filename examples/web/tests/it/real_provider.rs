//! A person signs in with a real OpenID provider (npm's oidc-provider), in a real browser.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::{
    chromium::Chromium,
    process::{Service, folder, write},
};

/// The provider in a process of its own, which ends with this value.
struct Provider {
    issuer: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Provider {
    /// None where no oidc-provider is installed: `scripts/test` does that.
    fn start() -> Option<Self> {
        let Some(folder) = std::env::var_os("COMPASS_TEST_OIDC_PROVIDER") else {
            println!("not tried: COMPASS_TEST_OIDC_PROVIDER names no folder with node_modules/oidc-provider");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../compass-auth/tests/oidc-provider/server.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node can be run");
        let (input, output) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let mut provider = Self { issuer: String::new(), child, input, output: BufReader::new(output) };
        provider.issuer = provider.line();
        Some(provider)
    }

    /// Lets it know where the service is.
    fn introduce(&mut self, service: &Service) {
        writeln!(self.input, "http://{}/auth/google/callback", service.address()).expect("it reads");
        assert_eq!(self.line(), "ready");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it speaks UTF-8");
        line.trim_end().to_owned()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_person_signs_in_declines_and_signs_out_with_a_real_provider() {
    let Some(mut provider) = Provider::start() else { return };
    let data = folder();
    let issuer = &provider.issuer;
    let secret = "a secret/with+odd%characters";
    let file = format!(
        "[oidc]\nissuer = '{issuer}'\nclient_id = 'compass-client'\nclient_secret = '{secret}'\nname = 'Example'\n"
    );
    write(data.path(), "compass.toml", file);
    let service = Service::start(data.path());
    provider.introduce(&service);
    let at = |path: &str| format!("http://{}{path}", service.address());
    let browser = Chromium::open(1280).await;

    browser.goto(&at("/auth/google/login")).await;
    browser.click("a[href$='/abort']").await;
    browser.wait_for("main").await;
    assert_eq!(browser.path().await, "/auth/google/callback");
    assert!(browser.text("main").await.contains("You did not sign in"), "{}", browser.text("main").await);

    browser.goto(&at("/")).await;
    browser.click("a[href='/auth/google/login']").await;
    browser.type_into("input[name=login]", "ada").await;
    browser.type_into("input[name=password]", "any").await;
    browser.click("button[type=submit]").await;
    // The provider asks whether the service may know who it is.
    browser.wait_for("input[name=prompt][value=consent]").await;
    browser.click("button[type=submit]").await;
    browser.wait_for("#handle").await;
    assert_eq!(browser.path().await, "/onboarding");
    assert!(browser.text("body").await.contains("Name of ada"), "{}", browser.text("body").await);
    // The provider's own pages want fonts of others, and the declined sign-in was a failure.
    let ours = |line: &String| line.contains(service.address()) && !line.contains("error=access_denied");
    let complaints: Vec<String> = browser.complaints().await.into_iter().filter(ours).collect();
    assert_eq!(complaints, Vec::<String>::new());

    browser.click("form[action^='/auth/logout'] button").await;
    browser.wait_for("a[href='/auth/google/login']").await;
    browser.goto(&at("/users/me")).await;
    assert!(browser.text("main").await.contains("Please sign in first"), "{}", browser.text("main").await);
    browser.close().await;
}
