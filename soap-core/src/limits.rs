//! Every bound against hostile input, in one struct, safe by default.

/// Bounds on what a message may hold. All are on by default; an error names the one that was passed.
///
/// # Example
/// ```
/// use soap_core::Limits;
/// let limits = Limits::server().message(64 << 20);
/// assert_eq!(limits.depth, 100);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a message after inflation. Server 4 MiB, client 64 MiB. A message is held in memory whole.
    pub message: usize,
    /// Nesting of elements: 100; more than 1,000 counts as 1,000.
    pub depth: usize,
    /// Attributes of one element, namespace declarations included: 256.
    pub attributes: usize,
    /// Namespace bindings in scope at one place: 128.
    pub namespaces: usize,
    /// Children of one element: server 50,000, client 1,000,000.
    pub children: usize,
    /// Elements in all: 1,000,000.
    pub elements: usize,
    /// Bytes of a name: 1 KiB.
    pub name: usize,
    /// Bytes of an attribute value: 64 KiB.
    pub attribute_value: usize,
    /// Bytes of comments in all: 64 KiB.
    pub comments: usize,
    /// Header blocks of an envelope: 128.
    pub header_blocks: usize,
    /// Bytes of the head of an HTTP message: 16 KiB.
    pub head: usize,
    /// Server: bytes a second a body must come at, on average, once [`Timeouts::body_rate_after`](crate::Timeouts) is over: 1,024.
    /// 0 turns the rule off.
    pub body_rate: usize,
    /// Inflated to compressed bytes, above 1 MiB: 100.
    pub inflate_ratio: usize,
}

impl Limits {
    /// The bounds of a server: small requests from strangers.
    pub const fn server() -> Self {
        Self {
            message: 4 << 20,
            depth: 100,
            attributes: 256,
            namespaces: 128,
            children: 50_000,
            elements: 1_000_000,
            name: 1 << 10,
            attribute_value: 64 << 10,
            comments: 64 << 10,
            header_blocks: 128,
            head: 16 << 10,
            body_rate: 1024,
            inflate_ratio: 100,
        }
    }

    /// The bounds of a client: larger answers from a peer it chose.
    pub const fn client() -> Self {
        Self {
            message: 64 << 20,
            children: 1_000_000,
            ..Self::server()
        }
    }
}

/// A method for each field, which sets it by value.
macro_rules! by_value {
    ($($field:ident),+ $(,)?) => {
        // Does not compile when a field is missing.
        const _: fn(Limits) = |Limits { $($field: _),+ }| ();

        impl Limits {
            /// The names of all fields, for those who read them from elsewhere.
            #[doc(hidden)]
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];

            $(
                #[doc = concat!("The same with another bound in the field `", stringify!($field), "`, which tells more.")]
                #[must_use]
                pub const fn $field(mut self, $field: usize) -> Self {
                    self.$field = $field;
                    self
                }
            )+
        }
    };
}

by_value!(
    message,
    depth,
    attributes,
    namespaces,
    children,
    elements,
    name,
    attribute_value,
    comments,
    header_blocks,
    head,
    body_rate,
    inflate_ratio,
);

impl Default for Limits {
    fn default() -> Self {
        Self::server()
    }
}
