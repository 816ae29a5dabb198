//! Header blocks: for whom they are, whether they must be understood, and typed ones both ways.

use std::borrow::Cow;

use crate::{
    SoapVersion,
    describe::{Describe, HeaderDescription},
    xml::{
        FromXml, Name, Namespace, NamespaceId, Place, ReadError, ReadField, Reader, RootElement,
        ToXml, WriteError, Writer,
    },
};

use super::Envelope;

/// What the envelope says of a header block.
#[derive(Debug)]
pub(crate) struct Block<'x> {
    pub(crate) name: (NamespaceId, &'x str),
    /// `None` if what the envelope says is no boolean.
    pub(crate) must_understand: Option<bool>,
    pub(crate) role: Role,
}

/// For whom a header block is (rule M-1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// For the node at the end of the path, or the next one on it: this one either way.
    Receiver,
    /// For no node.
    Nobody,
    /// For nodes that act in the role of this URI.
    Uri(String),
}

impl Role {
    pub(crate) fn is_ours(&self, roles: &[String]) -> bool {
        match self {
            Self::Receiver => true,
            Self::Nobody => false,
            Self::Uri(uri) => roles.contains(uri),
        }
    }

    fn of(uri: &str, version: SoapVersion) -> Self {
        let uri = uri.trim_matches([' ', '\t', '\r', '\n']);
        match (version, uri) {
            (_, "") | (SoapVersion::Soap11, "http://schemas.xmlsoap.org/soap/actor/next") => {
                Self::Receiver
            }
            (SoapVersion::Soap12, "http://www.w3.org/2003/05/soap-envelope/role/next") => {
                Self::Receiver
            }
            (
                SoapVersion::Soap12,
                "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
            ) => Self::Receiver,
            (SoapVersion::Soap12, "http://www.w3.org/2003/05/soap-envelope/role/none") => {
                Self::Nobody
            }
            (_, uri) => Self::Uri(uri.to_owned()),
        }
    }
}

impl<'x> Block<'x> {
    /// Reads the attributes of the block whose start tag has just been passed. Only those in the namespace of the Envelope
    /// itself count (rule M-2).
    pub(super) fn read(
        name: (NamespaceId, &'x str),
        version: SoapVersion,
        reader: &mut Reader<'x>,
    ) -> Self {
        let own = version.namespace();
        let must_understand = match reader.attribute_named(own, "mustUnderstand") {
            None => Some(false),
            Some(value) => match value.trim_matches([' ', '\t', '\r', '\n']) {
                "1" | "true" => Some(true),
                "0" | "false" => Some(false),
                _ => None,
            },
        };
        let target = match version {
            SoapVersion::Soap11 => "actor",
            SoapVersion::Soap12 => "role",
        };
        let role = reader
            .attribute_named(own, target)
            .map_or(Role::Receiver, |uri| Role::of(&uri, version));
        Self {
            name,
            must_understand,
            role,
        }
    }
}

impl<'x> Envelope<'x> {
    /// The typed header of one parameter, from the blocks targeted at this node.
    pub(crate) fn header_field<T: HeaderField>(&self, roles: &[String]) -> Result<T, ReadError> {
        let mut slot = <T::Slot as Default>::default();
        let Some(mut reader) = self.header() else {
            return T::finish(slot, &self.reader);
        };
        for block in &self.blocks {
            let Some((namespace, local)) = reader.next()? else {
                break;
            };
            if local == T::NAME.local
                && block.role.is_ours(roles)
                && reader.is(namespace, T::NAME.namespace)
            {
                T::read(&mut slot, &mut reader)?;
            } else {
                reader.skip()?;
            }
        }
        T::finish(slot, &reader)
    }
}

/// A header block as a parameter: `T` required, `Option<T>` optional, `Vec<T>` repeated, where `T` is an element of its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a header block",
    note = "derive `SoapType` on it and give it a namespace: `#[soap(namespace = \"…\")]`"
)]
pub trait HeaderField: Sized {
    /// What has been read so far.
    type Slot: Default;
    /// Name of the block's element.
    const NAME: Name;

    /// Reads a block.
    ///
    /// # Errors
    /// Fails if the block is repeated, or cannot be read.
    fn read(slot: &mut Self::Slot, reader: &mut Reader<'_>) -> Result<(), ReadError>;

    /// The value, when the Header has ended.
    ///
    /// # Errors
    /// Fails if a required block is missing.
    fn finish(slot: Self::Slot, reader: &Reader<'_>) -> Result<Self, ReadError>;

    /// Writes the blocks.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write(&self, writer: &mut Writer) -> Result<(), WriteError>;

    /// Its description for the WSDL.
    const DESCRIPTION: HeaderDescription;
}

macro_rules! header_field {
    ($field:ty, $required:literal) => {
        #[diagnostic::do_not_recommend]
        impl<T> HeaderField for $field
        where
            T: RootElement + ToXml + Describe + for<'x> FromXml<'x>,
        {
            type Slot = Option<Self>;
            const NAME: Name = {
                assert_qualified::<T>();
                Name {
                    namespace: T::NAMESPACE,
                    local: T::NAME,
                }
            };
            const DESCRIPTION: HeaderDescription = HeaderDescription {
                name: <Self as HeaderField>::NAME,
                required: $required,
                of: T::describe,
            };

            fn read(slot: &mut Self::Slot, reader: &mut Reader<'_>) -> Result<(), ReadError> {
                <Self as ReadField<'_>>::read(slot, T::NAME, reader)
            }

            fn finish(slot: Self::Slot, reader: &Reader<'_>) -> Result<Self, ReadError> {
                <Self as ReadField<'_>>::finish(slot, T::NAME, reader)
            }

            fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
                let prefix = writer.prefix(T::NAMESPACE);
                crate::xml::WriteField::write(self, writer, prefix, T::TAG)
            }
        }
    };
}
header_field!(T, true);
header_field!(Option<T>, false);
header_field!(Vec<T>, false);

/// What can be put into the Header of a call.
pub trait WriteHeader {
    /// Writes the block.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write_header(&self, call: &Outgoing<'_>, writer: &mut Writer) -> Result<(), WriteError>;
}

/// The call that a header block goes with.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Outgoing<'c> {
    /// Version of the Envelope.
    pub version: SoapVersion,
    /// Action of the operation, as the contract has it.
    pub action: &'c str,
    /// URL of the service, where it is known.
    pub to: Option<&'c str>,
}

impl<T: ToXml + RootElement> WriteHeader for T {
    fn write_header(&self, _: &Outgoing<'_>, writer: &mut Writer) -> Result<(), WriteError> {
        write_block(self, writer, |_| Ok(()))
    }
}

/// A header block with the attributes of SOAP: whether it must be understood, and by whom.
#[derive(Debug, Clone)]
pub struct HeaderBlock<T> {
    value: T,
    must_understand: bool,
    role: Option<Cow<'static, str>>,
}

impl<T: ToXml + RootElement> HeaderBlock<T> {
    /// A block for the receiver, who may ignore it.
    pub fn new(value: T) -> Self {
        Self {
            value,
            must_understand: false,
            role: None,
        }
    }

    /// A receiver that does not understand the block must refuse the call.
    #[must_use]
    pub fn must_understand(self) -> Self {
        Self {
            must_understand: true,
            ..self
        }
    }

    /// URI of the nodes the block is for (`actor` in SOAP 1.1); by default the ultimate receiver.
    #[must_use]
    pub fn role(self, uri: impl Into<Cow<'static, str>>) -> Self {
        Self {
            role: Some(uri.into()),
            ..self
        }
    }
}

impl<T: ToXml + RootElement> WriteHeader for HeaderBlock<T> {
    fn write_header(&self, call: &Outgoing<'_>, writer: &mut Writer) -> Result<(), WriteError> {
        write_block(&self.value, writer, |writer| {
            if self.must_understand {
                writer.plain(" S:mustUnderstand=\"1\"");
            }
            if let Some(uri) = &self.role {
                writer.plain(if call.version == SoapVersion::Soap11 {
                    " S:actor=\""
                } else {
                    " S:role=\""
                });
                writer.text(uri, Place::Attribute)?;
                writer.plain("\"");
            }
            Ok(())
        })
    }
}

fn write_block<T: ToXml + RootElement>(
    value: &T,
    writer: &mut Writer,
    attributes: impl FnOnce(&mut Writer) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    const { assert_qualified::<T>() };
    let prefix = writer.prefix(namespace::<T>());
    writer.open_start(prefix, T::TAG);
    attributes(writer)?;
    value.attributes(writer)?;
    writer.plain(">");
    value.content(writer)?;
    writer.close(prefix, T::TAG);
    Ok(())
}

fn namespace<T: RootElement>() -> &'static Namespace {
    T::NAMESPACE
}

/// Rule S-6: a header block is in a namespace.
const fn assert_qualified<T: RootElement>() {
    assert!(
        !T::NAMESPACE.uri().is_empty(),
        "a header block must be in a namespace: give its type `#[soap(namespace = \"…\")]`"
    );
}
