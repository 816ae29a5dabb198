//! The bodies of the fuzz targets, on real messages and a few damaged ones.

#[path = "../../fuzz/bodies.rs"]
mod bodies;

use crate::shared;

const SEEDS: [&str; 6] = [
    "<?xml version='1.0'?><a:b xmlns:a='u' k='&#65;'><!-- x -->1<![CDATA[2]]>\r\n&amp;<c/></a:b>",
    "<a xmlns='u'><b xmlns=''>q:n</b></a>",
    "<a><b></a></b>",
    "<!DOCTYPE a><a/>",
    "<a>]]></a>",
    "<a k='<'/>",
];

#[test]
fn bodies_hold_for_every_cut_and_flip_of_the_seeds() {
    for seed in SEEDS {
        for at in 0..seed.len() {
            bodies::reader(&seed[..at]);
            for byte in *b"<>&'\"/:=]! \0\xEF" {
                let mut bytes = seed.as_bytes().to_vec();
                bytes[at] = byte;
                bodies::envelope_bytes(&bytes);
                framed(&bytes);
                if let Ok(text) = str::from_utf8(&bytes) {
                    bodies::reader(text);
                }
            }
        }
    }
}

#[test]
fn bodies_hold_for_real_messages() {
    let Some(folder) = shared::shared("corpus/messages/envelopes") else {
        return;
    };
    for path in shared::files(&folder) {
        let bytes = std::fs::read(path).expect("a readable file");
        bodies::envelope_bytes(&bytes);
        framed(&bytes);
        if let Ok(text) = str::from_utf8(&bytes) {
            bodies::reader(text);
        }
    }
}

/// `bytes` as a stream, in pieces of several lengths.
fn framed(bytes: &[u8]) {
    for piece in [1, 7, 100] {
        bodies::framer(&[&[piece], bytes].concat());
    }
}
