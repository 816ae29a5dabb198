//! The implementations of `#[derive(SoapType)]`.

use proc_macro2::TokenStream;
use syn::{Ident, Lifetime, Type};

use super::{Spaces, describe, from_xml, message_lifetime, static_tag, to_xml, variable};
use crate::model::{Alternative, Body, Content, Sequence, SoapType, Variant, Word};

/// All implementations of the type.
pub(super) fn items(soap_type: &SoapType, spaces: &Spaces) -> TokenStream {
    let this = This::of(soap_type);
    let ident = &this.ident;
    let (values, content) = match &soap_type.body {
        Body::Sequence(sequence) => {
            let table = spaces.table(sequence);
            (this.sequence(sequence, &table), describe::fields(&table))
        }
        Body::Simple(ty) => (this.simple(ty), describe::simple(ty, ident)),
        Body::Enumeration(words) => (this.enumeration(words), describe::enumeration(words)),
        Body::Choice {
            variants,
            deny_unknown,
        } => {
            let contents = variants.iter().map(|variant| &variant.content);
            let tables = tables(contents, spaces);
            (
                this.choice(variants, &tables, *deny_unknown, spaces),
                describe::choice(variants, &tables, &soap_type.name, ident, spaces),
            )
        }
        Body::Polymorphic(types) => (this.polymorphic(types), describe::polymorphic(types, ident)),
    };
    let describe =
        describe::named_type(&soap_type.name, &soap_type.documentation, &content, spaces);
    let (namespace, local, tag) = (
        spaces.ident(&soap_type.name.namespace),
        &soap_type.name.local,
        static_tag(&soap_type.name),
    );
    let This { generics, .. } = &this;
    generate! {
        #values
        #[automatically_derived]
        impl #generics __soapstone::xml::RootElement for #ident #generics {
            const NAMESPACE: &'static __soapstone::xml::Namespace = &#namespace;
            const NAME: &'static str = #local;
            const TAG: &'static __soapstone::xml::Tag = #tag;
        }
        #[automatically_derived]
        impl #generics __soapstone::describe::Describe for #ident #generics {
            #describe
        }
    }
}

/// The type the implementations are for.
struct This {
    ident: Ident,
    /// `<'a>`, or nothing.
    generics: TokenStream,
    /// `'a`, or one for what is read only.
    lifetime: Lifetime,
}

impl This {
    fn of(soap_type: &SoapType) -> Self {
        let ident = soap_type.ident.clone();
        match &soap_type.lifetime {
            Some(lifetime) => Self {
                ident,
                generics: generate! { <#lifetime> },
                lifetime: lifetime.clone(),
            },
            None => Self {
                ident,
                generics: TokenStream::new(),
                lifetime: message_lifetime(),
            },
        }
    }

    fn writing(&self, attributes: Option<&TokenStream>, content: &TokenStream) -> TokenStream {
        let Self {
            ident, generics, ..
        } = self;
        let attributes = attributes.map(|attributes| {
            generate! {
                const ATTRIBUTES: bool = true;
                fn attributes(&self, writer: &mut __soapstone::xml::Writer) -> ::core::result::Result<(), __soapstone::xml::WriteError> {
                    #attributes
                    ::core::result::Result::Ok(())
                }
            }
        });
        generate! {
            #[automatically_derived]
            impl #generics __soapstone::xml::ToXml for #ident #generics {
                #attributes
                fn content(&self, writer: &mut __soapstone::xml::Writer) -> ::core::result::Result<(), __soapstone::xml::WriteError> {
                    #content
                    ::core::result::Result::Ok(())
                }
            }
        }
    }

    fn reading(&self, value: &TokenStream) -> TokenStream {
        let Self {
            ident,
            generics,
            lifetime,
        } = self;
        generate! {
            #[automatically_derived]
            impl<#lifetime> __soapstone::xml::FromXml<#lifetime> for #ident #generics {
                fn from_xml(reader: &mut __soapstone::xml::Reader<#lifetime>) -> ::core::result::Result<Self, __soapstone::xml::ReadError> {
                    #value
                }
            }
        }
    }

    fn sequence(&self, sequence: &Sequence, table: &Ident) -> TokenStream {
        let values = sequence.fields.iter().map(|field| {
            let ident = &field.ident;
            generate! { &self.#ident }
        });
        let values = values.collect::<Vec<_>>();
        let attributes = sequence
            .attributes()
            .next()
            .map(|_| to_xml::attributes(sequence, &values, table));
        let write = self.writing(
            attributes.as_ref(),
            &to_xml::content(sequence, &values, table),
        );
        let value = from_xml::sequence(sequence, &generate! { Self }, table);
        let read = self.reading(&value);
        generate! { #write #read }
    }

    /// What has a lexical form is written and read by it.
    fn lexical(&self, read: &TokenStream, write: &TokenStream) -> TokenStream {
        let Self {
            ident,
            generics,
            lifetime,
        } = self;
        let to_xml = self.writing(None, &generate! {
            __soapstone::xml::SimpleType::write_lexical(self, writer, __soapstone::xml::Place::Text)?;
        });
        let from_xml = self.reading(&generate! { __soapstone::xml::simple_content(reader) });
        generate! {
            #[automatically_derived]
            impl<#lifetime> __soapstone::xml::SimpleType<#lifetime> for #ident #generics {
                fn from_lexical(
                    text: __soapstone::Cow<#lifetime, str>,
                    reader: &__soapstone::xml::Reader<#lifetime>,
                ) -> ::core::result::Result<Self, __soapstone::xml::ValueError> {
                    #read
                }
                fn write_lexical(
                    &self,
                    writer: &mut __soapstone::xml::Writer,
                    place: __soapstone::xml::Place,
                ) -> ::core::result::Result<(), __soapstone::xml::WriteError> {
                    #write
                }
            }
            #to_xml
            #from_xml
        }
    }

    fn simple(&self, ty: &Type) -> TokenStream {
        let read = to_xml::of_type(ty, "Text", "from_lexical");
        let write = to_xml::of_type(ty, "Text", "write_lexical");
        self.lexical(
            &generate! { ::core::result::Result::Ok(Self(#read(text, reader)?)) },
            &generate! { #write(&self.0, writer, place) },
        )
    }

    fn enumeration(&self, words: &[Word]) -> TokenStream {
        let idents = words.iter().map(|word| &word.ident).collect::<Vec<_>>();
        let texts = words
            .iter()
            .map(|word| &word.word.local)
            .collect::<Vec<_>>();
        let expected = listed("one of ", &texts);
        self.lexical(
            &generate! {
                let _ = reader;
                match &*__soapstone::xml::collapse(&text) {
                    #(#texts => ::core::result::Result::Ok(Self::#idents),)*
                    other => ::core::result::Result::Err(__soapstone::xml::ValueError::new(other, #expected)),
                }
            },
            &generate! { writer.text(match self { #(Self::#idents => #texts,)* }, place) },
        )
    }

    fn choice(
        &self,
        variants: &[Variant],
        tables: &[Option<Ident>],
        deny_unknown: bool,
        spaces: &Spaces,
    ) -> TokenStream {
        let Self {
            ident,
            generics,
            lifetime,
        } = self;
        let with_tables = || variants.iter().zip(tables);
        let writes = with_tables().map(|(variant, table)| {
            let (pattern, values) = destructured(&variant.ident, &variant.content);
            let write = to_xml::element(
                &variant.name,
                &variant.content,
                &values,
                table.as_ref(),
                spaces,
            );
            generate! { #pattern => { #write } }
        });
        let reads = with_tables().map(|(variant, table)| {
            let (variant_ident, local, namespace) =
                (&variant.ident, &variant.name.local, &variant.name.namespace);
            let is_meant = from_xml::is_namespace(namespace, spaces);
            let value = from_xml::variant(
                &variant.content,
                &generate! { Self::#variant_ident },
                table.as_ref(),
            );
            generate! { #local if #is_meant => #value.map(::core::option::Option::Some), }
        });
        let names = variants
            .iter()
            .map(|variant| &variant.name.local)
            .collect::<Vec<_>>();
        let expected = listed("", &names);
        let to_xml = self.writing(
            None,
            &generate! { __soapstone::xml::Choice::write_variant(self, writer)?; },
        );
        let from_xml =
            self.reading(&generate! { __soapstone::xml::choice_content(reader, #deny_unknown) });
        generate! {
            #[automatically_derived]
            impl<#lifetime> __soapstone::xml::Choice<#lifetime> for #ident #generics {
                const EXPECTED: &'static str = #expected;
                fn read_variant(
                    (namespace, local): (__soapstone::xml::NamespaceId, &#lifetime str),
                    reader: &mut __soapstone::xml::Reader<#lifetime>,
                ) -> ::core::result::Result<::core::option::Option<Self>, __soapstone::xml::ReadError> {
                    match local {
                        #(#reads)*
                        _ => ::core::result::Result::Ok(::core::option::Option::None),
                    }
                }
                fn write_variant(&self, writer: &mut __soapstone::xml::Writer) -> ::core::result::Result<(), __soapstone::xml::WriteError> {
                    match self { #(#writes)* }
                    ::core::result::Result::Ok(())
                }
            }
            #to_xml
            #from_xml
        }
    }

    fn polymorphic(&self, alternatives: &[Alternative]) -> TokenStream {
        let idents = alternatives
            .iter()
            .map(|alternative| &alternative.ident)
            .collect::<Vec<_>>();
        let types = alternatives
            .iter()
            .map(|alternative| &alternative.ty)
            .collect::<Vec<_>>();
        let of_types = |function: &str| {
            let functions = types
                .iter()
                .map(|ty| to_xml::of_type(ty, "Alternative", function));
            functions.collect::<Vec<_>>()
        };
        let (from_xml, is) = (of_types("from_xml"), of_types("is"));
        let (attributes, content) = (of_types("attributes"), of_types("content"));
        let names = idents.iter().map(ToString::to_string).collect::<Vec<_>>();
        let expected = listed("the type of ", &names.iter().collect::<Vec<_>>());
        let absent = match alternatives
            .iter()
            .position(|alternative| alternative.default.is_some())
        {
            Some(at) => {
                let (ident, from_xml) = (idents[at], &from_xml[at]);
                generate! { ::core::result::Result::Ok(Self::#ident(#from_xml(reader)?)) }
            }
            None => generate! { ::core::result::Result::Err(reader.missing_attribute("xsi:type")) },
        };
        let write = self.writing(
            Some(&generate! { match self { #(Self::#idents(value) => #attributes(value, writer)?,)* } }),
            &generate! { match self { #(Self::#idents(value) => #content(value, writer)?,)* } },
        );
        let read = self.reading(&generate! {
            let ::core::option::Option::Some((namespace, local)) = __soapstone::xml::xsi_type(reader) else {
                return #absent;
            };
            #(if #is((namespace, &local), reader) {
                return ::core::result::Result::Ok(Self::#idents(#from_xml(reader)?));
            })*
            ::core::result::Result::Err(__soapstone::xml::unknown_type(reader, &local, #expected))
        });
        generate! { #write #read }
    }
}

/// The tables of what some variants hold, where they hold fields.
pub(super) fn tables<'c>(
    contents: impl Iterator<Item = &'c Content>,
    spaces: &Spaces,
) -> Vec<Option<Ident>> {
    let table = |content: &Content| match content {
        Content::Sequence(sequence) => Some(spaces.table(sequence)),
        _ => None,
    };
    contents.map(table).collect()
}

/// A pattern for a variant, and what it binds: references to the fields.
pub(super) fn destructured(ident: &Ident, content: &Content) -> (TokenStream, Vec<TokenStream>) {
    match content {
        Content::Empty => (generate! { Self::#ident }, Vec::new()),
        Content::Value(_) => {
            let field = variable(0);
            (
                generate! { Self::#ident(#field) },
                vec![generate! { #field }],
            )
        }
        Content::Sequence(sequence) => {
            let idents = sequence.fields.iter().map(|field| &field.ident);
            let variables = (0..sequence.fields.len()).map(variable).collect::<Vec<_>>();
            (
                generate! { Self::#ident { #(#idents: #variables),* } },
                variables
                    .iter()
                    .map(|variable| generate! { #variable })
                    .collect(),
            )
        }
    }
}

/// `Red, Green or Blue`.
fn listed(before: &str, words: &[&String]) -> String {
    let words = words.iter().map(|word| word.as_str()).collect::<Vec<_>>();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{before}{} or {last}", rest.join(", ")),
        _ => format!("{before}{}", words.concat()),
    }
}
