//! `xsi:nil` on the start tag just passed.

use super::super::{NamespaceId, ReadError, ReadErrorKind, ValueError, scan};
use super::Reader;

impl Reader<'_> {
    /// True if the start tag just passed says `xsi:nil="true"`; its content must then be empty and has been consumed with
    /// the end tag.
    ///
    /// # Errors
    /// Fails if the value is no boolean, or a nil element has content.
    #[inline]
    pub fn nil(&mut self) -> Result<bool, ReadError> {
        if self.attributes.is_empty() {
            Ok(false)
        } else {
            self.says_nil()
        }
    }

    fn says_nil(&mut self) -> Result<bool, ReadError> {
        let nil = |reader: &Self, index| reader.attribute(index) == Some((NamespaceId::XSI, "nil"));
        let Some(index) = (0..self.attributes.len()).find(|&index| nil(self, index)) else {
            return Ok(false);
        };
        let value = self.attribute_value(index);
        match scan::trim(&value) {
            "true" | "1" => {}
            "false" | "0" => return Ok(false),
            _ => return Err(self.attribute_error(index, ValueError::new(&value, "an xsd:boolean"))),
        }
        let start = self.at;
        if self.text()?.is_empty() {
            return Ok(true);
        }
        Err(self.fail(
            ReadErrorKind::Syntax("an element with xsi:nil has content"),
            start,
            true,
        ))
    }

    /// Checks, before the element of a field is read, that it is not there again, and not nil unless its type reads that.
    #[inline]
    pub(in crate::xml) fn begin_required(
        &self,
        is_there: bool,
        name: &str,
        nillable: bool,
    ) -> Result<(), ReadError> {
        if is_there {
            return Err(self.repeated(name));
        }
        if nillable {
            return Ok(());
        }
        self.refuse_nil()
    }

    /// The same where the element may be absent: true if it is nil, which stands for that.
    #[inline]
    pub(in crate::xml) fn begin_optional(
        &mut self,
        is_there: bool,
        name: &str,
        nillable: bool,
    ) -> Result<bool, ReadError> {
        if is_there {
            return Err(self.repeated(name));
        }
        if nillable {
            return Ok(false);
        }
        self.nil()
    }

    /// Refuses `xsi:nil="true"` on the start tag just passed.
    #[inline]
    pub(in crate::xml) fn refuse_nil(&self) -> Result<(), ReadError> {
        if self.attributes.is_empty() {
            Ok(())
        } else {
            self.refuse_said_nil()
        }
    }

    fn refuse_said_nil(&self) -> Result<(), ReadError> {
        for (index, attribute) in self.attributes.iter().enumerate() {
            if attribute.namespace == NamespaceId::XSI
                && self
                    .attribute(index)
                    .is_some_and(|(_, local)| local == "nil")
                && matches!(scan::trim(&self.attribute_value(index)), "true" | "1")
            {
                return Err(self.error(ReadErrorKind::UnexpectedNil));
            }
        }
        Ok(())
    }
}
