//! A tree from whatever serde reads.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};

use super::{
    Config,
    tree::{Entry, Node, Place, Table, Value},
};

impl<'de> Deserialize<'de> for Config {
    /// From any format, as a part of the configuration of an application. Errors name keys, not lines.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = deserializer.deserialize_map(Reader)?;
        let table = node.as_table().cloned().unwrap_or_default();
        Self::of(table).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

fn node(value: Value) -> Node {
    Node {
        value,
        place: Place::Unknown,
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a configuration")
    }

    fn visit_bool<E>(self, on: bool) -> Result<Node, E> {
        Ok(node(Value::Boolean(on)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(node(Value::Integer(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        let value = i64::try_from(number).map(Value::Integer);
        Ok(node(
            value.unwrap_or_else(|_| Value::Other(number.to_string())),
        ))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        Ok(node(Value::Other(number.to_string())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(node(Value::Text(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(node(Value::Other("nothing".to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(part) = parts.next_element()? {
            list.push(part);
        }
        Ok(node(Value::List(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut table = Table::default();
        while let Some((key, node)) = entries.next_entry::<String, Node>()? {
            if table.get(&key).is_some() {
                return Err(A::Error::custom(format!("the key `{key}` is there twice")));
            }
            table.0.push(Entry {
                key,
                place: Place::Unknown,
                node,
            });
        }
        Ok(node(Value::Table(table)))
    }
}
