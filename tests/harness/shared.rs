//! Where the data of other parties lies: real documents, messages and peers.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

/// `under` in the folder that `SOAPSTONE_SHARED` names (default `../shared`, from the root of the project). Without it a test says
/// so and passes: whoever has the project alone can still run the tests.
pub fn shared(under: &str) -> Option<PathBuf> {
    let root =
        std::env::var_os("SOAPSTONE_SHARED").map_or_else(|| "../shared".into(), PathBuf::from);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(root).join(under);
    if path.exists() {
        return Some(path);
    }
    // Not by a macro: those are silent in a test that passes.
    let _ = writeln!(
        io::stderr(),
        "SKIPPED: {} does not exist; set SOAPSTONE_SHARED to the folder that holds {under}",
        path.display()
    );
    None
}

/// All files below `folder`, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
