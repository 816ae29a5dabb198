//! The options of every transport, one list for each struct: it drives what is read, what is known and which defaults are shown.

use soap_core::{
    Addressing, AddressingOptions, Capacity, CloseFirst, Limits, SocketOptions, Timeouts,
    addressing::Edition,
};

use super::kind::{
    Address, Count, KeepaliveKind, Kind, LingerKind, OrDefault, Positive, Several, Size, Switch,
    Target, Text, Time, Word, Wrong,
};
use super::tree::Node;

/// Whom options are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
    /// One URL of a server.
    Binding,
}

/// Everybody.
pub(super) const ANY: &[Side] = &[Side::Client, Side::Server, Side::Binding];
pub(super) const CLIENT: &[Side] = &[Side::Client];
/// A server, and each of its URLs.
pub(super) const BINDING: &[Side] = &[Side::Server, Side::Binding];
/// What is one for all URLs of a server.
const SERVER: &[Side] = &[Side::Server];
/// What is read behind the transport.
const MESSAGE: &[Side] = &[Side::Client, Side::Server];

/// One option of a struct of type `T`.
pub(super) struct Field<T> {
    pub(super) key: &'static str,
    pub(super) sides: &'static [Side],
    pub(super) read: fn(&Node, &mut T) -> Result<(), Wrong>,
    pub(super) show: fn(&T) -> String,
}

/// `LIST: Type { field: Kind, for whom; … }`.
macro_rules! fields {
    ($name:ident: $type:ty { $($key:ident: $kind:ty, $sides:expr;)+ }) => {
        pub(super) static $name: &[Field<$type>] = &[$(Field {
            key: stringify!($key),
            sides: $sides,
            read: |node, options| {
                options.$key = <$kind as Kind>::read(node)?;
                Ok(())
            },
            show: |options| <$kind as Kind>::show(&options.$key),
        }),+];
    };
}

/// The most calls at a time: what a semaphore of tokio holds on every platform.
const IN_FLIGHT: i64 = u32::MAX as i64 >> 3;

fields!(LIMITS: Limits {
    message: Positive<Size>, ANY;
    depth: Count<usize, 1, 1000>, MESSAGE;
    attributes: Count<usize, 1>, MESSAGE;
    namespaces: Count<usize, 1>, MESSAGE;
    children: Count<usize, 1>, MESSAGE;
    elements: Count<usize, 1>, MESSAGE;
    name: Positive<Size>, MESSAGE;
    attribute_value: Positive<Size>, MESSAGE;
    comments: Size, MESSAGE;
    header_blocks: Count<usize>, MESSAGE;
    head: Positive<Size>, ANY;
    body_rate: Size, BINDING;
    inflate_ratio: Count<usize, 1>, ANY;
});

fields!(TIMEOUTS: Timeouts {
    connect: Positive<Time>, CLIENT;
    next_address: Time, CLIENT;
    tls: Positive<Time>, ANY;
    answer: Positive<Time>, CLIENT;
    call: Positive<Time>, CLIENT;
    client_idle: Time, CLIENT;
    first_byte: Positive<Time>, BINDING;
    head: Positive<Time>, BINDING;
    body_read: Positive<Time>, ANY;
    body: Positive<Time>, ANY;
    body_rate_after: Time, BINDING;
    handler: Positive<Time>, SERVER;
    write: Positive<Time>, ANY;
    idle: OrDefault<Positive<Time>>, BINDING;
    connection: OrDefault<Positive<Time>>, BINDING;
    grace: Time, BINDING;
    stop: Time, SERVER;
});

fields!(CAPACITY: Capacity {
    connections: Count<usize, 1>, SERVER;
    connections_per_peer: Count<usize, 1>, SERVER;
    trusted_proxies: Several<Address>, SERVER;
    requests_per_connection: OrDefault<Count<u64, 1>>, BINDING;
    in_flight: OrDefault<Count<usize, 1, IN_FLIGHT>>, SERVER;
    queue: Count<usize>, SERVER;
});

fields!(SOCKET: SocketOptions {
    reuse_address: Switch, BINDING;
    reuse_port: Switch, BINDING;
    backlog: Count<u32>, BINDING;
    only_v6: OrDefault<Switch>, BINDING;
    local_address: OrDefault<Address>, CLIENT;
    interface: OrDefault<Text>, ANY;
    nodelay: Switch, ANY;
    keepalive: KeepaliveKind, ANY;
    user_timeout: OrDefault<Time>, ANY;
    receive_buffer: OrDefault<Size>, ANY;
    send_buffer: OrDefault<Size>, ANY;
    linger: LingerKind, ANY;
    close_first: Word<CloseFirst>, BINDING;
});

fields!(ADDRESSING: AddressingOptions {
    mode: OrDefault<Word<Addressing>>, ANY;
    edition: Word<Edition>, ANY;
    answers_to: Several<Target>, BINDING;
    check_to: Several<Text>, BINDING;
});

#[cfg(test)]
mod tests {
    use super::*;

    /// A field that soap-core has and a list here lacks could not be configured.
    #[test]
    fn every_field_of_every_struct_is_listed() {
        fn check<T>(known: &[Field<T>], fields: &[&str]) {
            let mut known: Vec<_> = known.iter().map(|field| field.key).collect();
            let mut fields = fields.to_vec();
            known.sort_unstable();
            fields.sort_unstable();
            assert_eq!(known, fields);
        }
        check(LIMITS, Limits::FIELDS);
        check(TIMEOUTS, Timeouts::FIELDS);
        check(CAPACITY, Capacity::FIELDS);
        check(SOCKET, SocketOptions::FIELDS);
        check(ADDRESSING, AddressingOptions::FIELDS);
    }
}
