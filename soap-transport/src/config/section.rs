//! The tables of a server or a client: `[server.limits]`, `[client.http]` and so on.

use std::any::TypeId;

use soap_core::{
    AddressingOptions, Capacity, Limits, Options, SocketOptions, Timeouts,
    transport::TransportError,
};

use super::{
    error::{ConfigError, Problem},
    fields::{ADDRESSING, ANY, BINDING, CAPACITY, Field, LIMITS, SOCKET, Side, TIMEOUTS},
    kind::Wrong,
    tree::{Entry, Place, Table},
    unknown::{misplaced, unknown, unknown_table},
};

/// A struct of options that has a table of its own.
pub(super) trait OptionTable: Clone + 'static {
    const NAME: &'static str;
    /// Whom it is for.
    const SIDES: &'static [Side];
    const FIELDS: &'static [Field<Self>];
    /// True if it belongs to one transport, false if all know it.
    const ADDED: bool = false;

    fn get(options: &Options) -> Self;

    fn put(self, options: &mut Options);

    /// Refuses what could not be honoured.
    fn check_for(&self, side: Side) -> Result<(), TransportError> {
        let _ = side;
        Ok(())
    }

    /// Refuses what could not be honoured together, with the keys it is about.
    fn check_together(&self) -> Result<(), (&'static [&'static str], TransportError)> {
        Ok(())
    }

    /// Refuses what a URL of this scheme could not honour.
    fn check_scheme(&self, scheme: &str) -> Result<(), TransportError> {
        let _ = scheme;
        Ok(())
    }

    /// Takes note of where the table stands.
    fn at(&mut self, place: &Place) {
        let _ = place;
    }
}

impl OptionTable for Limits {
    const NAME: &'static str = "limits";
    const SIDES: &'static [Side] = ANY;
    const FIELDS: &'static [Field<Self>] = LIMITS;

    fn get(options: &Options) -> Self {
        options.limits.clone()
    }

    fn put(self, options: &mut Options) {
        options.limits = self;
    }
}

impl OptionTable for Timeouts {
    const NAME: &'static str = "timeouts";
    const SIDES: &'static [Side] = ANY;
    const FIELDS: &'static [Field<Self>] = TIMEOUTS;

    fn get(options: &Options) -> Self {
        options.timeouts.clone()
    }

    fn put(self, options: &mut Options) {
        options.timeouts = self;
    }
}

impl OptionTable for Capacity {
    const NAME: &'static str = "capacity";
    const SIDES: &'static [Side] = BINDING;
    const FIELDS: &'static [Field<Self>] = CAPACITY;

    fn get(options: &Options) -> Self {
        options.capacity.clone()
    }

    fn put(self, options: &mut Options) {
        options.capacity = self;
    }
}

impl OptionTable for SocketOptions {
    const NAME: &'static str = "socket";
    const SIDES: &'static [Side] = ANY;
    const FIELDS: &'static [Field<Self>] = SOCKET;

    fn get(options: &Options) -> Self {
        options.socket.clone()
    }

    fn put(self, options: &mut Options) {
        options.socket = self;
    }

    fn check_scheme(&self, scheme: &str) -> Result<(), TransportError> {
        let kept = crate::default_registry().socket(&format!("{scheme}://"), self);
        match kept {
            Ok(kept) if kept != *self => Err(TransportError::config(format!(
                "it is for streams, and means nothing on {scheme}"
            ))),
            _ => Ok(()),
        }
    }

    #[cfg(any(feature = "http", feature = "tcp"))]
    fn check_for(&self, side: Side) -> Result<(), TransportError> {
        use crate::socket::{Role, check};
        let role = match side {
            Side::Client => Role::Client,
            Side::Server | Side::Binding => Role::Listener,
        };
        check(self, role)
    }
}

impl OptionTable for AddressingOptions {
    const NAME: &'static str = "addressing";
    const SIDES: &'static [Side] = ANY;
    const FIELDS: &'static [Field<Self>] = ADDRESSING;

    fn get(options: &Options) -> Self {
        options.addressing.clone()
    }

    fn put(self, options: &mut Options) {
        options.addressing = self;
    }

    fn check_for(&self, _: Side) -> Result<(), TransportError> {
        self.check()
    }

    fn check_scheme(&self, scheme: &str) -> Result<(), TransportError> {
        let answers_elsewhere =
            crate::default_registry().answers_elsewhere(&format!("{scheme}://"));
        match answers_elsewhere {
            Ok(false) if !self.answers_to.is_empty() => Err(TransportError::config(
                "answers only go back there, since anybody can forge where a request comes from",
            )),
            _ => Ok(()),
        }
    }
}

/// One table, whatever its struct.
pub(super) struct Section {
    pub(super) name: &'static str,
    sides: &'static [Side],
    read: fn(&Table, &Place, &At, &mut Options, &mut Vec<Problem>),
    keys: fn(Side) -> Vec<(&'static str, String)>,
    /// The first key whose value is another than the default.
    pub(super) changed: fn(&Table, Side) -> Option<&Entry>,
    /// The keys that URLs of a scheme cannot honour, and why.
    pub(super) refused: fn(&Table, Side, &str) -> Vec<(Entry, TransportError)>,
    /// What a transport must know to honour it.
    pub(super) added: Option<TypeId>,
}

impl Section {
    fn of<T: OptionTable>() -> Self {
        Self {
            name: T::NAME,
            sides: T::SIDES,
            read: read::<T>,
            keys: keys::<T>,
            changed: changed::<T>,
            refused: refused::<T>,
            added: T::ADDED.then(TypeId::of::<T>),
        }
    }

    /// The keys of `side`, with what they are when nothing is said.
    pub(super) fn keys(&self, side: Side) -> Vec<(&'static str, String)> {
        (self.keys)(side)
    }
}

/// Those of `side`, as far as they are compiled in.
pub(super) fn sections(side: Side) -> Vec<Section> {
    let mut all = vec![
        Section::of::<Limits>(),
        Section::of::<Timeouts>(),
        Section::of::<Capacity>(),
        Section::of::<SocketOptions>(),
        Section::of::<AddressingOptions>(),
        #[cfg(feature = "http")]
        Section::of::<crate::http::HttpOptions>(),
        #[cfg(feature = "tcp")]
        Section::of::<crate::tcp::TcpOptions>(),
        #[cfg(feature = "udp")]
        Section::of::<crate::udp::UdpOptions>(),
        #[cfg(feature = "tls")]
        Section::of::<super::tls::ServerFiles>(),
        #[cfg(feature = "tls")]
        Section::of::<super::tls::ClientFiles>(),
    ];
    all.retain(|section| section.sides.contains(&side));
    all
}

/// Where reading has come to.
pub(super) struct At {
    pub(super) side: Side,
    /// `server.timeouts`.
    pub(super) path: String,
}

impl At {
    fn below(&self, key: &str) -> Self {
        Self {
            side: self.side,
            path: self.key(key),
        }
    }

    pub(super) fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }
}

/// What `side` is when nothing is said.
pub(super) fn defaults(side: Side) -> Options {
    match side {
        Side::Client => Options::client(),
        Side::Server | Side::Binding => Options::server(),
    }
}

/// Reads the tables of options in `table` on top of the defaults. `own` are the keys that are none.
pub(super) fn read_options(
    table: &Table,
    at: &At,
    own: &[&'static str],
    problems: &mut Vec<Problem>,
) -> Options {
    let mut options = defaults(at.side);
    let sections = sections(at.side);
    for entry in table.0.iter().filter(|entry| !own.contains(&&*entry.key)) {
        let section = sections.iter().find(|section| section.name == entry.key);
        match (section, entry.node.as_table()) {
            (Some(section), Some(inner)) => {
                let at = at.below(section.name);
                (section.read)(inner, &entry.place, &at, &mut options, problems);
            }
            (Some(section), None) => {
                let text = format!("{} is not a table of {}", entry.node.show(), section.name);
                problems.extend(wrong_value(at, entry, Wrong::new(text)));
            }
            (None, _) => {
                let names = sections.iter().map(|section| section.name);
                let known: Vec<_> = own.iter().copied().chain(names).collect();
                problems.push(unknown_table(entry, at, &known));
            }
        }
    }
    options
}

/// What is wrong in the value of `entry`.
pub(super) fn wrong_value(at: &At, entry: &Entry, mut wrong: Wrong) -> Vec<Problem> {
    let next = wrong.next.take();
    let key = format!("{}{}", at.key(&entry.key), wrong.below);
    let place = wrong.place.unwrap_or_else(|| entry.node.place.clone());
    let problem = Problem::new(place, &*key, format!("{key}: {}", wrong.text));
    let mut problems = vec![match wrong.suggestion {
        Some(suggestion) => problem.suggest(&suggestion),
        None => problem,
    }];
    if let Some(next) = next {
        problems.extend(wrong_value(at, entry, *next));
    }
    problems
}

fn read<T: OptionTable>(
    table: &Table,
    place: &Place,
    at: &At,
    options: &mut Options,
    problems: &mut Vec<Problem>,
) {
    let mut value = T::get(options);
    value.at(place);
    let fields = || {
        T::FIELDS
            .iter()
            .filter(|field| field.sides.contains(&at.side))
    };
    for entry in &table.0 {
        let Some(field) = T::FIELDS.iter().find(|field| field.key == entry.key) else {
            let known: Vec<_> = fields().map(|field| field.key).collect();
            problems.push(unknown(entry, at, &known));
            continue;
        };
        if !field.sides.contains(&at.side) {
            let text = format!(
                "{}: {}",
                at.key(field.key),
                misplaced(at.side, field.sides, at)
            );
            problems.push(Problem::new(entry.place.clone(), at.key(field.key), text));
            continue;
        }
        // Alone first, so that what the transport says of it is said at its place.
        let alone = alone(field, entry, at.side);
        match alone.and_then(|_| (field.read)(&entry.node, &mut value)) {
            Ok(()) => {}
            Err(wrong) => problems.extend(wrong_value(at, entry, wrong)),
        }
    }
    if let Err((keys, error)) = value.check_together()
        && let Some(entry) = table
            .0
            .iter()
            .find(|entry| keys.contains(&entry.key.as_str()))
    {
        problems.extend(wrong_value(at, entry, Wrong::new(error.to_string())));
    }
    if !T::ADDED || changed::<T>(table, at.side).is_some() {
        value.put(options);
    }
}

/// The defaults with this one option.
fn alone<T: OptionTable>(field: &Field<T>, entry: &Entry, side: Side) -> Result<T, Wrong> {
    let mut alone = T::get(&defaults(side));
    (field.read)(&entry.node, &mut alone)?;
    let checked = alone.check_for(side);
    checked.map_err(|error| Wrong::new(error.to_string()))?;
    Ok(alone)
}

fn changed<T: OptionTable>(table: &Table, side: Side) -> Option<&Entry> {
    let default = T::get(&defaults(side));
    table.0.iter().find(|entry| {
        let field = T::FIELDS.iter().find(|field| field.key == entry.key);
        let read = field.and_then(|field| Some((field, alone(field, entry, side).ok()?)));
        read.is_some_and(|(field, value)| (field.show)(&value) != (field.show)(&default))
    })
}

fn refused<T: OptionTable>(
    table: &Table,
    side: Side,
    scheme: &str,
) -> Vec<(Entry, TransportError)> {
    let refused = |entry: &Entry| {
        let field = T::FIELDS.iter().find(|field| field.key == entry.key)?;
        let value = alone(field, entry, side).ok()?;
        let error = value.check_scheme(scheme).err()?;
        Some((entry.clone(), error))
    };
    table.0.iter().filter_map(refused).collect()
}

fn keys<T: OptionTable>(side: Side) -> Vec<(&'static str, String)> {
    let default = T::get(&defaults(side));
    let fields = T::FIELDS.iter().filter(|field| field.sides.contains(&side));
    fields
        .map(|field| (field.key, (field.show)(&default)))
        .collect()
}

/// Without what bindings of their own complete, and nobody else needs: the server's own URLs know the types `known`.
pub(super) fn drop_unfinished(options: Options, known: &[TypeId]) -> Options {
    #[cfg(feature = "tls")]
    return super::tls::drop_unfinished(options, known);
    #[cfg(not(feature = "tls"))]
    {
        let _ = known;
        options
    }
}

/// The types of options that belong to one transport each, as they are when complete.
pub(super) fn added() -> Vec<TypeId> {
    vec![
        #[cfg(feature = "http")]
        TypeId::of::<crate::http::HttpOptions>(),
        #[cfg(feature = "tcp")]
        TypeId::of::<crate::tcp::TcpOptions>(),
        #[cfg(feature = "udp")]
        TypeId::of::<crate::udp::UdpOptions>(),
        #[cfg(feature = "tls")]
        TypeId::of::<crate::tls::ServerTls>(),
    ]
}

/// The options as they are: without those whose files are not read yet.
pub(super) fn plain(options: &Options) -> Options {
    options.only(&[
        #[cfg(feature = "http")]
        TypeId::of::<crate::http::HttpOptions>(),
        #[cfg(feature = "tcp")]
        TypeId::of::<crate::tcp::TcpOptions>(),
        #[cfg(feature = "udp")]
        TypeId::of::<crate::udp::UdpOptions>(),
    ])
}

/// The options with all files read. `path` is that of the server or client.
///
/// # Errors
/// Fails if a file is missing, or does not hold what it should.
pub(super) fn complete(options: &Options, path: &str) -> Result<Options, ConfigError> {
    #[cfg(feature = "tls")]
    return super::tls::complete(options, path);
    #[cfg(not(feature = "tls"))]
    {
        let _ = path;
        Ok(plain(options))
    }
}
