//! Servers and clients from a configuration: the file, the environment on top, the mistakes, and the example that lists everything.

mod calls;
mod environment;
mod example;
mod mistakes;
#[cfg(feature = "udp")]
mod swap;
#[cfg(feature = "tls")]
mod tls;

use soapstone::{Config, config::ConfigError};

fn parse(text: &str) -> Result<Config, ConfigError> {
    text.parse()
}

/// What a wrong text is told.
fn refused(text: &str) -> String {
    parse(text).expect_err(text).to_string()
}
