//! A file that is there only when it is complete: nobody takes half a book for a whole one.

use crate::kernel::Failure;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// A file on its way. Under another name until it is finished; a device or a pipe is written to as it stands, because a
/// name given to a file would take it away.
#[derive(Debug)]
pub struct WholeFile {
    file: File,
    /// The name it has until it is finished, and the one it gets then.
    names: Option<(PathBuf, PathBuf)>,
}

impl WholeFile {
    /// Begins it.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn begin(path: &Path) -> Result<Self, Failure> {
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            let file = OpenOptions::new().write(true).open(path).map_err(Failure::bug)?;
            return Ok(Self { file, names: None });
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial).map_err(Failure::bug)?;
        Ok(Self { file, names: Some((partial, path.to_owned())) })
    }

    /// Where to write.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Gives it its name, now that everything is in it and on the disk.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn finish(self) -> Result<(), Failure> {
        let Some((partial, path)) = self.names else { return Ok(()) };
        self.file.sync_all().map_err(Failure::bug)?;
        std::fs::rename(partial, path).map_err(Failure::bug)
    }
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
    fn a_device_stays_what_it_is() {
        let whole = WholeFile::begin(Path::new("/dev/null")).unwrap();
        whole.file().write_all(b"gone").unwrap();
        whole.finish().unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }
}
