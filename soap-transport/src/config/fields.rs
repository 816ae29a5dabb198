//! The options of every transport, one list for each struct: it drives what is read, what is known and which defaults are shown.

use soap_core::{Capacity, CloseFirst, Limits, SocketOptions, Timeouts};

use super::kind::{
    Address, Count, KeepaliveKind, Kind, LingerKind, OrDefault, Several, Size, Switch, Text, Time,
    Word, Wrong,
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

fields!(LIMITS: Limits {
    message: Size, ANY;
    depth: Count<usize>, MESSAGE;
    attributes: Count<usize>, MESSAGE;
    namespaces: Count<usize>, MESSAGE;
    children: Count<usize>, MESSAGE;
    elements: Count<usize>, MESSAGE;
    name: Size, MESSAGE;
    attribute_value: Size, MESSAGE;
    comments: Size, MESSAGE;
    header_blocks: Count<usize>, MESSAGE;
    head: Size, ANY;
    body_rate: Size, BINDING;
    inflate_ratio: Count<usize>, ANY;
});

fields!(TIMEOUTS: Timeouts {
    connect: Time, CLIENT;
    next_address: Time, CLIENT;
    tls: Time, ANY;
    answer: Time, CLIENT;
    call: Time, CLIENT;
    client_idle: Time, CLIENT;
    first_byte: Time, BINDING;
    head: Time, BINDING;
    body_read: Time, ANY;
    body: Time, ANY;
    body_rate_after: Time, BINDING;
    handler: Time, SERVER;
    write: Time, ANY;
    idle: OrDefault<Time>, BINDING;
    connection: OrDefault<Time>, BINDING;
    grace: Time, BINDING;
    stop: Time, SERVER;
});

fields!(CAPACITY: Capacity {
    connections: Count<usize>, SERVER;
    connections_per_peer: Count<usize>, SERVER;
    trusted_proxies: Several<Address>, SERVER;
    requests_per_connection: OrDefault<Count<u64>>, BINDING;
    in_flight: OrDefault<Count<usize>>, SERVER;
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
    }
}
