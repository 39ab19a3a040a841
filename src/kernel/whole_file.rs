//! A file that is there only when it is complete: nobody takes half a book for a whole one.

use crate::kernel::Failure;
use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// A file on its way. Under another name until it is finished, and gone when it never is; a device or a pipe is written to as it stands,
/// because a name given to a file would take it away.
#[derive(Debug)]
pub struct WholeFile {
    file: File,
    path: PathBuf,
    /// The name it has until it is finished; none for a device or a pipe.
    partial: Option<PathBuf>,
}

impl WholeFile {
    /// Begins it.
    ///
    /// # Errors
    /// A fault of the disk, with the path.
    pub fn begin(path: &Path) -> Result<Self, Failure> {
        let path = path.to_owned();
        if std::fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            let file = OpenOptions::new().write(true).open(&path).map_err(|error| fault(&path, &error))?;
            return Ok(Self { file, path, partial: None });
        }
        let mut partial = path.clone().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial).map_err(|error| fault(&path, &error))?;
        Ok(Self { file, path, partial: Some(partial) })
    }

    /// Where to write.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// What went wrong while it was written, with its path.
    pub fn fault(&self, error: &dyn Display) -> Failure {
        fault(&self.path, error)
    }

    /// Gives it its name, now that everything is in it and on the disk.
    ///
    /// # Errors
    /// A fault of the disk, with the path.
    pub fn finish(mut self) -> Result<(), Failure> {
        let Some(partial) = &self.partial else { return Ok(()) };
        self.file.sync_all().map_err(|error| self.fault(&error))?;
        std::fs::rename(partial, &self.path).map_err(|error| self.fault(&error))?;
        self.partial = None;
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(partial) = &self.partial {
            // Whoever broke off has told why; nothing can be done about a rest that cannot be removed.
            let _ = std::fs::remove_file(partial);
        }
    }
}

fn fault(path: &Path, error: &dyn Display) -> Failure {
    Failure::bug(format!("{} cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_has_its_name_only_when_it_is_finished() {
        let folder = std::env::temp_dir().join(format!("ganhe-whole-file-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("book.csv");
        let whole = WholeFile::begin(&path).unwrap();
        whole.file().write_all(b"all of it").unwrap();
        assert!(!path.exists());
        whole.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"all of it");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_file_that_is_never_finished_leaves_nothing() {
        let folder = std::env::temp_dir().join(format!("ganhe-broken-off-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let whole = WholeFile::begin(&folder.join("book.csv")).unwrap();
        whole.file().write_all(b"half of it").unwrap();
        drop(whole);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_path_that_cannot_be_written_is_named() {
        let path = Path::new("/nowhere/at all/book.csv");
        let told = WholeFile::begin(path).unwrap_err().source.unwrap().to_string();
        assert!(told.starts_with("/nowhere/at all/book.csv cannot be written: "), "{told}");
    }

    #[test]
    fn a_device_stays_what_it_is() {
        let whole = WholeFile::begin(Path::new("/dev/null")).unwrap();
        whole.file().write_all(b"gone").unwrap();
        whole.finish().unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }
}
