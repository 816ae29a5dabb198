"""Crates that show what types and operations cost to compile."""

import os
import resource
import subprocess

import measure

MODES = {"check": ["check"], "debug": ["build"], "release": ["build", "--release"]}

OPERATIONS = (
    "async fn op{i}(&self, a: f64, b: String) -> f64 {{ a + b.len() as f64 }}",
    "async fn op{i}(&self, record: Record, urgent: bool) -> Option<Record> {{ urgent.then_some(record) }}",
    "async fn op{i}(&self, id: i32) -> Result<i32, Failure> {{ if id > 0 {{ Ok(id) }} else {{ Err(Failure::Closed {{ code: id }}) }} }}",
    "#[soap(one_way)] async fn op{i}(&self, id: u64, note: String) {{ let _ = (id, note); }}",
    "async fn op{i}(&self, from: i64, to: Option<i64>) -> Vec<String> {{ vec![format!(\"{{from}} {{to:?}}\")] }}",
)


def service(operations):
    """A crate with a service of so many operations of several kinds."""
    lines = [
        "#![allow(missing_docs)]",
        "use soapstone::{Fault, SoapFault, SoapType};",
        "#[derive(SoapType, Debug, Clone, PartialEq)]",
        '#[soap(namespace = "urn:large")]',
        "pub struct Record { pub id: i32, pub name: String, pub tags: Vec<String> }",
        "#[derive(SoapFault, Debug)]",
        '#[soap(namespace = "urn:large")]',
        "pub enum Failure { Closed { code: i32 }, #[soap(other)] Other(Fault) }",
        "pub struct Here;",
        "impl Large for Here {}",
        "pub fn host() -> soapstone::Host { soapstone::Host::new(LargeServer::new(Here)) }",
        '#[soapstone::service(namespace = "urn:large")]',
        "pub trait Large {",
        *(OPERATIONS[i % len(OPERATIONS)].format(i=i) for i in range(operations)),
        "}",
    ]
    return "\n".join(lines)


class Crate:
    """A crate of its own that depends on soapstone as it stands in a folder."""

    def __init__(self, name, soapstone):
        self.folder = measure.ROOT / "target/compare" / name
        (self.folder / "src").mkdir(parents=True, exist_ok=True)
        (self.folder / "Cargo.toml").write_text(
            f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\n'
            f'soapstone = {{ path = "{soapstone.resolve()}" }}\n\n[workspace]\n'
        )
        lock = self.folder / "Cargo.lock"
        if not lock.exists():
            lock.write_bytes((soapstone / "Cargo.lock").read_bytes())
        self.library = self.folder / "target/release" / f"lib{name}.rlib"

    def compile(self, source, mode):
        """Seconds of processor time that this source takes, or None if it does not compile; its dependencies are compiled before."""
        file = self.folder / "src/lib.rs"
        file.write_text("")
        self.cargo(mode)
        file.write_text(source)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        compiled = self.cargo(mode)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime if compiled else None

    def cargo(self, mode):
        environment = {**os.environ, "CARGO_INCREMENTAL": "0"}
        command = ["cargo", *MODES[mode], "--quiet"]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True).returncode == 0
