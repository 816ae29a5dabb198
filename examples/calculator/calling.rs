//! The options of TLS of a client, for `https` and `soap.tls`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use soapstone::{
    Endpoint,
    transport::tls::{ClientTls, Identity, Roots},
};

/// Whom a client trusts, and who it is.
#[derive(Args)]
pub struct Calling {
    /// The authorities of servers, in PEM, in place of those of the platform.
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
    /// A certificate for servers that ask for one, followed by its chain, and its private key, in PEM.
    #[arg(long, num_args = 2, value_names = ["CERTIFICATE", "KEY"])]
    identity: Option<Vec<PathBuf>>,
}

impl Calling {
    /// The endpoint with these options.
    pub fn on(&self, endpoint: Endpoint) -> Result<Endpoint> {
        if self.roots.is_none() && self.identity.is_none() {
            return Ok(endpoint);
        }
        let mut tls = ClientTls::new();
        if let Some(file) = &self.roots {
            tls = tls.roots(Roots::from_pem_file(file)?);
        }
        if let Some([certificate, key]) = self.identity.as_deref() {
            tls = tls.identity(Identity::from_pem_files(certificate, key)?);
        }
        Ok(endpoint.with(tls))
    }
}
