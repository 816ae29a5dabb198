//! URLs and options of a server.

use soap_core::{Options, transport::TransportError};
use soap_transport::udp::UdpOptions;

use crate::fake::Target;
#[cfg(feature = "tcp")]
use crate::fake::{PATIENCE, Shared};

async fn says(url: &str, udp: UdpOptions) -> TransportError {
    let registry = soap_transport::default_registry();
    let options = Options::server().with(udp);
    registry.bind(url, &options).await.unwrap_err()
}

#[tokio::test]
async fn a_url_tells_the_port_that_was_taken() {
    let target = Target::start().await;
    let expected = format!("soap.udp://127.0.0.1:{}/path", target.port());
    assert_eq!(target.running.urls(), [expected]);
    assert_ne!(target.port(), 0);
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let target = Target::start().await;
    let url = &target.running.urls()[0];
    let error = says(url, UdpOptions::new()).await;
    let expected = format!(
        "cannot listen on soap.udp://{0}: another socket has {0}: end it or take another port",
        target.address()
    );
    assert_eq!(error.to_string(), expected);
    assert!(!error.is_config());
}

#[tokio::test]
async fn groups_need_all_addresses_of_their_family() {
    let group = |text: &str| UdpOptions::new().groups([text.parse::<std::net::IpAddr>().unwrap()]);
    for (url, udp, text) in [
        (
            "soap.udp://127.0.0.1:0",
            group("239.1.1.1"),
            "the group 239.1.1.1 needs the URL of all addresses, 0.0.0.0, or its own",
        ),
        (
            "soap.udp://[::]:0",
            group("239.1.1.1"),
            "the group 239.1.1.1 needs a URL of its own, with an address of its family",
        ),
    ] {
        let error = says(url, udp).await;
        assert!(
            error.is_config() && error.to_string().contains(text),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_unknown_interface_is_named_with_those_there_are() {
    let udp = UdpOptions::new().interfaces(["eth99"]);
    let error = says("soap.udp://239.1.1.1:0", udp).await.to_string();
    assert!(
        error.contains("there is no network interface \"eth99\"; there are: "),
        "{error}"
    );
}

/// What the URLs of a server share is for those that can honour it.
#[cfg(feature = "tcp")]
#[tokio::test]
async fn options_of_streams_that_urls_share_are_not_for_datagrams() {
    let mut options = Options::server();
    options.socket.backlog = 2048;
    options.socket.nodelay = false;
    let server = || {
        let server =
            soap_transport::Server::new(Shared(std::sync::Arc::default())).options(options.clone());
        server.bind("soap.tcp://127.0.0.1:0")
    };
    let running = server().bind("soap.udp://127.0.0.1:0").start().await;
    running.unwrap().stop(PATIENCE).await.unwrap();
    let own = server().bind_with("soap.udp://127.0.0.1:0", options.clone());
    let error = own.start().await.unwrap_err();
    assert!(error.is_config(), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("SocketOptions::nodelay is for streams") && text.contains("leave it out"),
        "{text}"
    );
}

#[tokio::test]
async fn options_that_mean_nothing_are_refused() {
    let error = says("soap.udp://127.0.0.1:0", UdpOptions::new().datagram(70_000)).await;
    assert!(error.is_config(), "{error}");
    let error = says("soap.udp://127.0.0.1:0", UdpOptions::new().seen(0)).await;
    assert!(
        error.is_config() && error.to_string().contains("seen is 0"),
        "{error}"
    );
    let registry = soap_transport::default_registry();
    let options = Options::server().with(7_u8);
    let error = registry.bind("soap.udp://127.0.0.1:0", &options).await;
    let error = error.unwrap_err().to_string();
    assert_eq!(error, "soap.udp cannot honour the options u8");
    let mut options = Options::server();
    options.socket.nodelay = false;
    let error = registry.bind("soap.udp://127.0.0.1:0", &options).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("SocketOptions::nodelay"), "{error}");
}
