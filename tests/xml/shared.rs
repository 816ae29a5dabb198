//! Where the real documents lie.

use std::path::{Path, PathBuf};

/// The folder that `SOAPSTONE_SHARED` names, by default `../shared`; `None`, with a message, where there is none.
pub(crate) fn folder(under: &str) -> Option<PathBuf> {
    let root =
        std::env::var_os("SOAPSTONE_SHARED").map_or_else(|| "../shared".into(), PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root).join(under);
    if root.exists() {
        return Some(root);
    }
    println!(
        "SKIPPED: {} does not exist; set SOAPSTONE_SHARED to the folder of real documents",
        root.display()
    );
    None
}

/// All files below `folder`, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path)
            } else {
                files.push(path)
            }
        }
    }
    files.sort();
    files
}
