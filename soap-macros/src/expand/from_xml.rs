//! What reads attributes and elements: where the fields are kept meanwhile. The rest is done by their table.

use proc_macro2::{Ident, TokenStream};
use syn::Type;

use super::{Spaces, to_xml::call, variable};
use crate::model::{Content, Field, Kind, Sequence};

/// Where some fields are kept, in a tuple `slots`.
#[derive(Default)]
pub(super) struct Slots {
    /// What the tuple holds at first.
    empty: Vec<TokenStream>,
    /// What it holds in the end.
    full: Vec<TokenStream>,
    attributes: Vec<TokenStream>,
    elements: Vec<TokenStream>,
}

impl Slots {
    /// Adds a place for `variable`, of that type, which is read by a trait of `part`.
    pub(super) fn add(&mut self, place: &str, ty: &Type, variable: &Ident) {
        let index = syn::Index::from(self.empty.len());
        let slot = call(ty, place, "slot", &generate! { &mut slots.#index });
        let none = generate! { ::core::option::Option::None };
        let some = generate! { ::core::option::Option::Some(#variable) };
        let (empty, full) = if place == "Choice" {
            let chosen = |inner: TokenStream| generate! { __soapstone::table::Chosen(#inner) };
            (chosen(none), chosen(some))
        } else {
            (none, some)
        };
        self.empty.push(empty);
        self.full.push(full);
        match place {
            "Attribute" => self.attributes.push(slot),
            _ => self.elements.push(slot),
        }
    }

    /// The slots of elements, as an argument.
    pub(super) fn elements(&self) -> TokenStream {
        let elements = &self.elements;
        generate! { &mut [#(#elements),*] }
    }

    fn attributes(&self) -> TokenStream {
        let attributes = &self.attributes;
        generate! { &mut [#(#attributes),*] }
    }

    /// An expression that is `value`, made of the variables, once `read` has filled the slots: a `Result`.
    pub(super) fn around(&self, read: &TokenStream, value: &TokenStream) -> TokenStream {
        let Self { empty, full, .. } = self;
        if empty.is_empty() {
            return generate! {{ #read ::core::result::Result::Ok(#value) }};
        }
        generate! {{
            let mut slots = (#(#empty,)*);
            #read
            match slots {
                (#(#full,)*) => ::core::result::Result::Ok(#value),
                _slots => ::core::result::Result::Err(__soapstone::table::incomplete()),
            }
        }}
    }
}

/// An expression that reads an element whose start tag has just been passed, to its end tag: a `Result` of
/// `constructor { fields }`.
pub(super) fn sequence(
    sequence: &Sequence,
    constructor: &TokenStream,
    table: &Ident,
) -> TokenStream {
    let mut slots = Slots::default();
    let mut text = None;
    for (index, Field { ty, kind, .. }) in sequence.fields.iter().enumerate() {
        let variable = variable(index);
        match kind {
            Kind::Attribute(_) => slots.add("Attribute", ty, &variable),
            Kind::Element(_) => slots.add("Field", ty, &variable),
            Kind::Any | Kind::Choice => slots.add("Choice", ty, &variable),
            Kind::Text => {
                let read = call(ty, "Text", "read", &generate! { reader });
                text = Some(generate! { let #variable = #read?; });
            }
        }
    }
    let (attributes, elements) = (slots.attributes(), slots.elements());
    let read = match text {
        Some(text) => generate! {
            if let ::core::result::Result::Err(error) = __soapstone::table::read_attributes(&#table, #attributes, reader) {
                return ::core::result::Result::Err(error);
            }
            #text
        },
        None => generate! {
            if let ::core::result::Result::Err(error) = __soapstone::table::read(&#table, #attributes, #elements, reader) {
                return ::core::result::Result::Err(error);
            }
        },
    };
    let fields = sequence.fields.iter().enumerate().map(|(index, field)| {
        let (ident, variable) = (&field.ident, variable(index));
        generate! { #ident: #variable }
    });
    slots.around(&read, &generate! { #constructor { #(#fields,)* } })
}

/// An expression that reads the content of a variant: a `Result` of it; `table` is that of its fields if it has some.
pub(super) fn variant(
    content: &Content,
    constructor: &TokenStream,
    table: Option<&Ident>,
) -> TokenStream {
    match (content, table) {
        (Content::Value(ty), _) => {
            let read = call(ty, "Value", "from_xml", &generate! { reader });
            generate! { #read.map(#constructor) }
        }
        (Content::Sequence(fields), Some(table)) => sequence(fields, constructor, table),
        _ => {
            generate! {{
                while reader.next()?.is_some() { reader.skip()?; }
                ::core::result::Result::Ok(#constructor)
            }}
        }
    }
}

pub(super) fn is_namespace(uri: &str, spaces: &Spaces) -> TokenStream {
    if uri.is_empty() {
        return generate! { namespace == __soapstone::xml::NamespaceId::NONE };
    }
    let namespace = spaces.ident(uri);
    generate! { reader.is(namespace, &#namespace) }
}
