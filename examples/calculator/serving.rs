//! The options of TLS of a server, for `https` and `soap.tls`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use soapstone::{
    Server,
    transport::tls::{ClientCertificates, Identity, Roots, ServerTls},
};

/// Whom a server shows itself as, and whom it serves.
#[derive(Args)]
pub struct Serving {
    /// The certificate of https and soap.tls, followed by its chain, in PEM.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Its private key in PEM.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// The authorities of client certificates, in PEM; without it clients are not asked for one.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    client_roots: Option<PathBuf>,
    /// Refuse clients without a certificate.
    #[arg(long, requires = "client_roots")]
    require_client_certificate: bool,
}

impl Serving {
    /// The server with these options.
    pub fn on(self, server: Server) -> Result<Server> {
        let (Some(certificate), Some(key)) = (self.certificate, self.key) else {
            return Ok(server);
        };
        let mut tls = ServerTls::new(Identity::from_pem_files(certificate, key)?);
        if let Some(file) = self.client_roots {
            let roots = Roots::from_pem_file(file)?;
            tls = tls.client_certificates(if self.require_client_certificate {
                ClientCertificates::Required(roots)
            } else {
                ClientCertificates::Optional(roots)
            });
        }
        Ok(server.with(tls))
    }
}

/// Reads the files of the certificates again whenever SIGHUP comes; connections that are open go on. Without a certificate the
/// signal keeps its meaning.
#[cfg(unix)]
pub fn reload_on_hangup(identities: Vec<Identity>) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    if identities.is_empty() {
        return Ok(());
    }
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match identities.iter().try_for_each(Identity::reload) {
                Ok(()) => println!("certificates reloaded"),
                Err(error) => println!("certificates not reloaded: {error}"),
            }
        }
    });
    Ok(())
}
