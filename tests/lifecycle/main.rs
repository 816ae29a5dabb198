//! The life of a server and of the calls to it: stopping under load, callers that leave.

#[path = "../harness/mod.rs"]
mod harness;
#[path = "../hostile/victim.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "shared with the tests of hostile input"
)]
mod victim;

mod addressed;
mod elsewhere;
mod gone;
#[cfg(target_os = "linux")]
mod idle;
mod load;
#[cfg(unix)]
mod pressure;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod restart;
mod signal;
#[cfg(all(target_os = "linux", feature = "udp"))]
mod storm;
#[cfg(target_os = "linux")]
mod tcp;
