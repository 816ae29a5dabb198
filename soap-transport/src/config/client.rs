//! `[client]` and `[clients.NAME]`: services that are called.

use soap_core::{Options, SoapVersion, transport::TransportError};

use super::{
    Config,
    error::{ConfigError, Problem},
    fields::Side,
    kind::{Kind, Located, Url, Word},
    schemes::{check_options, check_schemes, check_url, honoured},
    section::{At, complete, plain, read_options, wrong_value},
    tree::{Place, Table},
};
use crate::{Endpoint, client::ToEndpoint, default_registry, parse_url::check_reachable};

/// The keys that are no table of options.
pub(super) const OWN: [&str; 2] = ["url", "version"];

/// A service to call, as `[client]` or `[clients.NAME]` of a [`Config`] has it. [`Endpoint::from_config`] and the clients that
/// `#[service]` makes take it.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    path: String,
    place: Place,
    url: Option<Located>,
    version: SoapVersion,
    options: Options,
}

impl ClientConfig {
    /// Where the service is.
    pub fn url(&self) -> Option<&str> {
        self.url.as_ref().map(|located| &*located.url)
    }

    /// The version of SOAP to speak: 1.1 unless said.
    pub fn version(&self) -> SoapVersion {
        self.version
    }

    /// All other options, without those of TLS, whose files [`Endpoint::from_config`] reads.
    pub fn options(&self) -> Options {
        plain(&self.options)
    }

    /// Reads `own`, on top of the options of `inherited`.
    pub(super) fn read(
        own: &Table,
        inherited: Option<&Table>,
        path: &str,
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let at = At {
            side: Side::Client,
            path: path.to_owned(),
        };
        let mut options = read_options(own, &at, &OWN, problems);
        let url = read_key::<Url>(own, &at, "url", problems);
        let registry = default_registry();
        let urls: Vec<_> = url.iter().collect();
        for url in &urls {
            check_url(url, &at, "url", &registry, problems);
            if let Err(error) = check_reachable(&url.url) {
                let key = at.key("url");
                let text = format!("{key}: {error}");
                problems.push(Problem::new(url.place.clone(), key, text));
            }
        }
        check_schemes(own, &at, &urls, &registry, problems);
        let mut all = own.clone();
        let mut judged = own.clone();
        if let Some(inherited) = inherited {
            all = inherited.without(&["url"]);
            all.overlay(own);
            options = read_options(&all, &at, &OWN, &mut Vec::new());
            if let Some(known) = url.as_ref().and_then(|url| honoured(&registry, &url.url)) {
                options = options.only(&known);
            }
            let kept = url
                .as_ref()
                .map(|url| registry.socket(&url.url, &options.socket));
            if let Some(Ok(kept)) = kept {
                options.socket = kept;
            }
            judged = inherited.without(&["url", "socket"]);
            judged.overlay(own);
        }
        if let Some(url) = &url {
            check_options(&judged, &at, url, problems);
        }
        let version = read_key::<Word<SoapVersion>>(&all, &at, "version", problems);
        Self {
            path: path.to_owned(),
            place: place.clone(),
            url,
            version: version.unwrap_or_default(),
            options,
        }
    }
}

/// The value of `key`, if it is there and right.
pub(super) fn read_key<K: Kind>(
    table: &Table,
    at: &At,
    key: &str,
    problems: &mut Vec<Problem>,
) -> Option<K::Value> {
    let entry = table.get(key)?;
    match K::read(&entry.node) {
        Ok(value) => Some(value),
        Err(wrong) => {
            problems.extend(wrong_value(at, entry, wrong));
            None
        }
    }
}

impl ToEndpoint for ClientConfig {
    /// # Errors
    /// Fails without a `url`, and if a file that is named cannot be used.
    fn to_endpoint(&self) -> Result<Endpoint, TransportError> {
        let Some(url) = &self.url else {
            let text = format!(
                "[{}] has no `url`, such as \"http://127.0.0.1:9000/calc\"",
                self.path
            );
            let key = format!("{}.url", self.path);
            let problem = Problem::new(self.place.clone(), key, text);
            return Err(ConfigError::from(problem).into_transport());
        };
        let options = complete(&self.options, &self.path).map_err(ConfigError::into_transport)?;
        let place = format!("{}{}.url: ", url.place, self.path);
        let endpoint = Endpoint::new(&url.url).at(place);
        Ok(endpoint.version(self.version).options(options))
    }
}

impl ToEndpoint for Config {
    fn to_endpoint(&self) -> Result<Endpoint, TransportError> {
        self.client().to_endpoint()
    }
}
