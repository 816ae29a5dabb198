//! The order message as gSOAP writes it is the one we make.

use std::fs;

use soapstone::xml::FromXml;
use soapstone::{Limits, envelope::Envelope, xml};

use crate::{harness::shared::shared, order::SubmitOrder, sample};

#[test]
fn what_gsoap_writes_are_the_values_of_the_codec_example() {
    for items in [1, 5] {
        let Some(file) = shared(&format!("bench/order{items}.xml")) else {
            return;
        };
        let bytes = fs::read(file).expect("readable");
        let limits = Limits::client();
        let text = xml::decode(&bytes, None, &limits).expect("UTF-8");
        let mut envelope = Envelope::read(&text, &limits).expect("an envelope");
        let order = SubmitOrder::from_xml(envelope.reader()).expect("an order");
        envelope.finish().expect("nothing else");
        assert_eq!(order, sample::request(items));
    }
}
