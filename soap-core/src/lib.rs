//! The SOAP protocol: bytes to values and back. No socket, no clock, no runtime.

pub mod describe;
mod limits;
mod message;
mod options;
pub mod transport;
mod version;
pub mod xml;

pub use limits::Limits;
pub use message::{Message, Peer, PeerGone};
pub use options::{Capacity, Keepalive, Linger, Options, SocketOptions, Timeouts};
pub use version::SoapVersion;
