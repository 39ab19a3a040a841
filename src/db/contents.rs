//! Where large contents are kept that are known by their hash: in the database, or in a folder that all nodes share.

use crate::kernel::{Failure, ids};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tokio::fs;
use tokio::io::AsyncWriteExt;

/// Largest document when nothing else is said: a scan of a hundred pages.
pub const USUAL_LARGEST: usize = 10 * 1024 * 1024;

/// Where contents are kept, and how large one may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The folder; the database when absent.
    pub folder: Option<PathBuf>,
    /// Bytes of the largest.
    pub largest: usize,
}

impl Default for Contents {
    fn default() -> Self {
        Self { folder: None, largest: USUAL_LARGEST }
    }
}

impl Contents {
    /// Reads `database` or `folder:PATH`.
    pub fn parse(text: &str) -> Option<Option<PathBuf>> {
        match text.split_once(':') {
            None if text == "database" => Some(None),
            Some(("folder", path)) if !path.is_empty() => Some(Some(PathBuf::from(path))),
            _ => None,
        }
    }

    /// Keeps a content in the folder under its hash; it is there only when it is complete. Tells whether there is a folder.
    ///
    /// # Errors
    /// A fault of the disk.
    pub async fn keep(&self, sha256: &str, content: &[u8]) -> Result<bool, Failure> {
        let Some(folder) = &self.folder else { return Ok(false) };
        let path = place(folder, sha256);
        if fs::try_exists(&path).await.map_err(Failure::bug)? {
            return Ok(true);
        }
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).await.map_err(Failure::bug)?;
        let partial = parent.join(format!("{}.partial", ids::fresh().simple()));
        let mut file = fs::File::create(&partial).await.map_err(Failure::bug)?;
        file.write_all(content).await.map_err(Failure::bug)?;
        file.sync_all().await.map_err(Failure::bug)?;
        fs::rename(&partial, &path).await.map_err(Failure::bug)?;
        // The name is on the disk only when its folder is.
        fs::File::open(parent).await.map_err(Failure::bug)?.sync_all().await.map_err(Failure::bug)?;
        Ok(true)
    }

    /// A content of the folder.
    ///
    /// # Errors
    /// A fault of the disk.
    pub async fn find(&self, sha256: &str) -> Result<Option<Vec<u8>>, Failure> {
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        let Some(folder) = self.folder.as_ref().filter(|_| is_hash) else { return Ok(None) };
        match fs::read(place(folder, sha256)).await {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::bug(error)),
        }
    }
}

/// A folder of its own for each first byte, so that none grows without bound.
fn place(folder: &Path, sha256: &str) -> PathBuf {
    folder.join(sha256.get(..2).unwrap_or_default()).join(sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_database_or_a_folder() {
        assert_eq!(Contents::parse("database"), Some(None));
        assert_eq!(Contents::parse("folder:/var/lib/ganhe"), Some(Some(PathBuf::from("/var/lib/ganhe"))));
        for text in ["", "folder", "folder:", "s3:bucket", "/var/lib"] {
            assert_eq!(Contents::parse(text), None, "{text:?}");
        }
    }
}
