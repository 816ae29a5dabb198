//! Elements whose names decide what they are: an `xsd:choice` in place, `xsd:any`, and types told by `xsi:type`.

use super::{
    Element, NamespaceId, ReadError, ReadErrorKind, Reader, RootElement, Tag, ValueError,
    WriteError, Writer, XSI,
};
use crate::SoapVersion;

/// An enum whose variants are elements, written in place of a field (`xsd:choice`).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no choice of elements",
    note = "`choice` wants an enum whose variants hold data, with `#[derive(SoapType)]`; `any` wants `soapstone::xml::Element`"
)]
pub trait Choice<'x>: Sized {
    /// Names of the elements, for people: `card or cash`.
    const EXPECTED: &'static str;

    /// Reads the element if one of the variants is named so; `None` leaves it unread.
    ///
    /// # Errors
    /// Says what is wrong and where.
    fn read_variant(
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<Option<Self>, ReadError>;

    /// Writes the element of this variant.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write_variant(&self, writer: &mut Writer) -> Result<(), WriteError>;
}

/// Any element: what `xsd:any` allows.
impl<'x> Choice<'x> for Element {
    const EXPECTED: &'static str = "any element";

    fn read_variant(
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<Option<Self>, ReadError> {
        Self::read(name, reader).map(Some)
    }

    fn write_variant(&self, writer: &mut Writer) -> Result<(), WriteError> {
        self.write(writer)
    }
}

impl<'x, T: Choice<'x>> Choice<'x> for Box<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn read_variant(
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<Option<Self>, ReadError> {
        Ok(T::read_variant(name, reader)?.map(Self::new))
    }

    fn write_variant(&self, writer: &mut Writer) -> Result<(), WriteError> {
        (**self).write_variant(writer)
    }
}

/// A field that is a choice in place: `T` once, `Option<T>` at most once, `Vec<T>` any number of times.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no choice of elements",
    note = "`choice` wants an enum whose variants hold data, with `#[derive(SoapType)]`; `any` wants `soapstone::xml::Element`"
)]
pub trait ChoiceField<'x>: Sized {
    /// Names of the elements, for people: `card or cash`.
    const EXPECTED: &'static str;

    /// Reads the element and adds it to what has been read, if it is one of the choice; false leaves it unread.
    ///
    /// # Errors
    /// Fails if the choice is repeated though it may occur once only, or cannot be read.
    fn read(
        kept: &mut Option<Self>,
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<bool, ReadError>;

    /// The value where no element of the choice stands, if there is one.
    fn absent() -> Option<Self> {
        None
    }

    /// Writes the elements.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write(&self, writer: &mut Writer) -> Result<(), WriteError>;
}

#[diagnostic::do_not_recommend]
impl<'x, T: Choice<'x>> ChoiceField<'x> for T {
    const EXPECTED: &'static str = <T as Choice>::EXPECTED;

    fn read(
        kept: &mut Option<T>,
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<bool, ReadError> {
        let Some(value) = T::read_variant(name, reader)? else {
            return Ok(false);
        };
        if kept.replace(value).is_some() {
            return Err(reader.repeated(name.1));
        }
        Ok(true)
    }

    fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
        self.write_variant(writer)
    }
}

impl<'x, T: Choice<'x>> ChoiceField<'x> for Option<T> {
    const EXPECTED: &'static str = <T as Choice>::EXPECTED;

    fn read(
        kept: &mut Option<Self>,
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<bool, ReadError> {
        <T as ChoiceField>::read(kept.get_or_insert_default(), name, reader)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
        self.iter()
            .try_for_each(|value| value.write_variant(writer))
    }
}

impl<'x, T: Choice<'x>> ChoiceField<'x> for Vec<T> {
    const EXPECTED: &'static str = <T as Choice>::EXPECTED;

    fn read(
        kept: &mut Option<Self>,
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<bool, ReadError> {
        let value = T::read_variant(name, reader)?;
        let read = value.is_some();
        kept.get_or_insert_default().extend(value);
        Ok(read)
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
        self.iter()
            .try_for_each(|value| value.write_variant(writer))
    }
}

/// Reads an element whose only child is one of a choice.
///
/// # Errors
/// Fails if there is none, or a second one.
pub fn choice_content<'x, T: Choice<'x>>(
    reader: &mut Reader<'x>,
    deny_unknown: bool,
) -> Result<T, ReadError> {
    let mut slot = None;
    while let Some(name) = reader.next()? {
        if !<T as ChoiceField>::read(&mut slot, name, reader)? {
            if deny_unknown {
                return Err(reader.unexpected());
            }
            reader.skip()?;
        }
    }
    slot.ok_or_else(|| reader.missing(<T as Choice>::EXPECTED))
}

/// The type that `xsi:type` of the start tag just passed names; `None` without it, or where its prefix is bound to nothing.
pub fn xsi_type(reader: &mut Reader<'_>) -> Option<(NamespaceId, String)> {
    let value = reader.attribute_named(&XSI, "type")?;
    let (namespace, local) = reader.resolve_qname(&value);
    Some((namespace?, local.to_owned()))
}

/// Writes the attribute that names the type, with a blank in front.
///
/// # Errors
/// Fails on what XML cannot hold.
pub fn write_xsi_type<T: RootElement>(_: &T, writer: &mut Writer) -> Result<(), WriteError> {
    let prefix = writer.prefix(&XSI);
    writer.attribute_start(prefix, const { &Tag::attribute(" n0:type=\"") });
    writer.qname(T::NAMESPACE.uri(), T::NAME)?;
    writer.plain("\"");
    Ok(())
}

/// `xsi:type` names none of the types that may stand here.
#[cold]
pub fn unknown_type(reader: &Reader<'_>, local: &str, expected: &'static str) -> ReadError {
    reader.value_error(ValueError::new(local, expected))
}

/// Refuses an attribute that no field takes, unless XML Schema, XML or SOAP allow it on every element.
///
/// # Errors
/// Fails on all others.
pub fn refuse_attribute(name: (NamespaceId, &str), reader: &Reader<'_>) -> Result<(), ReadError> {
    let uri = reader.uri(name.0);
    let everywhere = [
        &XSI,
        &super::XML,
        SoapVersion::Soap11.namespace(),
        SoapVersion::Soap12.namespace(),
    ];
    if everywhere.iter().any(|namespace| namespace.uri() == uri) {
        return Ok(());
    }
    Err(reader.error(ReadErrorKind::UnexpectedAttribute(name.1.to_owned())))
}
