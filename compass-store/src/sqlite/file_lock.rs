//! One at a time, among all processes that open the same database file.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions},
    io,
    path::Path,
};

use compass_core::ports::StoreError;

/// Held until dropped; the operating system drops it when the process dies.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Waits for the lock of a database file: a file of its own beside it, which stays.
    ///
    /// The database file itself must not be opened for this: closing it would end SQLite's own locks on it.
    pub(crate) async fn beside(database: &Path) -> Result<Self, StoreError> {
        let mut path = OsString::from(database);
        path.push("-lock");
        let name = path.display().to_string();
        let locked = tokio::task::spawn_blocking(move || {
            let file = OpenOptions::new().create(true).write(true).truncate(false).open(&path)?;
            file.lock()?;
            Ok::<_, io::Error>(Self { _file: file })
        });
        locked.await.map_err(io::Error::from).flatten().map_err(|why| match why.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => StoreError::Invalid(format!(
                "the file {name} cannot be made or written to ({why}): let this program write to its folder, or only read the \
                 database with ?mode=ro"
            )),
            _ => StoreError::Unavailable(why.into()),
        })
    }
}
