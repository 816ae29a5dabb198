//! A hyper server with as little around hyper as it takes.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, header, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

/// As long as the answer of the example `orders`.
const ANSWER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><S:Envelope \
     xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:n0=\"urn:example:orders\"><S:Body><n0:SubmitOrderResponse>\
     <n0:orderId>9000000001</n0:orderId><n0:accepted>true</n0:accepted><n0:total>19.99</n0:total>\
     </n0:SubmitOrderResponse></S:Body></S:Envelope>";

/// Answers until accepting fails.
pub(crate) async fn serve(listener: TcpListener) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            // A peer that breaks off is none of our business here.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let answer = match request.into_body().collect().await {
        Ok(_) => ANSWER,
        Err(_) => "",
    };
    let mut response = Response::new(Full::new(Bytes::from_static(answer.as_bytes())));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("text/xml; charset=utf-8"),
    );
    Ok(response)
}
