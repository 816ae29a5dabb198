//! The reader of the kernel's table itself.

use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::harness::sockets::{State, end};

/// Both families, both ends, and what waits to be read.
#[test]
fn the_table_of_the_kernel_is_read() {
    let nowhere = |local: SocketAddr| SocketAddr::new(local.ip(), 0);
    let any = |local: SocketAddr| match local {
        SocketAddr::V4(_) => SocketAddr::from(([0; 4], 0)),
        SocketAddr::V6(_) => SocketAddr::from(([0u16; 8], 0)),
    };
    for ip in ["127.0.20.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(ip) else {
            continue; // no IPv6 here
        };
        let server = listener.local_addr().expect("an address");
        let mut stream = TcpStream::connect(server).expect("connects");
        let client = stream.local_addr().expect("an address");
        std::io::Write::write_all(&mut stream, b"five!").expect("writes");
        let listening = end(server, any(server)).expect("a listener");
        assert_eq!((listening.state, listening.unread), (State::Listen, 1));
        let accepted = end(server, client).expect("the end at the server");
        assert_eq!(accepted.state, State::Established);
        let connected = end(client, server).expect("the end at the client");
        assert_eq!(connected.state, State::Established);
        assert_eq!(accepted.unread, 5);
        assert_eq!(end(server, nowhere(client)), None);
    }
}
