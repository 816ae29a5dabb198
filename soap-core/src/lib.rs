//! The SOAP protocol: bytes to values and back. No socket, no clock, no runtime.

pub mod describe;
mod limits;
mod version;
pub mod xml;

pub use limits::Limits;
pub use version::SoapVersion;
