//! Somebody between client and server who passes on what both say, and cuts the line when told to. It knows nothing of what is
//! said, so it stands before every transport that has connections.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// How a line is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// In good order, as programs end.
    End,
    /// By a reset, where the transport has one.
    Reset,
}

/// The way to a server over lines that can be cut.
pub(crate) struct Between {
    /// Where it is reached.
    pub(crate) url: String,
    cuts: watch::Sender<Option<Cut>>,
    lines: Arc<AtomicUsize>,
    open: watch::Receiver<usize>,
    _accepting: JoinSet<()>,
}

impl Between {
    /// Stands before the server at `url`.
    pub(crate) async fn before(url: &str) -> Self {
        let (cuts, cut) = watch::channel(None);
        let (opened, open) = watch::channel(0);
        let lines = Arc::new(AtomicUsize::new(0));
        let (own, door) = Door::before(url).await.expect("a door");
        let mut accepting = JoinSet::new();
        let (counted, url) = (Arc::clone(&lines), url.to_owned());
        accepting.spawn(async move {
            let mut passing = JoinSet::new();
            while let Ok(client) = door.accept().await {
                let Ok(server) = dial(&url).await else {
                    continue;
                };
                counted.fetch_add(1, SeqCst);
                opened.send_modify(|open| *open += 1);
                passing.spawn(pass(client, server, cut.clone(), opened.clone()));
            }
        });
        Self {
            url: own,
            cuts,
            lines,
            open,
            _accepting: accepting,
        }
    }

    /// Cuts all lines, and returns when the client can know it.
    pub(crate) async fn cut(&mut self, how: Cut) {
        self.cuts.send_replace(Some(how));
        let cut = self.open.wait_for(|open| *open == 0).await;
        cut.expect("it stands there");
        self.cuts.send_replace(None);
    }

    /// How many lines there were.
    pub(crate) fn lines(&self) -> usize {
        self.lines.load(SeqCst)
    }
}

async fn pass(
    mut client: Box<dyn Line>,
    mut server: Box<dyn Line>,
    mut cut: watch::Receiver<Option<Cut>>,
    opened: watch::Sender<usize>,
) {
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        how = cut.wait_for(Option::is_some) => {
            if matches!(how.as_deref(), Ok(Some(Cut::Reset))) {
                client.reset_when_dropped();
            }
        }
    }
    drop((client, server));
    opened.send_modify(|open| *open -= 1);
}

/// One end of a connection.
pub(crate) trait Line: AsyncRead + AsyncWrite + Unpin + Send {
    /// Ends it by a reset, where there is such a thing.
    fn reset_when_dropped(&self) {}
}

impl Line for TcpStream {
    fn reset_when_dropped(&self) {
        self.set_zero_linger().expect("a socket");
    }
}

#[cfg(unix)]
impl Line for tokio::net::UnixStream {}

/// Connects to the server at `url`.
pub(crate) async fn dial(url: &str) -> io::Result<Box<dyn Line>> {
    #[cfg(unix)]
    if let Some(path) = url.strip_prefix("unix://") {
        return Ok(Box::new(tokio::net::UnixStream::connect(path).await?));
    }
    let (_, authority, _) = parts(url);
    let stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    Ok(Box::new(stream))
}

/// Scheme, authority and path.
fn parts(url: &str) -> (&str, &str, &str) {
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    (scheme, authority, path)
}

/// Where clients come in.
enum Door {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
}

impl Door {
    /// A door before the server at `url`, and its own URL.
    async fn before(url: &str) -> io::Result<(String, Self)> {
        #[cfg(unix)]
        if let Some(path) = url.strip_prefix("unix://") {
            let own = format!("{path}.between");
            let listener = tokio::net::UnixListener::bind(&own)?;
            return Ok((format!("unix://{own}"), Self::Unix(listener)));
        }
        let (scheme, _, path) = parts(url);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let own = format!("{scheme}://{}{path}", listener.local_addr()?);
        Ok((own, Self::Tcp(listener)))
    }

    async fn accept(&self) -> io::Result<Box<dyn Line>> {
        Ok(match self {
            Self::Tcp(listener) => Box::new(listener.accept().await?.0),
            #[cfg(unix)]
            Self::Unix(listener) => Box::new(listener.accept().await?.0),
        })
    }
}
