//! Connecting to a host by name: its addresses in turn, each a little after the one before (RFC 8305; the resolver has sorted them).

use std::{
    future::{Future, poll_fn},
    io, iter,
    net::SocketAddr,
    pin::Pin,
    task::Poll,
};

use soap_core::{SocketOptions, Timeouts, transport::TransportError};
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout},
};

use crate::{
    clock::after,
    socket::{self, Alarm},
};

/// Addresses of one name that are tried: each may hold a socket until the time to connect is over.
const MOST: usize = 32;

/// A connection to `host`, which may be a name or an address.
///
/// # Errors
/// Fails if the name is unknown, no address takes the connection, or not in time; nothing was sent then.
pub(crate) async fn dial(
    host: &str,
    port: u16,
    timeouts: &Timeouts,
    options: &SocketOptions,
) -> Result<TcpStream, TransportError> {
    let connecting = async {
        let found = lookup_host((host, port)).await.map_err(|error| {
            TransportError::connect(format!("no address for {host:?}")).caused_by(error)
        })?;
        let local = options.local_address;
        let usable =
            |address: &SocketAddr| local.is_none_or(|local| local.is_ipv4() == address.is_ipv4());
        let addresses = in_turn(found.filter(usable).collect());
        let attempts = addresses
            .into_iter()
            .map(|address| attempt(address, options));
        first(attempts, timeouts)
            .await
            .map_err(|error| match (error, local) {
                (Some((address, error)), _) => {
                    let text = format!("no connection to {host}:{port} at {address}: {error}");
                    TransportError::connect(text).caused_by(socket::cause(error))
                }
                (None, None) => TransportError::connect(format!("no address for {host:?}")),
                (None, Some(local)) => {
                    let family = if local.is_ipv4() { "IPv4" } else { "IPv6" };
                    TransportError::connect(format!(
                        "no {family} address for {host:?}, to connect to from the local_address {local}"
                    ))
                }
            })
    };
    let bound = timeouts.connect;
    timeout(bound, connecting).await.unwrap_or_else(|_| {
        Err(TransportError::timeout(
            &format!("connecting to {host}:{port}"),
            bound,
            false,
        ))
    })
}

/// The order in which to try addresses: the families in turn, beginning with that of the first; within one as they were found
/// (RFC 8305 4). At most [`MOST`].
fn in_turn(found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let begins_v6 = found.first().is_some_and(SocketAddr::is_ipv6);
    let (this, other): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|address| address.is_ipv6() == begins_v6);
    let (mut this, mut other) = (this.into_iter(), other.into_iter());
    let pairs = iter::from_fn(|| match (this.next(), other.next()) {
        (None, None) => None,
        pair => Some(<[_; 2]>::from(pair)),
    });
    pairs.flatten().flatten().take(MOST).collect()
}

type Failure = (SocketAddr, io::Error);

async fn attempt(address: SocketAddr, options: &SocketOptions) -> Result<TcpStream, Failure> {
    socket::connect(address, options)
        .await
        .map_err(|error| (address, error))
}

/// The first attempt that succeeds; the next one begins when the last fails or has taken `next_address`. Fails with the first
/// error.
async fn first<T, E, F>(
    attempts: impl Iterator<Item = F>,
    timeouts: &Timeouts,
) -> Result<T, Option<E>>
where
    F: Future<Output = Result<T, E>>,
{
    let mut attempts = attempts.fuse();
    let mut open: Vec<Pin<Box<F>>> = Vec::new();
    let mut failure = None;
    let mut next = Instant::now();
    let mut alarm = Alarm::default();
    poll_fn(|cx| {
        loop {
            let mut index = 0;
            while let Some(attempt) = open.get_mut(index) {
                match attempt.as_mut().poll(cx) {
                    Poll::Ready(Ok(done)) => return Poll::Ready(Ok(done)),
                    Poll::Ready(Err(error)) => {
                        drop(open.remove(index));
                        failure.get_or_insert(error);
                        next = Instant::now();
                    }
                    Poll::Pending => index += 1,
                }
            }
            if alarm.poll(next, cx).is_pending() {
                return Poll::Pending;
            }
            match attempts.next() {
                Some(attempt) => {
                    open.push(Box::pin(attempt));
                    next = after(Instant::now(), timeouts.next_address);
                }
                None if open.is_empty() => return Poll::Ready(Err(failure.take())),
                None => return Poll::Pending,
            }
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use tokio::time::sleep;

    use super::*;

    type Attempt = Pin<Box<dyn Future<Output = Result<u8, u8>>>>;

    async fn after(millis: u64, result: Result<u8, u8>) -> Result<u8, u8> {
        sleep(Duration::from_millis(millis)).await;
        result
    }

    async fn run(attempts: Vec<Attempt>) -> (Result<u8, Option<u8>>, u128) {
        let start = Instant::now();
        let result = first(attempts.into_iter(), &Timeouts::default()).await;
        (result, start.elapsed().as_millis())
    }

    #[test]
    fn rfc8305_4_families_are_tried_in_turn() {
        let address = |text: &str| SocketAddr::new(text.parse().unwrap(), 80);
        let in_turn = |found: &[&str]| -> Vec<String> {
            let tried = in_turn(found.iter().map(|text| address(text)).collect());
            tried.iter().map(|tried| tried.ip().to_string()).collect()
        };
        for (found, tried) in [
            (vec![], vec![]),
            (vec!["1.0.0.1", "1.0.0.2"], vec!["1.0.0.1", "1.0.0.2"]),
            (
                vec!["::3", "::1", "::2", "1.0.0.2", "1.0.0.1"],
                vec!["::3", "1.0.0.2", "::1", "1.0.0.1", "::2"],
            ),
            (
                vec!["1.0.0.1", "1.0.0.2", "1.0.0.3", "::1"],
                vec!["1.0.0.1", "::1", "1.0.0.2", "1.0.0.3"],
            ),
        ] {
            assert_eq!(in_turn(&found), tried);
        }
        let many = vec!["::1"; 100];
        assert_eq!(in_turn(&many).len(), MOST);
    }

    #[tokio::test]
    async fn the_addresses_of_the_other_family_are_not_for_a_local_address() {
        let options = SocketOptions::new().local_address(Some([127, 0, 0, 1].into()));
        let dialled = dial("::1", 1, &Timeouts::default(), &options).await;
        let error = dialled.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        assert_eq!(
            error.to_string(),
            "no IPv4 address for \"::1\", to connect to from the local_address 127.0.0.1"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_address_does_not_hold_up_the_next() {
        let attempts: Vec<Attempt> = vec![Box::pin(pending()), Box::pin(after(10, Ok(2)))];
        let (result, millis) = run(attempts).await;
        assert_eq!(result, Ok(2));
        assert!((260..=270).contains(&millis), "{millis}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_overtaken_may_still_win() {
        let attempts: Vec<Attempt> = vec![Box::pin(after(300, Ok(1))), Box::pin(after(100, Ok(2)))];
        assert_eq!(run(attempts).await.0, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_starts_the_next_at_once_and_the_first_is_told() {
        let attempts: Vec<Attempt> = vec![Box::pin(after(5, Err(1))), Box::pin(after(5, Err(2)))];
        let (result, millis) = run(attempts).await;
        assert_eq!(result, Err(Some(1)));
        assert!((10..=20).contains(&millis), "{millis}");
        assert_eq!(run(Vec::new()).await.0, Err(None));
    }
}
