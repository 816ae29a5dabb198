//! The authorities that are trusted.

use std::{fmt, path::Path, sync::Arc};

use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use soap_core::transport::TransportError;

use super::identity::{certificates, file};

/// The authorities whose signature makes a certificate trusted. A certificate that signed itself is its own authority.
#[derive(Clone)]
pub struct Roots {
    pub(super) platform: bool,
    pub(super) certificates: Arc<[CertificateDer<'static>]>,
    store: Arc<RootCertStore>,
}

impl Roots {
    /// Those of the operating system, as its own programs use them. The default of clients.
    #[must_use]
    pub fn platform() -> Self {
        Self {
            platform: true,
            certificates: Arc::new([]),
            store: Arc::new(RootCertStore::empty()),
        }
    }

    /// Those in a file in PEM, and no others.
    ///
    /// # Errors
    /// Fails if the file cannot be read, or as [`from_pem`](Self::from_pem) does.
    pub fn from_pem_file(path: impl AsRef<Path>) -> Result<Self, TransportError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        Self::new(certificates(&file(path)?, &name)?, &name)
    }

    /// Those in `pem`, and no others.
    ///
    /// # Errors
    /// Fails if there is no certificate, or one that is not valid.
    pub fn from_pem(pem: impl AsRef<[u8]>) -> Result<Self, TransportError> {
        let name = "the PEM of the roots";
        Self::new(certificates(pem.as_ref(), name)?, name)
    }

    /// Those given in DER, and no others.
    ///
    /// # Errors
    /// As [`from_pem`](Self::from_pem).
    pub fn from_der<C: Into<Vec<u8>>>(
        certificates: impl IntoIterator<Item = C>,
    ) -> Result<Self, TransportError> {
        let certificates = certificates
            .into_iter()
            .map(|certificate| CertificateDer::from(certificate.into()))
            .collect();
        Self::new(certificates, "the roots")
    }

    fn new(certificates: Vec<CertificateDer<'static>>, name: &str) -> Result<Self, TransportError> {
        if certificates.is_empty() {
            return Err(TransportError::config(format!(
                "{name} hold no certificate"
            )));
        }
        let mut store = RootCertStore::empty();
        for (index, certificate) in certificates.iter().enumerate() {
            store.add(certificate.clone()).map_err(|error| {
                let number = index + 1;
                let text = format!("certificate {number} of {name} is not valid: {error}");
                TransportError::config(text).caused_by(error)
            })?;
        }
        Ok(Self {
            platform: false,
            certificates: certificates.into(),
            store: Arc::new(store),
        })
    }

    /// These and those of the operating system.
    #[must_use]
    pub fn and_platform(mut self) -> Self {
        self.platform = true;
        self
    }

    /// These and `others`.
    #[cfg(feature = "config")]
    pub(crate) fn and(self, others: &Self) -> Self {
        let mut store = (*self.store).clone();
        store.roots.extend_from_slice(&others.store.roots);
        let certificates = self.certificates.iter().chain(&*others.certificates);
        Self {
            platform: self.platform || others.platform,
            certificates: certificates.cloned().collect(),
            store: Arc::new(store),
        }
    }

    /// The same for rustls, if the platform is not among them.
    pub(super) fn own(&self) -> Option<Arc<RootCertStore>> {
        (!self.platform).then(|| Arc::clone(&self.store))
    }
}

impl Default for Roots {
    fn default() -> Self {
        Self::platform()
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roots")
            .field("platform", &self.platform)
            .field("certificates", &self.certificates.len())
            .finish_non_exhaustive()
    }
}
