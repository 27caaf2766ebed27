//! A real browser for the tests of the pages: Chromium through a ChromeDriver that ends with the test.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use axum::http::Method;
use fantoccini::{
    Client, ClientBuilder, Locator,
    elements::Element,
    wd::{PrintConfiguration, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, geteuid, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use crate::process::folder;

/// What the page is to show comes by then or never.
const PATIENCE: Duration = Duration::from_secs(40);

const PHONE: u32 = 500;

/// A browser window of a certain width.
pub(crate) struct Chromium {
    client: Client,
    width: u32,
    _driver: Driver,
}

impl Chromium {
    /// Opens a window of this width that would rather have a light page.
    pub(crate) async fn open(width: u32) -> Self {
        Self::with_preferences(width, json!({})).await
    }

    /// The same where no page may run a script.
    pub(crate) async fn without_scripts(width: u32) -> Self {
        Self::with_preferences(width, json!({"profile.managed_default_content_settings.javascript": 2})).await
    }

    async fn with_preferences(width: u32, preferences: Value) -> Self {
        let driver = Driver::start();
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--user-data-dir={}", driver.folder.path().join("profile").display()),
        ];
        // Chromium's sandbox refuses root, who needs none of it to open our own pages.
        if geteuid().is_root() {
            arguments.push("--no-sandbox".to_owned());
        }
        let Value::Object(capabilities) = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments, "prefs": preferences},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"pageLoad": 60_000, "script": 60_000, "implicit": 0},
            "unhandledPromptBehavior": "dismiss",
        }) else {
            unreachable!("the literal above is an object")
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url)
            .await
            .expect("ChromeDriver opens Chromium");
        let browser = Self { client, width, _driver: driver };
        browser.resize(900).await;
        browser.prefer("light").await;
        browser
    }

    /// Makes the window this high.
    pub(crate) async fn resize(&self, height: u64) {
        let mobile = self.width < PHONE;
        let size = json!({"width": self.width, "height": height, "deviceScaleFactor": 1, "mobile": mobile});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Makes the window this wide.
    pub(crate) async fn be_wide(&mut self, width: u32) {
        self.width = width;
        self.resize(900).await;
    }

    /// What keeps people from using the page, as axe-core finds it.
    pub(crate) async fn barriers(&self, axe: &str) -> Vec<String> {
        let script = format!(
            "const done = arguments[0]; {axe}; axe.run().then((all) => done(all.violations.flatMap((rule) => \
             rule.nodes.map((node) => `${{rule.id}}: ${{rule.help}}: ${{node.html.slice(0, 200)}} ${{node.failureSummary}}`))), \
             (error) => done([String(error)]))"
        );
        let found = self.client.execute_async(&script, Vec::new()).await.expect("axe-core looks at the page");
        let found = found.as_array().expect("it gives a list").iter();
        found.map(|barrier| barrier.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Makes the person prefer `light` or `dark` pages.
    pub(crate) async fn prefer(&self, scheme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    pub(crate) async fn goto(&self, url: &str) {
        self.client.goto(url).await.expect("the page opens");
    }

    /// The address's path.
    pub(crate) async fn path(&self) -> String {
        self.client.current_url().await.expect("a page is open").path().to_owned()
    }

    /// Waits until there is such an element.
    pub(crate) async fn wait_for(&self, css: &str) -> Element {
        match self
            .client
            .wait()
            .at_most(PATIENCE)
            .every(Duration::from_millis(100))
            .for_element(Locator::Css(css))
            .await
        {
            Ok(element) => element,
            Err(error) => panic!("no {css}: {error}\n{}", self.ask("return document.body.innerText").await),
        }
    }

    pub(crate) async fn click(&self, css: &str) {
        self.wait_for(css).await.click().await.unwrap_or_else(|error| panic!("clicking {css}: {error}"));
    }

    pub(crate) async fn type_into(&self, css: &str, text: &str) {
        let field = self.wait_for(css).await;
        field.clear().await.expect("the field can be emptied");
        field.send_keys(text).await.expect("the field takes keys");
    }

    /// Puts a text of any length into a field, as pasting does.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        self.wait_for(css).await;
        let (css, text) = (json!(css), json!(text));
        self.ask(&format!(
            "const field = document.querySelector({css}); field.removeAttribute('maxlength'); field.value = {text}"
        ))
        .await;
    }

    /// Chooses a file of this machine in a field for files.
    pub(crate) async fn choose(&self, css: &str, file: &Path) {
        let name = file.to_str().expect("the file's name is UTF-8");
        self.wait_for(css).await.send_keys(name).await.expect("the field takes a file");
    }

    /// Shows pages as they are printed, as wide as A4 between its margins.
    pub(crate) async fn print_media(&self, on: bool) {
        self.devtools("Emulation.setEmulatedMedia", json!({"media": if on { "print" } else { "" }})).await;
        if on {
            let paper = json!({"width": 718, "height": 1_000, "deviceScaleFactor": 1, "mobile": false});
            self.devtools("Emulation.setDeviceMetricsOverride", paper).await;
        } else {
            self.resize(900).await;
        }
    }

    /// The page as a PDF.
    pub(crate) async fn printed(&self) -> Vec<u8> {
        self.client.print(PrintConfiguration::default()).await.expect("the page can be printed")
    }

    /// The status of the page that is open.
    pub(crate) async fn status(&self) -> u64 {
        let status = self.ask("return performance.getEntriesByType('navigation')[0].responseStatus").await;
        status.as_u64().expect("a status is a number")
    }

    /// What a person reads there; the page may still be coming.
    pub(crate) async fn text(&self, css: &str) -> String {
        self.wait_for(css).await.text().await.expect("the element has a text")
    }

    /// What a script in the page returns.
    pub(crate) async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Panics if the page is wider than the window, so that it has to be moved sideways to be read.
    pub(crate) async fn fits_its_window(&self) {
        // A phone makes its window as wide as its page, so that the window's own width tells nothing.
        let wide = self.ask("return document.documentElement.scrollWidth").await;
        assert!(wide.as_u64() <= Some(self.width.into()), "{}: {wide}", self.path().await);
    }

    /// A picture of the window, or of the whole page.
    pub(crate) async fn picture(&self, whole: bool) -> Vec<u8> {
        if whole {
            let height = self.ask("return document.documentElement.scrollHeight").await;
            self.resize(height.as_u64().expect("a height is a number")).await;
        }
        self.settled().await;
        let picture = self.client.screenshot().await.expect("the window can be pictured");
        self.resize(900).await;
        picture
    }

    /// Keeps a picture of the whole page among what the build leaves, for people to look at.
    pub(crate) async fn keep_picture(&self, name: &str) {
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let folder = target.parent().expect("it lies in the target folder").join("screenshots");
        std::fs::create_dir_all(&folder).expect("the target folder is writable");
        std::fs::write(folder.join(format!("{name}.png")), self.picture(true).await).expect("there is room for it");
    }

    /// What the browser complained of since the last time: errors, refused resources, violations of the page's policy.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.vendor("se/log", json!({"type": "browser"})).await;
        let lines = log.as_array().expect("a log is a list").iter();
        lines.map(|line| format!("{}: {}", line["level"], line["message"])).collect()
    }

    /// Ends the session; the processes end with the value.
    pub(crate) async fn close(self) {
        self.client.close().await.expect("the session ends");
    }

    /// Waits until the page has been drawn twice: what changed before is then to be seen.
    async fn settled(&self) {
        let script = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(1)))";
        self.client.execute_async(script, Vec::new()).await.expect("the page is drawn");
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        self.vendor("goog/cdp/execute", json!({"cmd": command, "params": parameters})).await;
    }

    async fn vendor(&self, path: &'static str, body: Value) -> Value {
        let command = self.client.issue_cmd(VendorCommand { path, body });
        command.await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// A command that only ChromeDriver knows.
#[derive(Debug)]
struct VendorCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for VendorCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _url: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// A ChromeDriver with its browsers, in a process group and a folder of their own.
struct Driver {
    child: Child,
    url: String,
    folder: TempDir,
    /// Kept open: a driver that writes to a closed pipe would end.
    _stdout: BufReader<ChildStdout>,
}

impl Driver {
    fn start() -> Self {
        let folder = folder();
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("chromedriver is installed");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut driver = |line: &mut String| stdout.read_line(line).expect("chromedriver speaks UTF-8") > 0;
        let mut line = String::new();
        let port = loop {
            line.clear();
            assert!(driver(&mut line), "chromedriver ended before it listened");
            if let Some((_, port)) = line.trim_end().split_once("started successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        Self { child, url: format!("http://127.0.0.1:{port}"), folder, _stdout: stdout }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("the system's own ids fit");
        // The group may have ended already.
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
    }
}
