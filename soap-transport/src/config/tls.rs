//! `[server.tls]` and `[client.tls]`: files in PEM, which are read when a server or an endpoint is made of the configuration.

use std::{any::TypeId, path::PathBuf};

use soap_core::{Options, transport::TransportError};

use super::{
    error::{ConfigError, Problem},
    fields::{BINDING, CLIENT, Field, Side},
    kind::{Kind, Several, Word, Words, Wrong},
    section::{OptionTable, plain},
    tree::{Node, Place},
};
use crate::tls::{ClientCertificates, ClientTls, Identity, Roots, ServerTls, TlsVersion};

/// The word for no file.
const NONE: &str = "none";
/// The word for the authorities of the system.
const PLATFORM: &str = "platform";

/// What a server shows and demands.
#[derive(Debug, Clone)]
pub(super) struct ServerFiles {
    certificate: Option<File>,
    key: Option<File>,
    client_certificates: Demand,
    client_roots: Option<File>,
    min_version: TlsVersion,
    /// Of the table.
    place: Place,
    /// Of `client_certificates`.
    demanded: Place,
}

/// Whom a client trusts, and what it shows.
#[derive(Debug, Clone)]
pub(super) struct ClientFiles {
    /// `None`: those of the platform.
    roots: Vec<Option<File>>,
    certificate: Option<File>,
    key: Option<File>,
    min_version: TlsVersion,
    /// Of the table.
    place: Place,
}

/// A file, and where its name was written.
#[derive(Debug, Clone)]
struct File {
    path: PathBuf,
    place: Place,
}

/// Whether clients show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    Off,
    Optional,
    Required,
}

impl Words for Demand {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("off", Self::Off),
        ("optional", Self::Optional),
        ("required", Self::Required),
    ];
}

impl Words for TlsVersion {
    const WORDS: &'static [(&'static str, Self)] = &[("1.2", Self::Tls12), ("1.3", Self::Tls13)];
}

/// A file by its name, or a word in its place.
fn file(node: &Node, word: &str) -> Result<Option<File>, Wrong> {
    let name = node.as_text().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Wrong::value(node, &rule(word)))?;
    // A file that is named in a file stands beside it.
    let folder = match &node.place {
        Place::File { file, .. } => file.as_deref().and_then(|file| file.parent()),
        _ => None,
    };
    Ok((name != word).then(|| File {
        path: folder.unwrap_or("".as_ref()).join(name),
        place: node.place.clone(),
    }))
}

fn rule(word: &str) -> String {
    format!("the name of a file in PEM, or \"{word}\"")
}

fn show(file: Option<&File>, word: &str) -> String {
    match file {
        Some(file) => format!("{:?}", file.path),
        None => format!("{word:?}"),
    }
}

/// A file, or `"none"`.
struct OrNone;

impl Kind for OrNone {
    type Value = Option<File>;

    fn rule() -> String {
        rule(NONE)
    }

    fn read(node: &Node) -> Result<Self::Value, Wrong> {
        file(node, NONE)
    }

    fn show(value: &Self::Value) -> String {
        show(value.as_ref(), NONE)
    }
}

/// A file, or `"platform"`.
struct OrPlatform;

impl Kind for OrPlatform {
    type Value = Option<File>;

    fn rule() -> String {
        rule(PLATFORM)
    }

    fn read(node: &Node) -> Result<Self::Value, Wrong> {
        file(node, PLATFORM)
    }

    fn show(value: &Self::Value) -> String {
        show(value.as_ref(), PLATFORM)
    }
}

static SERVER: &[Field<ServerFiles>] = &[
    field!(certificate: certificate, OrNone, BINDING),
    field!(key: key, OrNone, BINDING),
    Field {
        key: "client_certificates",
        sides: BINDING,
        read: |node, files| {
            files.client_certificates = Word::<Demand>::read(node)?;
            files.demanded = node.place.clone();
            Ok(())
        },
        show: |files| Word::<Demand>::show(&files.client_certificates),
    },
    field!(client_roots: client_roots, OrNone, BINDING),
    field!(min_version: min_version, Word<TlsVersion>, BINDING),
];

static CLIENT_FIELDS: &[Field<ClientFiles>] = &[
    field!(roots: roots, Several<OrPlatform>, CLIENT),
    field!(certificate: certificate, OrNone, CLIENT),
    field!(key: key, OrNone, CLIENT),
    field!(min_version: min_version, Word<TlsVersion>, CLIENT),
];

impl OptionTable for ServerFiles {
    const NAME: &'static str = "tls";
    const SIDES: &'static [Side] = BINDING;
    const FIELDS: &'static [Field<Self>] = SERVER;
    const ADDED: bool = true;

    fn get(options: &Options) -> Self {
        options.get().cloned().unwrap_or(Self {
            certificate: None,
            key: None,
            client_certificates: Demand::Off,
            client_roots: None,
            min_version: TlsVersion::Tls12,
            place: Place::Unknown,
            demanded: Place::Unknown,
        })
    }

    fn put(self, options: &mut Options) {
        *options = options.clone().with(self);
    }

    fn at(&mut self, place: &Place) {
        self.place = place.clone();
    }
}

impl OptionTable for ClientFiles {
    const NAME: &'static str = "tls";
    const SIDES: &'static [Side] = CLIENT;
    const FIELDS: &'static [Field<Self>] = CLIENT_FIELDS;
    const ADDED: bool = true;

    fn get(options: &Options) -> Self {
        options.get().cloned().unwrap_or(Self {
            roots: vec![None],
            certificate: None,
            key: None,
            min_version: TlsVersion::Tls12,
            place: Place::Unknown,
        })
    }

    fn put(self, options: &mut Options) {
        *options = options.clone().with(self);
    }

    fn at(&mut self, place: &Place) {
        self.place = place.clone();
    }
}

/// Who knows the options of TLS knows the files they are made of.
pub(super) fn with_files(mut known: Vec<TypeId>) -> Vec<TypeId> {
    if known.contains(&TypeId::of::<ServerTls>()) {
        known.extend([TypeId::of::<ServerFiles>(), TypeId::of::<ClientFiles>()]);
    }
    known
}

/// As [`section::drop_unfinished`](super::section::drop_unfinished).
pub(super) fn drop_unfinished(options: Options, known: &[TypeId]) -> Options {
    let type_id = TypeId::of::<ServerFiles>();
    let files = options.get::<ServerFiles>();
    match files.is_some_and(|files| files.certificate.is_none()) && !known.contains(&type_id) {
        true => options.without(&[type_id]),
        false => options,
    }
}

/// As [`section::complete`](super::section::complete).
pub(super) fn complete(options: &Options, path: &str) -> Result<Options, ConfigError> {
    let complete = plain(options);
    if let Some(files) = options.get::<ServerFiles>() {
        return Ok(complete.with(files.read(path)?));
    }
    if let Some(files) = options.get::<ClientFiles>() {
        return Ok(complete.with(files.read(path)?));
    }
    Ok(complete)
}

/// What is wrong with a key, which stands at `place`, or should.
fn wrong(path: &str, key: &str, place: &Place, text: &str) -> ConfigError {
    let key = format!("{path}.tls.{key}");
    Problem::new(place.clone(), &*key, format!("{key}: {text}")).into()
}

fn refused<T>(
    result: Result<T, TransportError>,
    path: &str,
    key: &str,
    place: &Place,
) -> Result<T, ConfigError> {
    result.map_err(|error| wrong(path, key, place, &error.to_string()))
}

/// The certificate of a side and its key, which may stand in the same file.
fn identity(
    path: &str,
    certificate: Option<&File>,
    key: Option<&File>,
) -> Result<Option<Identity>, ConfigError> {
    match (certificate, key) {
        (Some(certificate), key) => {
            let key = key.unwrap_or(certificate);
            let identity = Identity::from_pem_files(&certificate.path, &key.path);
            refused(identity, path, "certificate", &certificate.place).map(Some)
        }
        (None, Some(key)) => {
            let text = "there is a key, but no certificate";
            Err(wrong(path, "certificate", &key.place, text))
        }
        (None, None) => Ok(None),
    }
}

impl ServerFiles {
    fn read(&self, path: &str) -> Result<ServerTls, ConfigError> {
        let identity = identity(path, self.certificate.as_ref(), self.key.as_ref())?;
        let missing = || wrong(path, "certificate", &self.place, "a server needs one");
        let tls = ServerTls::new(identity.ok_or_else(missing)?).min_version(self.min_version);
        let roots = match &self.client_roots {
            Some(file) => {
                let roots = Roots::from_pem_file(&file.path);
                Some((refused(roots, path, "client_roots", &file.place)?, file))
            }
            None => None,
        };
        let certificates = match (self.client_certificates, roots) {
            (Demand::Off, None) => ClientCertificates::Off,
            (Demand::Off, Some((_, file))) => {
                let text = "nobody is asked: client_certificates is \"off\"";
                return Err(wrong(path, "client_roots", &file.place, text));
            }
            (_, None) => {
                let text = "whose certificates are taken? client_certificates asks for them";
                return Err(wrong(path, "client_roots", &self.demanded, text));
            }
            (Demand::Optional, Some((roots, _))) => ClientCertificates::Optional(roots),
            (Demand::Required, Some((roots, _))) => ClientCertificates::Required(roots),
        };
        Ok(tls.client_certificates(certificates))
    }
}

impl ClientFiles {
    fn read(&self, path: &str) -> Result<ClientTls, ConfigError> {
        let platform = self.roots.iter().any(Option::is_none);
        let mut roots = platform.then(Roots::platform);
        for file in self.roots.iter().flatten() {
            let own = Roots::from_pem_file(&file.path);
            let own = refused(own, path, "roots", &file.place)?;
            roots = Some(match roots {
                Some(others) => own.and(&others),
                None => own,
            });
        }
        let nobody = || wrong(path, "roots", &self.place, "nobody would be trusted");
        let tls = ClientTls::new().min_version(self.min_version);
        let tls = tls.roots(roots.ok_or_else(nobody)?);
        match identity(path, self.certificate.as_ref(), self.key.as_ref())? {
            Some(identity) => Ok(tls.identity(identity)),
            None => Ok(tls),
        }
    }
}
