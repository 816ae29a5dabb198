use super::super::{ReadErrorKind, ValueError};
use super::*;
use crate::xml::WriteError;

/// Reads `text` to its end by skipping the root; the error's kind.
fn skip(text: &str, limits: &Limits) -> Result<(), ReadErrorKind> {
    let all = || {
        let mut reader = Reader::new(text, limits)?;
        reader.next()?;
        reader.skip()?;
        reader.next()
    };
    all()
        .map(|_: Option<(NamespaceId, &str)>| ())
        .map_err(|error: ReadError| error.kind().clone())
}

/// The same, piece by piece.
fn walk(text: &str, limits: &Limits) -> Result<(), ReadErrorKind> {
    let all = || {
        let mut reader = Reader::new(text, limits)?;
        reader.next()?;
        while reader.depth() > 0 {
            reader.content()?;
        }
        reader.next()
    };
    all()
        .map(|_: Option<(NamespaceId, &str)>| ())
        .map_err(|error: ReadError| error.kind().clone())
}

fn check(text: &str) -> Result<(), ReadErrorKind> {
    let limits = Limits::default();
    let skipped = skip(text, &limits);
    assert_eq!(skipped, walk(text, &limits), "{text}");
    skipped
}

/// Each document is fine without its `{}` and wrong with what is put there.
fn refused(documents: &[&str]) {
    for document in documents {
        assert!(check(document).is_err(), "accepted: {document}");
    }
}

fn accepted(documents: &[&str]) {
    for document in documents {
        assert_eq!(check(document), Ok(()), "{document}");
    }
}

fn root(text: &str) -> Reader<'_> {
    let mut reader = Reader::new(text, &Limits::default()).unwrap();
    reader.next().unwrap().unwrap();
    reader
}

#[test]
fn xml_2_1_one_root_and_nothing_after() {
    accepted(&[
        "<a/>",
        " <a/>\n",
        "<!-- x --><a></a><!-- y -->\t",
        "<?xml version='1.0'?>\n<a/>",
    ]);
    refused(&[
        "",
        " ",
        "a",
        "<a/>b",
        "a<a/>",
        "<a/><b/>",
        "<a/><![CDATA[]]>",
        "<![CDATA[]]><a/>",
        "<a/>&#32;",
        "&#32;<a/>",
        "<a>",
        "<a><b></a>",
        "<a><b></a></b>",
        "</a>",
        "<a/></a>",
        "<",
        "<a",
        "<a/",
        "<a></",
        "<a></a",
        "<a></a ",
        "<!-- x -->",
        "<a><",
        "<a/><",
        "<a>x",
        "<a>&amp;",
    ]);
}

#[test]
fn xml_2_2_characters() {
    for c in [
        '\0', '\u{1}', '\u{8}', '\u{B}', '\u{C}', '\u{E}', '\u{1F}', '\u{FFFE}', '\u{FFFF}',
    ] {
        let code = u32::from(c);
        for document in [
            format!("<a>{c}</a>"),
            format!("<a k='{c}'/>"),
            format!("<a><!--{c}--></a>"),
            format!("<a><![CDATA[{c}]]></a>"),
            format!("<a>&#{code};</a>"),
            format!("<a k='&#x{code:x};'/>"),
        ] {
            assert_eq!(
                check(&document),
                Err(ReadErrorKind::ForbiddenCharacter(code)),
                "{document:?}"
            );
        }
        refused(&[
            &format!("<a{c}/>"),
            &format!("<a {c}/>"),
            &format!("<a/>{c}"),
        ]);
    }
    accepted(&[
        "<a k='\u{7F}\u{FFFD}'>\u{85}\u{F000}\u{FFFD}\u{10FFFF}<!--\u{FB00}--><![CDATA[\u{FB00}]]></a>",
    ]);
    refused(&["<a>&#xD800;</a>", "<a>&#x110000;</a>"]);
}

#[test]
fn xml_2_3_names() {
    accepted(&[
        "<_/>",
        "<a.-1/>",
        "<ü/>",
        "<aü·/>",
        "<a:ü xmlns:a='u'/>",
        "<\u{10000}/>",
        "<a \u{37F}='' ü1=''/>",
    ]);
    refused(&[
        "< a/>",
        "<1/>",
        "<-a/>",
        "<.a/>",
        "<·/>",
        "<a×/>",
        "<\u{37E}/>",
        "<a$/>",
        "<a\u{2028}/>",
        "<a ·=''/>",
        "</>",
        "<>",
    ]);
}

#[test]
fn xml_2_4_text() {
    accepted(&["<a>]] > ]></a>", "<a>></a>", "<a k=']]>'/>"]);
    refused(&[
        "<a>]]></a>",
        "<a>x]]]></a>",
        "<a>&</a>",
        "<a>& b</a>",
        "<a>&amp</a>",
        "<a>&nbsp;</a>",
        "<a>&a:b;</a>",
    ]);
}

#[test]
fn xml_2_5_comments() {
    accepted(&["<a><!----></a>", "<a><!-- - <b> & ]]> --></a>"]);
    refused(&[
        "<a><!-- -- --></a>",
        "<a><!-- ---></a>",
        "<a><!-></a>",
        "<a><!--></a>",
        "<a><!-- ",
        "<a><!",
        "<!-- --",
        "<a/><!--",
    ]);
}

#[test]
fn soap11_3_soap12_p1_5_no_dtd_no_processing_instruction() {
    for document in [
        "<!DOCTYPE a><a/>",
        "<!-- --><!DOCTYPE a []><a/>",
        "<a><!DOCTYPE a></a>",
        "<a/><!DOCTYPE a>",
    ] {
        assert_eq!(check(document), Err(ReadErrorKind::Dtd), "{document}");
    }
    for document in [
        "<?a?><a/>",
        "<?xml-stylesheet a?><a/>",
        "<a><?a?></a>",
        "<a>x<?a?></a>",
        "<a/><?a?>",
        " <?xml version='1.0'?><a/>",
    ] {
        assert_eq!(
            check(document),
            Err(ReadErrorKind::ProcessingInstruction),
            "{document}"
        );
    }
    refused(&["<!ELEMENT a><a/>", "<a><!ENTITY a></a>", "<!doctype a><a/>"]);
}

#[test]
fn xml_2_7_cdata() {
    assert_eq!(
        root("<a>x<![CDATA[<&]]]]><![CDATA[>]]>y</a>")
            .text()
            .unwrap(),
        "x<&]]>y"
    );
    refused(&[
        "<a><![CDATA[</a>",
        "<a><![CDATA[]]</a>",
        "<a><![cdata[]]></a>",
        "<a><![CDATA</a>",
        "<a><![CDATA",
    ]);
}

#[test]
fn xml_2_11_line_ends() {
    assert_eq!(
        root("<a>1\r\n2\r3\n4&#13;<![CDATA[5\r\n6\r\r]]></a>")
            .text()
            .unwrap(),
        "1\n2\n3\n4\r5\n6\n\n"
    );
}

#[test]
fn xml_3_1_attributes() {
    accepted(&["<a k='' l = \"'\"\n/>", "<a k='\"'  ></a >"]);
    refused(&[
        "<a k/>",
        "<a k=/>",
        "<a k=v/>",
        "<a k='v/>",
        "<a k='v\"/>",
        "<a k='<'/>",
        "<a k='&'/>",
        "<a k='v'l='v'/>",
        "<a k='v' k='v'/>",
        "<a ='v'/>",
        "<a / >",
        "<a/ >",
        "<a></a b>",
        "<a></ a>",
        "<a k='v",
    ]);
}

#[test]
fn xml_3_3_3_attribute_values() {
    let reader = root("<a k='1\t2\n3\r\n4\r5&#9;&#10;&#13;&lt;&quot;'/>");
    assert_eq!(reader.attribute_value(0), "1 2 3 4 5\t\n\r<\"");
    assert!(matches!(
        root("<a k=' plain '/>").attribute_value(0),
        Cow::Borrowed(" plain ")
    ));
}

#[test]
fn namespaces_prefixes() {
    accepted(&[
        "<a xmlns=''/>",
        "<a xml:lang='en' xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
        "<p:a xmlns:p='u'><p:b p:k='' k=''/></p:a>",
        "<a xmlns:xmlfoo='u'/>",
    ]);
    refused(&[
        "<p:a/>",
        "<a p:k=''/>",
        "<a xmlns:p=''/>",
        "<a xmlns:xmlns='u'/>",
        "<a xmlns:xml='u'/>",
        "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
        "<xmlns:a/>",
        "<:a/>",
        "<a:/>",
        "<a:b:c xmlns:a='u'/>",
        "<a:1 xmlns:a='u'/>",
        "<a xmlns:p='u' xmlns:p='v'/>",
        "<a xmlns='u' xmlns='v'/>",
        "<a><b xmlns:p='u'/><p:c/></a>",
        "<a xmlns:=''/>",
    ]);
}

#[test]
fn namespaces_attributes_are_unique_by_expanded_name() {
    let twice = "<a xmlns:p='u' xmlns:q='&#117;' p:k='' q:k=''/>";
    assert_eq!(
        check(twice),
        Err(ReadErrorKind::DuplicateAttribute("q:k".into()))
    );
    accepted(&["<a xmlns='u' xmlns:p='u' k='' p:k=''/>"]);
    let many: String = (0..200).map(|n| format!(" k{n}=''")).collect();
    accepted(&[&format!("<a{many}/>")]);
    assert_eq!(
        check(&format!("<a{many} k77=''/>")),
        Err(ReadErrorKind::DuplicateAttribute("k77".into()))
    );
}

#[test]
fn children_text_and_skipped_elements() {
    let mut reader = root("<a> <b>1</b><!-- x --><c k='v'><d/>t</c>&#32;<![CDATA[ ]]><e/></a>");
    assert_eq!(reader.next().unwrap(), Some((NamespaceId::NONE, "b")));
    assert!(matches!(reader.text(), Ok(Cow::Borrowed("1"))));
    assert_eq!(reader.next().unwrap(), Some((NamespaceId::NONE, "c")));
    assert_eq!(
        reader.attribute_named(&Namespace::NONE, "k").as_deref(),
        Some("v")
    );
    reader.skip().unwrap();
    assert_eq!(reader.source(), "<c k='v'><d/>t</c>");
    assert_eq!(reader.next().unwrap(), Some((NamespaceId::NONE, "e")));
    assert_eq!(reader.next().unwrap(), None);
    assert_eq!(reader.next().unwrap(), None);
    assert_eq!(reader.next().unwrap(), None);
    assert_eq!(reader.next().unwrap(), None);
}

#[test]
fn text_between_children_and_children_in_text_are_refused() {
    for document in [
        "<a>x<b/></a>",
        "<a>&#65;<b/></a>",
        "<a><![CDATA[x]]><b/></a>",
    ] {
        assert_eq!(
            root(document).next().unwrap_err().kind(),
            &ReadErrorKind::UnexpectedText,
            "{document}"
        );
    }
    let error = root("<a>x<b/></a>").text().unwrap_err();
    assert_eq!(
        error.to_string(),
        "element \"b\" is not expected here (in /a/b, byte 4)"
    );
}

#[test]
fn comments_do_not_split_text() {
    assert_eq!(root("<a>1<!-- 2 -->3</a>").text().unwrap(), "13");
    let mut reader = root("<a>1<!-- 2 -->3<b/>4</a>");
    assert_eq!(reader.content().unwrap(), Content::Text("13".into()));
    assert_eq!(
        reader.content().unwrap(),
        Content::Element(NamespaceId::NONE, "b")
    );
    assert_eq!(reader.content().unwrap(), Content::End);
    assert_eq!(reader.content().unwrap(), Content::Text("4".into()));
    assert_eq!(reader.content().unwrap(), Content::End);
}

#[test]
fn nil_elements_are_empty() {
    let xsi = "xmlns:x='http://www.w3.org/2001/XMLSchema-instance'";
    for (attributes, content, expected) in [
        ("x:nil='true'", "", Ok(true)),
        ("k='' x:nil=' 1 '", "", Ok(true)),
        ("x:nil='true'", "<!-- -->", Ok(true)),
        ("x:nil='false'", "5", Ok(false)),
        ("x:nil='0'", "", Ok(false)),
        ("nil='true'", "5", Ok(false)),
        ("x:nil='yes'", "", Err(())),
        ("x:nil='true'", "5", Err(())),
        ("x:nil='true'", " ", Err(())),
        ("x:nil='true'", "<b/>", Err(())),
    ] {
        let text = format!("<r><a {xsi} {attributes}>{content}</a></r>");
        let mut reader = root(&text);
        reader.next().unwrap();
        assert_eq!(reader.nil().map_err(|_| ()), expected, "{text}");
        if expected == Ok(true) {
            assert_eq!(reader.next().unwrap(), None);
        }
    }
}

#[test]
fn prefixes_resolve_in_the_element_just_closed() {
    let mut reader = root("<a xmlns:p='outer' xmlns='d'><b xmlns:p='inner'>p:x</b><c>p:x</c></a>");
    for expected in ["inner", "outer"] {
        reader.next().unwrap();
        reader.text().unwrap();
        let namespace = reader.resolve("p").unwrap();
        assert_eq!(reader.uri(namespace), expected);
        assert_eq!(reader.uri(reader.resolve("").unwrap()), "d");
        assert_eq!(reader.resolve("q"), None);
    }
}

#[test]
fn a_clone_reads_the_same_again() {
    let mut reader = root("<a xmlns:p='u'><p:b>1</p:b><p:c/></a>");
    let mut again = reader.clone();
    reader.next().unwrap();
    reader.skip().unwrap();
    let (namespace, local) = again.next().unwrap().unwrap();
    assert_eq!((again.uri(namespace), local), ("u", "b"));
    assert_eq!(again.text().unwrap(), "1");
}

#[test]
fn errors_name_the_place() {
    let mut reader = root("<a><b k='x'><c>y</c></b></a>");
    reader.next().unwrap();
    let value = || ValueError::new("x", "an xsd:int");
    assert_eq!(
        reader.attribute_error(0, value()).to_string(),
        "\"x\" is not an xsd:int (in /a/b/@k, byte 9)"
    );
    assert_eq!(
        reader.missing_attribute("l").to_string(),
        "attribute \"l\" is missing (in /a/b, byte 3)"
    );
    reader.next().unwrap();
    assert_eq!(
        reader.repeated("c").to_string(),
        "element \"c\" is repeated (in /a/b/c, byte 12)"
    );
    assert_eq!(
        reader.unexpected().to_string(),
        "element \"c\" is not expected here (in /a/b/c, byte 12)"
    );
    reader.text().unwrap();
    assert_eq!(
        reader.value_error(value()).to_string(),
        "\"x\" is not an xsd:int (in /a/b/c, byte 12)"
    );
    reader.next().unwrap();
    assert_eq!(
        reader.missing("d").to_string(),
        "element \"d\" is missing (in /a/b, byte 3)"
    );
    let error = root("<a><b></c></a>").skip().unwrap_err();
    assert_eq!(
        error.to_string(),
        "end tag of \"c\" where \"b\" is open (in /a/b, byte 6)"
    );
}

#[test]
fn paths_of_errors_are_bounded() {
    let name = "n".repeat(900);
    let text = format!("<{name}>").repeat(50) + "&x;";
    let error = root(&text).skip().unwrap_err();
    assert_eq!(error.path(), format!("/{name}/{name}/…"));
}

/// Reads `text` under a limit of which `at` is just enough.
fn bounded(text: &str, at: usize, set: fn(&mut Limits, usize), what: &'static str) {
    for read in [skip, walk] {
        let mut limits = Limits::default();
        set(&mut limits, at);
        assert_eq!(read(text, &limits), Ok(()), "{what}");
        set(&mut limits, at - 1);
        assert_eq!(
            read(text, &limits),
            Err(ReadErrorKind::Limit {
                what,
                limit: at - 1
            })
        );
    }
}

#[test]
fn limits_hold_everywhere() {
    bounded(
        "<a><b/></a>",
        11,
        |limits, n| limits.message = n,
        "message bytes",
    );
    bounded(
        "<a><b><c/></b></a>",
        3,
        |limits, n| limits.depth = n,
        "nested elements",
    );
    bounded(
        "<a><b x='' xmlns:p='u' y=''/></a>",
        3,
        |limits, n| limits.attributes = n,
        "attributes of an element",
    );
    bounded(
        "<a xmlns='u'><b xmlns:p='u'/></a>",
        2,
        |limits, n| limits.namespaces = n,
        "namespace bindings in scope",
    );
    bounded(
        "<a><b/><b/><b/></a>",
        3,
        |limits, n| limits.children = n,
        "children of an element",
    );
    bounded(
        "<a><b><c/></b><d/></a>",
        4,
        |limits, n| limits.elements = n,
        "elements",
    );
    bounded(
        "<a><bcdef/></a>",
        5,
        |limits, n| limits.name = n,
        "name bytes",
    );
    bounded(
        "<a><b cü='' /></a>",
        3,
        |limits, n| limits.name = n,
        "name bytes",
    );
    bounded(
        "<a><b k='12345'/></a>",
        5,
        |limits, n| limits.attribute_value = n,
        "attribute value bytes",
    );
    bounded(
        "<!-- 1 --><a><!-- 2 --></a><!-- 3 -->",
        30,
        |limits, n| limits.comments = n,
        "comment bytes",
    );
}

#[test]
fn the_hard_stop_of_depth_cannot_be_raised() {
    let limits = Limits {
        depth: 1_000_000,
        ..Limits::default()
    };
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert_eq!(skip(&nested(1000), &limits), Ok(()));
    assert_eq!(
        skip(&nested(1001), &limits),
        Err(ReadErrorKind::Limit {
            what: "nested elements",
            limit: 1000
        })
    );
}

#[test]
fn errors_are_small() {
    assert_eq!(size_of::<ReadError>(), size_of::<usize>());
    assert!(size_of::<WriteError>() <= 3 * size_of::<usize>());
}
