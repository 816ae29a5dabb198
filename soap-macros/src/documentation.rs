//! The tables of options, held against the options there are.

use crate::attr::{
    ENUM, FAULT, FAULT_FIELD, FAULT_VARIANT, FIELD, OPERATION, PARAMETER, Place, SERVICE, STRUCT,
    VARIANT,
};

#[test]
fn every_option_is_documented() {
    let of_type = include_str!("../docs/soap_type.md");
    let of_fault = include_str!("../docs/soap_fault.md");
    let of_service = include_str!("../docs/service.md");
    let all: [(&Place, &str); 10] = [
        (&STRUCT, of_type),
        (&ENUM, of_type),
        (&FIELD, of_type),
        (&VARIANT, of_type),
        (&FAULT, of_fault),
        (&FAULT_VARIANT, of_fault),
        (&FAULT_FIELD, of_fault),
        (&SERVICE, of_service),
        (&OPERATION, of_service),
        (&PARAMETER, of_service),
    ];
    for (place, documentation) in all {
        for option in place.options {
            let row = match option.strip_suffix('=') {
                Some(name) => format!("| `{name} = \"…\"` |"),
                None => format!("| `{option}` |"),
            };
            assert!(documentation.contains(&row), "{option} of {}", place.what);
        }
    }
}
