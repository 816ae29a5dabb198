//! Q30 to Q38: HTTP replies as others send them.

use soapstone::{CallError, SoapVersion};

use super::client::{self, BOTH, client, failed, is_divide_fault, media, ok};
use crate::harness::{
    scripted::{self, Then, serve, serve_and_tell},
    wire::soon,
};

/// A typed fault in the shape of its version.
fn divide_fault(version: SoapVersion) -> String {
    const DETAIL: &str =
        "<c:DivideFault><c:code>7</c:code><c:text>divide by zero</c:text></c:DivideFault>";
    let fault = if version == SoapVersion::Soap11 {
        format!(
            "<s:Fault><faultcode>s:Client</faultcode><faultstring>divide by zero</faultstring><detail>{DETAIL}</detail></s:Fault>"
        )
    } else {
        format!(
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang=\"en\">divide by zero</s:Text></s:Reason><s:Detail>{DETAIL}</s:Detail></s:Fault>"
        )
    };
    client::envelope(version, &fault)
}

fn chunked(head: &str, chunks: &[&str]) -> Vec<u8> {
    let mut text = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    for chunk in chunks {
        text += &format!("{:x}\r\n{chunk}\r\n", chunk.len());
    }
    (text + "0\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn q30_content_length_chunked_or_end_at_close() {
    for version in BOTH {
        let body = client::sum(version);
        let (head, tail) = body.split_at(60);
        for status in ["HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 200 "] {
            let fields = format!("{status}\r\nContent-Type: {}\r\n", media(version));
            let mut answers = vec![
                format!("{fields}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes(),
                format!("{fields}\r\n{body}").into_bytes(),
                format!("{fields}Connection: close\r\n\r\n{body}").into_bytes(),
            ];
            if status.starts_with("HTTP/1.1") {
                answers.push(chunked(&fields, &[&body]));
                answers.push(chunked(&fields, &[head, tail]));
            }
            for answer in answers {
                let text = String::from_utf8_lossy(&answer).into_owned();
                let sum = client::add(version, answer).await;
                assert_eq!(sum.expect("a sum"), 3.75, "{text}");
            }
        }
    }
}

#[tokio::test]
async fn q31_interim_100_with_a_content_length() {
    for version in BOTH {
        let mut answer = b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n".to_vec();
        answer.extend(ok(version, &client::sum(version)));
        assert_eq!(client::add(version, answer).await.expect("a sum"), 3.75);
    }
}

#[tokio::test]
async fn q32_every_one_way_answer_means_success() {
    for version in BOTH {
        let kind = format!("Content-Type: {}\r\n", media(version));
        let notified = |attributes: &str| {
            let body = client::envelope(version, &format!("<c:NotifyResponse{attributes}/>"));
            let head = format!(
                "HTTP/1.1 200 OK\r\n{kind}Content-Length: {}\r\n\r\n",
                body.len()
            );
            format!("{head}{body}").into_bytes()
        };
        let nil = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"";
        for answer in [
            b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".to_vec(),
            b"HTTP/1.1 202 Accepted\r\nContent-type: text/html; charset=UTF-8\r\nContent-Length: 0\r\n\r\n".to_vec(),
            chunked("HTTP/1.1 202 Accepted\r\n", &[]),
            format!("HTTP/1.1 200 OK\r\n{kind}Content-Length: 0\r\n\r\n").into_bytes(),
            chunked(&format!("HTTP/1.1 200 OK\r\n{kind}"), &[]),
            notified(""),
            notified(nil),
            ok(version, &client::envelope(version, "")),
            b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        ] {
            let text = String::from_utf8_lossy(&answer).into_owned();
            let (result, _) = client::notify(version, answer).await;
            result.unwrap_or_else(|error| panic!("{error}: {text}"));
        }
    }
}

#[tokio::test]
async fn q32_a_refused_one_way_call_is_no_success() {
    for version in BOTH {
        let (result, _) = client::notify(version, failed(version, &divide_fault(version))).await;
        assert!(matches!(result, Err(CallError::Fault(_))), "{result:?}");
        let answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec();
        let (result, _) = client::notify(version, answer).await;
        let error = result.expect_err("not found");
        assert!(
            matches!(&error, CallError::Transport(error) if error.http() == Some((404, &b""[..])))
        );
    }
}

#[tokio::test]
async fn q33_connection_closed_behind_the_reply_is_not_used_again() {
    for version in BOTH {
        let accepted = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".to_vec();
        let answers = vec![(accepted, Then::Close); 3];
        let (url, served, mut closed) = serve_and_tell(answers).await;
        let calc = client(&url, version).await;
        for _ in 0..3 {
            soon(calc.notify("hi".to_owned()).into_future())
                .await
                .expect("the close was seen before the request was sent");
            soon(closed.recv()).await;
        }
        assert_eq!(soon(served).await.expect("requests").len(), 3);
    }
}

#[tokio::test]
async fn q33_request_lost_in_the_race_is_ambiguous_unless_idempotent() {
    for version in BOTH {
        let sum = ok(version, &client::sum(version));
        let lost = || (Vec::new(), Then::Close);
        let (url, served) = serve(vec![(sum.clone(), Then::Keep), lost()]).await;
        let calc = client(&url, version).await;
        soon(calc.add(1.5, 2.25).into_future())
            .await
            .expect("a sum");
        let error = soon(calc.notify("hi".to_owned()).into_future())
            .await
            .expect_err("lost");
        assert!(error.is_ambiguous(), "{error}");
        assert!(matches!(&error, CallError::Transport(error) if error.is_lost()));
        assert_eq!(soon(served).await.expect("requests").len(), 2);

        let answers = vec![(sum.clone(), Then::Keep), lost(), (sum, Then::Close)];
        let (url, served) = serve(answers).await;
        let calc = client(&url, version).await;
        for _ in 0..2 {
            let sum = soon(calc.add(1.5, 2.25).into_future()).await;
            assert_eq!(sum.expect("sent again"), 3.75);
        }
        assert_eq!(soon(served).await.expect("requests").len(), 3);
    }
}

#[tokio::test]
async fn q34_the_fault_decides_not_the_status() {
    for version in BOTH {
        let kind = [("Content-Type", media(version))];
        for status in ["500 Internal Server Error", "400 Bad Request", "200 OK"] {
            let answer = scripted::answer(status, &kind, &divide_fault(version));
            is_divide_fault(client::divide(version, answer).await);
        }
        let answer = scripted::answer("500 Internal Server Error", &kind, &client::sum(version));
        assert_eq!(client::add(version, answer).await.expect("a sum"), 3.75);
    }
}

#[tokio::test]
async fn q35_unknown_headers_and_falling_keep_alive() {
    let answer = |max: u32| {
        let left = format!("timeout=60, max={max}");
        let headers = [
            ("Server", "gSOAP/2.8"),
            ("X-Frame-Options", "SAMEORIGIN"),
            ("Content-Type", "text/xml; charset=utf-8"),
            ("Keep-Alive", &left),
            ("Connection", "keep-alive"),
            ("X-Powered-By", "PHP/8.2.36"),
            ("SOAPServer", "SOAP::Lite/Perl/1.27"),
        ];
        let sum = client::sum(SoapVersion::Soap11);
        (scripted::answer("200 OK", &headers, &sum), Then::Keep)
    };
    let (url, served, mut closed) = serve_and_tell((0..4).rev().map(answer).collect()).await;
    let calc = client(&url, SoapVersion::Soap11).await;
    for _ in 0..4 {
        let sum = soon(calc.add(1.5, 2.25).into_future()).await;
        assert_eq!(sum.expect("a sum"), 3.75);
    }
    assert_eq!(soon(served).await.expect("requests").len(), 4);
    assert!(
        closed.recv().await.is_some() && closed.recv().await.is_none(),
        "one connection"
    );
}

#[tokio::test]
async fn q36_status_500_in_plain_text_is_a_transport_error() {
    const TEXT: &str = "A server error occurred.  Please contact the administrator.";
    for version in BOTH {
        for headers in [&[("Content-Type", "text/plain")][..], &[]] {
            let answer = scripted::answer("500 Internal Server Error", headers, TEXT);
            let error = client::divide(version, answer)
                .await
                .expect_err("no envelope");
            let CallError::Transport(error) = error else {
                panic!("{error:?}");
            };
            assert_eq!(error.http(), Some((500, TEXT.as_bytes())));
        }
        let html = [("Content-Type", "text/html")];
        let answer = scripted::answer("200 OK", &html, "<html/>");
        let error = client::divide(version, answer)
            .await
            .expect_err("no envelope");
        assert!(matches!(error, CallError::Transport(_)), "{error:?}");
    }
}

#[tokio::test]
async fn q37_action_parameter_on_replies_is_that_of_the_request() {
    let version = SoapVersion::Soap12;
    for kind in [
        "application/soap+xml; charset=utf-8; action=\"http://example.org/calc/Add\"",
        "application/soap+xml; action=\"http://example.org/calc/AddResponse\"; charset=\"UTF-8\"",
        "application/soap+xml;action=http://example.org/calc/Add",
    ] {
        let kind = [("Content-Type", kind)];
        let answer = scripted::answer("200 OK", &kind, &client::sum(version));
        assert_eq!(client::add(version, answer).await.expect("a sum"), 3.75);
    }
}

#[tokio::test]
async fn q38_server_may_close_after_every_fault() {
    for version in BOTH {
        let headers = [("Content-Type", media(version)), ("Connection", "close")];
        let fault = scripted::answer(
            "500 Internal Server Error",
            &headers,
            &divide_fault(version),
        );
        let sum = ok(version, &client::sum(version));
        let answers = vec![
            (fault.clone(), Then::Close),
            (fault, Then::Close),
            (sum, Then::Keep),
        ];
        let (url, served) = serve(answers).await;
        let calc = client(&url, version).await;
        for _ in 0..2 {
            is_divide_fault(soon(calc.divide(1.0, 0.0).into_future()).await);
        }
        let sum = soon(calc.add(1.5, 2.25).into_future()).await;
        assert_eq!(sum.expect("a sum"), 3.75);
        assert_eq!(soon(served).await.expect("requests").len(), 3);
    }
}
