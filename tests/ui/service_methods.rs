use soapstone::{Context, SoapType, service};

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Order {
    id: i32,
}

#[service(namespace = "urn:a")]
trait Methods {
    fn plain(&self) -> i32;
    async fn no_self() -> i32;
    async fn by_value(self) -> i32;
    async fn mutable(&mut self);
    async fn generic<T>(&self, a: T);
    async fn lifetime<'a>(&self, a: &'a str);
    async fn connect(&self);
    #[cfg(unix)]
    async fn sometimes(&self);
    #[soap(one_way)]
    async fn answers(&self) -> i32;
    #[soap(one_way, reply_action = "urn:a:answered")]
    async fn answered(&self);
    #[soap(reply_action = "")]
    async fn empty_action(&self) -> i32;
    #[soap(action = "two words")]
    async fn action_of_two_words(&self) -> i32;
    #[soap(reply_action = "two words")]
    async fn no_uri(&self) -> i32;
    #[soap(nam = "x")]
    async fn misspelt(&self);
    #[soap(result = "x")]
    async fn no_result(&self) -> Result<(), soapstone::Fault>;
}

#[service(namespace = "urn:a")]
trait Names {
    async fn add(&self);
    #[soap(name = "Add")]
    async fn plus(&self);
    async fn add_response(&self);
    async fn twice(&self, a: i32, #[soap(name = "a")] b: i32);
    async fn clone(&self);
    #[soap(name = "a b")]
    async fn blank(&self);
    #[soap(bare)]
    async fn nothing(&self);
    #[soap(bare, action = "urn:a:Nothing")]
    async fn nothing_too(&self);
    #[soap(bare)]
    async fn both(&self, a: Order, b: Order);
}

#[service(namespace = "urn:a")]
trait Parameters {
    async fn pattern(&self, (a, b): (i32, i32));
    async fn any(&self, a: impl ToString);
    async fn slice(&self, a: &[Order]);
    async fn inside(&self, a: Option<&str>);
    async fn mutable(&self, a: &mut Order);
    async fn forever(&self, a: &'static str);
    async fn contexts(&self, #[soap(context)] a: &Context, #[soap(context)] b: &Context);
    async fn both(&self, #[soap(context, header)] a: &Context);
    async fn named(&self, #[soap(header, name = "x")] a: Order);
    async fn wrong(&self, #[soap(contxt)] a: &Context);
    async fn borrowed(&self) -> &str;
    #[soap(one_way)]
    async fn borrowing(&self, a: std::borrow::Cow<'_, str>);
}

fn main() {}
