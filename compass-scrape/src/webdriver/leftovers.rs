//! What browsers of dead services left behind: folders, and processes that still run in them. Nobody else's.
//!
//! Each browser of our own lives in a folder of the temporary directory, with a file that its owner keeps locked. The
//! system lets go of the lock when the owner dies, however it dies, and no process id has to be believed.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _, Write as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

/// How the folders' names begin.
const PREFIX: &str = "compass-browser-";
/// The file in a folder that its owner keeps locked. It holds the id of the process group that lives there.
const OWNER: &str = "owner";

/// The folder of a browser of ours: temporary files and its profile.
#[derive(Debug)]
pub(super) struct BrowserFolder {
    // Removed before the file is closed, and so unlocked.
    folder: TempDir,
    owner: File,
}

impl BrowserFolder {
    /// Makes one and signs it.
    pub(super) fn new() -> io::Result<Self> {
        Self::new_in(&std::env::temp_dir())
    }

    fn new_in(temporary: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(temporary)?;
        // Under its name only once it is locked: whoever sweeps meanwhile would take it for a dead owner's.
        let unsigned = folder.path().join("unsigned");
        let owner = File::create(&unsigned)?;
        owner.lock()?;
        fs::rename(unsigned, folder.path().join(OWNER))?;
        Ok(Self { folder, owner })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Notes which processes live there.
    pub(super) fn inhabited_by(&mut self, group: Pid) -> io::Result<()> {
        write!(self.owner, "{}", group.as_raw_nonzero())
    }
}

/// Ends and removes what dead owners left in the temporary directory.
pub(super) fn sweep() {
    sweep_in(&std::env::temp_dir());
}

fn sweep_in(temporary: &Path) {
    let Ok(entries) = fs::read_dir(temporary) else { return };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let folder = entry.path();
        // Of a link the metadata are its own, so it is no folder.
        let ours =
            entry.metadata().is_ok_and(|folder| folder.is_dir() && folder.uid() == rustix::process::geteuid().as_raw());
        if ours && let Some(group) = abandoned(&folder) {
            end(&folder, group);
        }
    }
}

/// The process group of a folder whose owner is dead, with the lock that keeps others from sweeping it as well.
fn abandoned(folder: &Path) -> Option<(Option<Pid>, File)> {
    let file = File::open(folder.join(OWNER)).ok()?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return None,
    }
    let mut text = String::new();
    (&file).take(20).read_to_string(&mut text).ok()?;
    Some((text.parse().ok().and_then(Pid::from_raw), file))
}

fn end(folder: &Path, (group, _lock): (Option<Pid>, File)) {
    // A number is used again for somebody else's group only when all of this one are gone, so one member tells.
    if let Some(group) = group.filter(|group| members(*group).any(|member| lives_in(&member, folder))) {
        let _ = kill_process_group(group, Signal::KILL);
        // A process that is being killed may still write to its folder.
        for _ in 0..200 {
            if members(group).next().is_none() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
    match fs::remove_dir_all(folder) {
        Ok(()) => tracing::info!("removed what a browser of a service that died left in {}", folder.display()),
        Err(error) => tracing::warn!(%error, "what a browser left in {} cannot be removed", folder.display()),
    }
}

/// Whether a process was started in the folder.
fn lives_in(process: &Path, folder: &Path) -> bool {
    let folder = folder.as_os_str().as_encoded_bytes();
    ["environ", "cmdline"]
        .iter()
        .any(|about| fs::read(process.join(about)).is_ok_and(|text| memchr::memmem::find(&text, folder).is_some()))
}

/// Those of a group that still run, by their folders in `/proc`; none where there is no such. Ended ones stay listed until
/// somebody reaps them, and do not count.
pub(super) fn members(group: Pid) -> impl Iterator<Item = std::path::PathBuf> {
    let group = group.as_raw_nonzero().to_string();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten().map(|process| process.path());
    processes.filter(move |process| {
        let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
        // "pid (name) state parent group ...", where the name may hold anything.
        let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        let mut fields = after_name.split(' ');
        let (state, its_group) = (fields.next(), fields.nth(1));
        its_group == Some(group.as_str()) && !matches!(state, Some("Z" | "X"))
    })
}

#[cfg(test)]
mod tests {
    use std::{
        os::unix::process::CommandExt as _,
        process::{Child, Command, Stdio},
    };

    use super::*;

    /// A process in a group of its own.
    struct Sleeper(Child);

    impl Sleeper {
        fn in_folder(folder: &Path) -> Self {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", "echo up; read -r _"]).env("TMPDIR", folder).process_group(0);
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            // Its environment can be read once it runs.
            child.stdout.take().unwrap().read_exact(&mut [0; 3]).unwrap();
            Self(child)
        }

        fn group(&self) -> Pid {
            Pid::from_child(&self.0)
        }
    }

    impl Drop for Sleeper {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// A folder that somebody lives in. Its owner lives as long as it is held, and cleans nothing up.
    fn folder_in(temporary: &Path) -> BrowserFolder {
        let mut folder = BrowserFolder::new_in(temporary).unwrap();
        folder.folder.disable_cleanup(true);
        folder
    }

    fn sleeping_in(temporary: &Path) -> (BrowserFolder, Sleeper) {
        let mut folder = folder_in(temporary);
        let sleeper = Sleeper::in_folder(folder.path());
        folder.inhabited_by(sleeper.group()).unwrap();
        (folder, sleeper)
    }

    #[test]
    fn what_a_dead_owner_left_is_ended_and_removed() {
        let temporary = tempfile::tempdir().unwrap();
        let (folder, mut sleeper) = sleeping_in(temporary.path());
        let path = folder.path().to_owned();
        drop(folder);
        assert!(path.is_dir());
        sweep_in(temporary.path());
        assert!(!path.exists());
        assert!(!sleeper.0.wait().unwrap().success(), "it was killed");
    }

    #[test]
    fn what_a_living_owner_uses_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let (folder, mut sleeper) = sleeping_in(temporary.path());
        sweep_in(temporary.path());
        assert!(folder.path().is_dir());
        assert!(sleeper.0.try_wait().unwrap().is_none(), "it runs");
    }

    #[test]
    fn group_that_got_the_number_of_a_dead_one_is_left_alone() {
        let temporary = tempfile::tempdir().unwrap();
        let mut somebody_else = Sleeper::in_folder(Path::new("/somewhere/else"));
        let mut folder = folder_in(temporary.path());
        folder.inhabited_by(somebody_else.group()).unwrap();
        let path = folder.path().to_owned();
        drop(folder);
        sweep_in(temporary.path());
        assert!(!path.exists());
        assert!(somebody_else.0.try_wait().unwrap().is_none(), "it runs");
    }

    #[test]
    fn folders_that_nobody_has_signed_or_that_are_called_otherwise_stay() {
        let temporary = tempfile::tempdir().unwrap();
        let unsigned = temporary.path().join("compass-browser-by-hand");
        let other = temporary.path().join("compass-data");
        for folder in [&unsigned, &other] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(other.join(OWNER), "1").unwrap();
        let link = temporary.path().join("compass-browser-link");
        std::os::unix::fs::symlink(&other, &link).unwrap();
        sweep_in(temporary.path());
        assert!(unsigned.is_dir() && other.is_dir() && link.is_symlink());
    }
}
