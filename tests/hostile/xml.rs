//! XML that is not well-formed, and what SOAP forbids of XML, wherever it stands in a message.

use tokio::net::TcpListener;

use crate::victim::{BOTH, Victim, changed, envelope, skipped, valid};

/// Not well-formed wherever content may stand, and what is said of it.
const CONTENT: &[(&str, &str)] = &[
    ("<x></y>", "end tag"),
    ("<x></X>", "end tag"),
    ("</x>", "end tag"),
    ("<x a='1' a='2'/>", "stands twice"),
    (
        "<x xmlns:p='u' xmlns:q='u' p:a='1' q:a='2'/>",
        "stands twice",
    ),
    ("<x xmlns:p='u' xmlns:p='v'/>", "stands twice"),
    ("<x a=1/>", "not well-formed"),
    ("<x a/>", "not well-formed"),
    ("<x a='1'b='2'/>", "not well-formed"),
    ("<x a='<'/>", "not well-formed"),
    ("<x a='&lt'/>", "not well-formed"),
    ("<x a='\u{1}'/>", "not allowed in XML"),
    ("<x a='1></x>", "not well-formed"),
    ("<1x/>", "not well-formed"),
    ("< x/>", "not well-formed"),
    ("<x:y:z/>", "not well-formed"),
    ("<:x/>", "not well-formed"),
    ("<p:x/>", "prefix \"p\" is not declared"),
    ("<x p:a='1'/>", "prefix \"p\" is not declared"),
    ("<x xmlns:p=''/>", "not well-formed"),
    ("<x xmlns:xml='u'/>", "not well-formed"),
    ("<x xmlns:xmlns='u'/>", "not well-formed"),
    ("<xmlns:x/>", "not"),
    ("&unknown;", "entity \"unknown\" is not declared"),
    ("&amp", "not well-formed"),
    ("a & b", "not well-formed"),
    ("&#0;", "not allowed in XML"),
    ("&#xD800;", "not"),
    ("&#x110000;", "not"),
    ("&#99999999999999999999;", "not"),
    ("&#x;", "not well-formed"),
    ("&#12a;", "not well-formed"),
    ("]]>", "not well-formed"),
    ("\u{1}", "U+0001 is not allowed in XML"),
    ("\0", "U+0000 is not allowed in XML"),
    ("\u{FFFE}", "U+FFFE is not allowed in XML"),
    ("<!-- a -- b -->", "not well-formed"),
    ("<!-- a --->", "not well-formed"),
    ("<!-- a", "ends inside"),
    ("<!-->", "ends inside a comment"),
    ("<![CDATA[ a", "ends inside"),
    ("<![cdata[ a ]]>", "not well-formed"),
    ("<!ELEMENT x ANY>", "not"),
    ("<?pi a?>", "processing instruction"),
    ("<?xml version='1.0'?>", "not"),
    ("<?pi", "processing instruction"),
];

#[tokio::test]
async fn malformed_content_is_refused_wherever_it_stands() {
    let victim = Victim::start().await;
    for version in BOTH {
        for (content, expected) in CONTENT {
            let in_value = changed(version, "1.5", &format!("1.5{content}"));
            let in_skipped = skipped(version, content);
            let block = format!("<c:block>{content}</c:block>");
            let in_header = changed(version, "</e:Header>", &format!("{block}</e:Header>"));
            for body in [in_value, in_skipped, in_header] {
                let fault = victim.refused(version, &body).await;
                if !body.contains(&format!("1.5{content}")) {
                    fault.blames(version, expected);
                }
            }
        }
    }
    victim.is_well().await;
}

#[tokio::test]
async fn malformed_documents_are_refused() {
    let victim = Victim::start().await;
    for version in BOTH {
        let valid = valid(version);
        let without_declaration = valid.replace("<?xml version=\"1.0\"?>", "");
        let cases = [
            (String::new(), "there is no root element"),
            (" \r\n".to_owned(), "there is no root element"),
            ("<".to_owned(), "ends"),
            ("text".to_owned(), "not"),
            (format!(" {valid}"), "not"),
            (format!("x{without_declaration}"), "not well-formed"),
            (format!("{valid}x"), "not well-formed"),
            (format!("{valid}&#32;"), "not well-formed"),
            (format!("{valid}<![CDATA[]]>"), "not"),
            (format!("{valid}<x/>"), "not well-formed"),
            (format!("{valid}{without_declaration}"), "not well-formed"),
            (format!("{valid}{valid}"), "not"),
            (format!("{valid}</e:Envelope>"), "not well-formed"),
            (format!("{valid}\0"), "not"),
            (format!("{valid}<?pi?>"), "processing instruction"),
            (format!("{valid}<!DOCTYPE x>"), "document type declaration"),
            (
                format!("<?pi?>{without_declaration}"),
                "processing instruction",
            ),
            (valid.replace("</e:Envelope>", ""), "ends inside"),
            (valid.replace("</c:a>", ""), "/Envelope/Body/Add/a"),
            (valid.replace("</e:Body>", ""), "end tag"),
            (valid.replace("\"1.0\"", "\"1.1\""), "not"),
            (
                valid.replace("\"1.0\"", "\"1.0\" standalone=\"maybe\""),
                "not",
            ),
            (valid.replace(" version=\"1.0\"", ""), "not"),
        ];
        for (body, expected) in cases {
            victim
                .refused(version, &body)
                .await
                .blames(version, expected);
        }
    }
    victim.is_well().await;
}

#[tokio::test]
async fn what_is_allowed_between_is_accepted() {
    let victim = Victim::start().await;
    for version in BOTH {
        for body in [
            format!("{}\r\n <!-- behind -->\n", valid(version)),
            changed(version, "<e:Header>", "<!-- in front -->\r\n\t<e:Header>"),
            changed(version, "1.5", " 1<!-- within -->.<![CDATA[5]]>\n"),
            changed(version, "1.5", "&#x31;&#46;5"),
            changed(
                version,
                "<c:a>",
                "<c:a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang='x' other='&lt;&#10;>'>",
            ),
            skipped(version, "text <x>mixed</x> <![CDATA[<&]]> ]] > &amp;"),
        ] {
            victim.answered(version, body).await;
        }
    }
}

#[tokio::test]
async fn a_document_type_declaration_is_refused_before_anything_of_it_is_done() {
    let victim = Victim::start().await;
    let outside = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let url = format!("http://{}/x", outside.local_addr().expect("an address"));
    let mut laughs = "<!DOCTYPE x [<!ENTITY l0 \"ha\">".to_owned();
    for level in 1..12 {
        let references = format!("&l{};", level - 1).repeat(10);
        laughs += &format!("<!ENTITY l{level} \"{references}\">");
    }
    laughs += "]>";
    for version in BOTH {
        for declaration in [
            "<!DOCTYPE x>".to_owned(),
            "<!DOCTYPE e:Envelope SYSTEM 'soap.dtd'>".to_owned(),
            format!("<!DOCTYPE x SYSTEM \"{url}\">"),
            format!("<!DOCTYPE x PUBLIC \"p\" \"{url}\">"),
            format!("<!DOCTYPE x [<!ENTITY % p SYSTEM \"{url}\"> %p;]>"),
            "<!DOCTYPE x [<!ENTITY l11 SYSTEM \"file:///etc/passwd\">]>".to_owned(),
            format!("<!DOCTYPE x [<!ENTITY l11 \"{}\">]>", "a".repeat(50_000)),
            laughs.clone(),
            "<!DOCTYPE".to_owned(),
            "<!doctype x>".to_owned(),
        ] {
            let body = changed(version, "<e:Envelope", &format!("{declaration}<e:Envelope"))
                .replace("1.5", "&l11;");
            let fault = victim.refused(version, &body).await;
            let expected = if declaration.starts_with("<!DOCTYPE ") {
                "a document type declaration is not allowed"
            } else {
                "not"
            };
            fault.blames(version, expected);
            assert!(!fault.reason.contains("root:"), "{fault:?}");
        }
    }
    victim.is_well().await;
    let nobody = futures_none(outside.accept()).await;
    assert!(nobody, "nothing in a message causes a connection");
}

/// True if `future` is not ready now.
async fn futures_none(future: impl Future) -> bool {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

#[tokio::test]
async fn entities_cannot_be_had_without_a_declaration() {
    let victim = Victim::start().await;
    for version in BOTH {
        for entity in ["&nbsp;", "&l0;", "&lt0;", "&AMP;", "&e:a;"] {
            let body = envelope(
                version,
                &format!("<c:x>{entity}</c:x>"),
                crate::harness::ADD,
            );
            victim.refused(version, body).await.blames(version, "not");
        }
    }
}
