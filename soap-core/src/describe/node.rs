//! An element under construction, for a document that is built whole and printed once, with
//! indentation.

use std::borrow::Cow;

/// An element: attributes, then children or text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    name: &'static str,
    attributes: Vec<(Cow<'static, str>, String)>,
    children: Vec<Self>,
    text: String,
}

impl Node {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            children: Vec::new(),
            text: String::new(),
        }
    }

    pub(super) fn with(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }

    /// Adds an attribute in front of the others.
    pub(super) fn with_first(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.insert(0, (name.into(), value.into()));
        self
    }

    /// Adds children in front of the others.
    pub(super) fn first(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.splice(0..0, children);
        self
    }

    pub(super) fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    pub(super) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// The document with this element as its root.
    pub(super) fn document(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self.print(0, &mut out);
        out
    }

    fn print(&self, depth: usize, out: &mut String) {
        let indent = |out: &mut String| out.extend(std::iter::repeat_n("  ", depth));
        indent(out);
        out.push('<');
        out.push_str(self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, true, out);
            out.push('"');
        }
        if self.children.is_empty() && self.text.is_empty() {
            out.push_str("/>\n");
            return;
        }
        out.push('>');
        if self.children.is_empty() {
            escape(&self.text, false, out);
        } else {
            out.push('\n');
            self.children
                .iter()
                .for_each(|child| child.print(depth + 1, out));
            indent(out);
        }
        out.push_str("</");
        out.push_str(self.name);
        out.push_str(">\n");
    }
}

/// Escapes markup, and white space that a parser would not hand on. What XML cannot hold becomes
/// U+FFFD.
fn escape(text: &str, attribute: bool, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\t' if attribute => out.push_str("&#x9;"),
            '\n' if attribute => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            '\t' | '\n' => out.push(character),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Node;

    #[test]
    fn prints_with_indentation() {
        let root = Node::new("a")
            .with("b", "1")
            .child(Node::new("c"))
            .child(Node::new("d").text("e"));
        let expected =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"1\">\n  <c/>\n  <d>e</d>\n</a>\n";
        assert_eq!(root.document(), expected);
    }

    #[test]
    fn escapes_markup_and_replaces_what_xml_cannot_hold() {
        let root = Node::new("a")
            .with("b", "\"<&>\t\n'")
            .text("]]> & \"<\n\r\u{1}\u{ffff}");
        let document = root.document();
        let element = document.lines().skip(1).collect::<Vec<_>>().join("\n");
        assert_eq!(
            element,
            "<a b=\"&quot;&lt;&amp;&gt;&#x9;&#xA;'\">]]&gt; &amp; \"&lt;\n&#xD;\u{fffd}\u{fffd}</a>"
        );
    }
}
