//! Whether a server's certificate is taken.

use std::sync::Arc;

use rustls::{
    DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    server::ParsedCertificate,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use rustls_platform_verifier::Verifier;
use soap_core::transport::TransportError;

use super::Roots;

/// What of a server's certificate is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Trust {
    /// All of it.
    #[default]
    Verified,
    /// Everything but the name.
    AnyName,
    /// Nothing.
    AnyCertificate,
}

/// The verifier for `roots` and `trust`. Reads the roots of the platform where they are asked for.
pub(super) fn verifier(
    roots: &Roots,
    trust: Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TransportError> {
    let provider = Arc::clone(provider);
    match (trust, roots.own()) {
        (Trust::AnyCertificate, _) => Ok(Arc::new(AnyCertificate { provider })),
        (Trust::AnyName, Some(roots)) => Ok(Arc::new(AnyName { roots, provider })),
        (Trust::AnyName, None) => Err(TransportError::config(
            "accept_any_name needs roots of its own, by ClientTls::roots: with those of the platform it would take everybody",
        )),
        (Trust::Verified, Some(roots)) => {
            match WebPkiServerVerifier::builder_with_provider(roots, provider).build() {
                Ok(verifier) => Ok(verifier),
                Err(error) => {
                    let text = format!("the roots cannot be used: {error}");
                    Err(TransportError::config(text).caused_by(error))
                }
            }
        }
        (Trust::Verified, None) => {
            let own = roots.certificates.iter().cloned();
            let verifier = Verifier::new_with_extra_roots(own, provider).map_err(|error| {
                let text = format!(
                    "the roots of the platform cannot be used: {error}; give roots with ClientTls::roots"
                );
                TransportError::config(text).caused_by(error)
            })?;
            Ok(Arc::new(verifier))
        }
    }
}

/// Takes certificates signed by `roots`, whatever name they are for.
#[derive(Debug)]
struct AnyName {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        verify_server_cert_signed_by_trust_anchor(
            &ParsedCertificate::try_from(end_entity)?,
            &self.roots,
            intermediates,
            now,
            self.provider.signature_verification_algorithms.all,
        )?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Takes everything. Signatures are not looked at either: some devices have certificates that cannot be read.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
