//! A certificate with its key, and how it is replaced while in use.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{InconsistentKeys, sign::CertifiedKey};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject},
};
use soap_core::transport::TransportError;

use super::{certificate::VERSION_3, provider};

/// A certificate, the chain that leads to its authority, and its private key: what a server shows, and a client that is asked for it.
///
/// Clones share what they hold, so that [`reload`](Self::reload) on one of them works for all: new handshakes show the new
/// certificate, open connections go on. Keys are PKCS #8, PKCS #1 or SEC 1, RSA or elliptic, not encrypted.
#[derive(Clone)]
pub struct Identity(Arc<Shared>);

struct Shared {
    files: Option<(PathBuf, PathBuf)>,
    current: RwLock<Current>,
}

struct Current {
    generation: u64,
    certified: Arc<CertifiedKey>,
}

impl Identity {
    /// From two files in PEM: the certificate followed by its chain, and the key. One file may hold both: name it twice.
    ///
    /// # Errors
    /// Fails if a file cannot be read, or as [`from_pem`](Self::from_pem) does.
    pub fn from_pem_files(
        certificates: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Result<Self, TransportError> {
        let files = (certificates.into(), key.into());
        let certified = read(&files)?;
        Ok(Self::new(Some(files), certified))
    }

    /// From PEM in memory: the certificate followed by its chain, and the key.
    ///
    /// # Errors
    /// Fails if one of them is missing or not valid, or the key is not that of the certificate.
    pub fn from_pem(
        certificates: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<Self, TransportError> {
        let certified = from_pem(
            certificates.as_ref(),
            key.as_ref(),
            "the certificate",
            "the key",
        )?;
        Ok(Self::new(None, certified))
    }

    /// From DER: the certificate followed by its chain, and the key.
    ///
    /// # Errors
    /// As [`from_pem`](Self::from_pem).
    pub fn from_der<C: Into<Vec<u8>>>(
        certificates: impl IntoIterator<Item = C>,
        key: impl Into<Vec<u8>>,
    ) -> Result<Self, TransportError> {
        let certificates = certificates
            .into_iter()
            .map(|certificate| CertificateDer::from(certificate.into()))
            .collect();
        let key = PrivateKeyDer::try_from(key.into()).map_err(|what| {
            TransportError::config(format!("the key is not a private key in DER: {what}"))
        })?;
        let certified = certified(certificates, key, "the certificate", "the key")?;
        Ok(Self::new(None, certified))
    }

    fn new(files: Option<(PathBuf, PathBuf)>, certified: CertifiedKey) -> Self {
        Self(Arc::new(Shared {
            files,
            current: RwLock::new(Current {
                generation: 0,
                certified: Arc::new(certified),
            }),
        }))
    }

    /// Reads the files again, for this value and its clones. Sessions of before are not resumed, so that every new connection
    /// shows the new certificate. Blocks while it reads.
    ///
    /// # Errors
    /// Fails as [`from_pem_files`](Self::from_pem_files) does, and if this did not come from files; what was in use stays in use.
    pub fn reload(&self) -> Result<(), TransportError> {
        let Some(files) = &self.0.files else {
            return Err(TransportError::config(
                "an identity that came from memory has no files to reload: use Identity::replace",
            ));
        };
        self.set(Arc::new(read(files)?));
        Ok(())
    }

    /// Takes over the certificate and key of `other`, for this value and its clones, as [`reload`](Self::reload) does.
    pub fn replace(&self, other: &Self) {
        self.set(other.current().1);
    }

    fn set(&self, certified: Arc<CertifiedKey>) {
        let mut current = self
            .0
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        current.generation += 1;
        current.certified = certified;
    }

    /// What is in use, and how often it was replaced.
    pub(super) fn current(&self) -> (u64, Arc<CertifiedKey>) {
        let current = self
            .0
            .current
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        (current.generation, Arc::clone(&current.certified))
    }
}

impl fmt::Debug for Identity {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("files", &self.0.files)
            .field("certificates", &self.current().1.cert.len())
            .finish_non_exhaustive()
    }
}

fn read((certificates, key): &(PathBuf, PathBuf)) -> Result<CertifiedKey, TransportError> {
    let name = |path: &Path| path.display().to_string();
    from_pem(
        &file(certificates)?,
        &file(key)?,
        &name(certificates),
        &name(key),
    )
}

/// The bytes of a file.
pub(super) fn file(path: &Path) -> Result<Vec<u8>, TransportError> {
    fs::read(path).map_err(|error| {
        TransportError::config(format!("cannot read {}: {error}", path.display())).caused_by(error)
    })
}

fn from_pem(
    certificates: &[u8],
    key: &[u8],
    certificates_name: &str,
    key_name: &str,
) -> Result<CertifiedKey, TransportError> {
    let chain = self::certificates(certificates, certificates_name)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| no_key(error, key, key_name))?;
    certified(chain, key, certificates_name, key_name)
}

/// The certificates in `pem`, at least one.
pub(super) fn certificates(
    pem: &[u8],
    name: &str,
) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| {
            TransportError::config(format!("{name} is not valid PEM: {error}")).caused_by(error)
        })?;
    if certificates.is_empty() {
        let remedy = match label(pem) {
            Some(label) if label.contains("REQUEST") => {
                format!("it holds {label}: let an authority sign it first")
            }
            Some(label) => format!("it holds {label}: are certificate and key swapped?"),
            None => "convert DER with \"openssl x509 -inform DER\"".to_owned(),
        };
        return Err(TransportError::config(format!(
            "{name} holds no certificate in PEM (\"-----BEGIN CERTIFICATE-----\"): {remedy}"
        )));
    }
    Ok(certificates)
}

/// What the first item of `pem` says it is.
fn label(pem: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(pem);
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, _) = rest.split_once("-----")?;
    (label.len() < 40).then(|| label.to_owned())
}

fn no_key(error: pem::Error, pem: &[u8], name: &str) -> TransportError {
    let encrypted = b"ENCRYPTED";
    let text = if pem.windows(encrypted.len()).any(|part| part == encrypted) {
        format!("{name} holds an encrypted key: decrypt it with \"openssl pkey\"")
    } else if matches!(error, pem::Error::NoItemsFound) {
        let held = label(pem).map_or_else(String::new, |label| format!(", but {label}"));
        format!("{name} holds no private key in PEM (\"-----BEGIN PRIVATE KEY-----\"){held}")
    } else {
        format!("{name} is not valid PEM: {error}")
    };
    TransportError::config(text).caused_by(error)
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    certificates_name: &str,
    key_name: &str,
) -> Result<CertifiedKey, TransportError> {
    use rustls::{CertificateError, Error};
    if chain.is_empty() {
        return Err(TransportError::config("an identity without a certificate"));
    }
    CertifiedKey::from_der(chain, key, &provider()).map_err(|error| {
        let text = match &error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                format!(
                    "{key_name} does not belong to the first certificate of {certificates_name}"
                )
            }
            Error::InvalidCertificate(CertificateError::Other(other))
                if other.0.to_string() == "UnsupportedCertVersion" =>
            {
                format!("{certificates_name} is not of X.509 version 3: {VERSION_3}")
            }
            Error::InvalidCertificate(_) => format!("{certificates_name} is not valid: {error}"),
            _ => format!("{key_name} cannot be used: {error}"),
        };
        TransportError::config(text).caused_by(error)
    })
}
