//! A service within another HTTP server, as a tower service.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use soap_core::Options;
use soap_transport::http::{HttpOptions, HttpService};
use tower_service::Service;

use crate::fake::Fake;

fn post(body: &'static str) -> Request<Full<Bytes>> {
    let request = Request::post("/any/path").header("Host", "a");
    let request = request.header("Content-Type", "text/xml");
    request
        .body(Full::new(Bytes::from_static(body.as_bytes())))
        .unwrap()
}

#[tokio::test]
async fn requests_on_any_path_are_answered() {
    let fake = Fake::echo();
    let mut service = HttpService::new(fake.dispatch_as());
    let mut request = post("<a/>");
    let peer: SocketAddr = "192.0.2.1:7".parse().unwrap();
    request.extensions_mut().insert(peer);
    let answer = service.call(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/xml; charset=utf-8");
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "<a/>");
    let seen = fake.seen.lock().unwrap()[0].peer.clone().unwrap();
    assert_eq!(seen.address, Some(peer));
}

#[tokio::test]
async fn bounds_hold_and_connections_are_the_other_servers() {
    let mut options = Options::server();
    options.limits.message = 3;
    let fake = Fake::echo();
    let mut service = HttpService::with_options(fake.dispatch_as(), &options).unwrap();
    let answer = service.call(post("<a/>")).await.unwrap();
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.headers()["connection"].to_str().unwrap()
        ),
        (413, "close")
    );
    let mut request = post("<a/>");
    *request.version_mut() = Version::HTTP_2;
    let answer = service.call(request).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers().get("connection")),
        (413, None)
    );
}

#[tokio::test]
async fn options_of_a_client_are_refused() {
    let fake = Fake::echo();
    let options = Options::server().with(HttpOptions::new().redirects(1));
    assert!(
        HttpService::with_options(fake.dispatch_as(), &options)
            .unwrap_err()
            .is_config()
    );
    let server = soap_transport::Server::new(fake.dispatch_as()).options(options);
    assert!(
        server
            .bind("http://127.0.0.1:0")
            .start()
            .await
            .unwrap_err()
            .is_config()
    );
}

/// Over HTTP/2 there is no `Host`: the address in the WSDL was a bare path.
#[tokio::test]
async fn the_wsdl_of_a_mounted_service_has_a_whole_address() {
    let service = HttpService::new(Fake::echo().dispatch_as());
    let told = service.clone().url("https://public.example/soap");
    let at = |url: &str| format!("<wsdl at=\"{url}\"/>");
    for (mut service, uri, version, location) in [
        (
            service.clone(),
            "https://a.example/calc?wsdl",
            Version::HTTP_2,
            "https://a.example/calc",
        ),
        (
            service.clone(),
            "http://b.example:81/calc?wsdl",
            Version::HTTP_11,
            "http://b.example:81/calc",
        ),
        (
            service.clone(),
            "/calc?wsdl",
            Version::HTTP_11,
            "http://host.example/calc",
        ),
        (
            service,
            "http://me@b.example/calc?wsdl",
            Version::HTTP_11,
            "http://host.example/calc",
        ),
        (
            told,
            "/calc?wsdl",
            Version::HTTP_11,
            "https://public.example/soap",
        ),
    ] {
        let mut request = Request::get(uri).version(version);
        if version == Version::HTTP_11 {
            request = request.header("Host", "host.example");
        }
        let request = request.body(Full::<Bytes>::default()).unwrap();
        let answer = service.call(request).await.unwrap();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, at(location), "{uri}");
    }
}
