//! What a source uses of the machine: memory, files, processes, folders.

use std::{collections::BTreeSet, fmt, fs, path::PathBuf};

use compass_scrape::webdriver::WebDriverSource;

/// What is used at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Memory of this process that is resident, in kB.
    pub(crate) memory: u64,
    /// Open files of this process.
    pub(crate) files: usize,
    /// Processes of every browser that was ever seen.
    pub(crate) processes: usize,
    /// Memory of these processes, in kB; what several of them share is counted once.
    pub(crate) browser_memory: u64,
    /// Open files of these processes.
    pub(crate) browser_files: usize,
    /// Folders of every browser that was ever seen.
    pub(crate) folders: usize,
}

impl Usage {
    /// What has grown beyond what comes and goes, in words; `None` if nothing has.
    pub(crate) fn grown_since(&self, before: &Self) -> Option<String> {
        // A browser has now a process more and now one less, and is replaced now and then; an allocator keeps what it may
        // need again.
        let grown = self.memory > before.memory + before.memory / 10 + 4_096
            || self.files > before.files + 3
            || self.processes > before.processes + 4
            || self.browser_memory > before.browser_memory + before.browser_memory / 2
            || self.browser_files > before.browser_files + before.browser_files / 2
            || self.folders > before.folders;
        grown.then(|| format!("from {before} to {self}"))
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, files, processes, browser_memory, browser_files, folders } = self;
        write!(
            f,
            "{memory} kB resident, {files} open files; browser: {processes} processes, {browser_memory} kB, {browser_files} \
             open files, {folders} folders"
        )
    }
}

/// The browsers that a source was seen with.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    groups: BTreeSet<u32>,
    folders: BTreeSet<PathBuf>,
}

impl Watch {
    /// Looks which browsers the source has now.
    pub(crate) fn look(&mut self, source: &WebDriverSource) {
        for group in source.driver_processes() {
            let environment = fs::read_to_string(format!("/proc/{group}/environ")).unwrap_or_default();
            let folder = environment.split('\0').find_map(|variable| variable.strip_prefix("TMPDIR="));
            self.folders.extend(folder.map(PathBuf::from));
            self.groups.insert(group);
        }
    }

    /// How many browsers there were.
    pub(crate) fn browsers(&self) -> usize {
        self.groups.len()
    }

    /// What they and this process use now.
    pub(crate) fn usage(&self) -> Usage {
        let processes: Vec<String> = self.groups.iter().flat_map(|group| processes(*group)).collect();
        let ids = || processes.iter().filter_map(|stat| stat.split(' ').next());
        Usage {
            memory: status("VmRSS:"),
            files: open_files("self"),
            processes: processes.len(),
            browser_memory: ids().map(proportional_memory).sum(),
            browser_files: ids().map(open_files).sum(),
            folders: self.folders.iter().filter(|folder| folder.exists()).count(),
        }
    }
}

/// A figure of `/proc/self/status`, in kB.
pub(crate) fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the machine has /proc");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel tells it");
    line.trim().trim_end_matches(" kB").parse().expect("it is a number of kB")
}

/// How many files a process has open; none if it has ended.
fn open_files(process: &str) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count)
}

/// A process's share of the memory that it uses, in kB; none if it has ended.
fn proportional_memory(process: &str) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let share = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    share.and_then(|share| share.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// The processes of a group that still run, each as `/proc` describes it.
pub(crate) fn processes(group: u32) -> Vec<String> {
    let entries = fs::read_dir("/proc").expect("the machine has /proc");
    let stats = entries.filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("stat")).ok());
    stats
        .filter(|stat| {
            let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            let mut fields = after_name.split(' ');
            let (state, its_group) = (fields.next(), fields.nth(1));
            its_group == Some(&group.to_string()) && !matches!(state, Some("Z" | "X"))
        })
        .collect()
}
