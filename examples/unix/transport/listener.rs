//! The listener: takes connections up to a bound, and stops without losing what was accepted.

use std::{io::Write, path::PathBuf, sync::Arc, time::Duration};

use soapstone::{
    Fault,
    transport::{BoxFuture, Dispatch, Listener, Message, Options, Stop, TransportError},
};
use tokio::{
    net::{UnixListener, UnixStream},
    select,
    sync::{Semaphore, watch},
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    UnixOptions,
    connection::{Connection, Stage},
    envelopes::after,
    file::SocketFile,
};

/// Pause after an error such as "too many open files".
const PAUSE: Duration = Duration::from_millis(100);

/// A socket that listens.
#[derive(Debug)]
pub(super) struct UnixSocketListener {
    url: String,
    listener: UnixListener,
    file: SocketFile,
    options: Options,
}

impl UnixSocketListener {
    pub(super) async fn bind(
        url: &str,
        path: PathBuf,
        options: &Options,
    ) -> Result<Self, TransportError> {
        let UnixOptions { mode } = options.get().cloned().unwrap_or_default();
        let bound = options.timeouts.connect;
        let listening = SocketFile::listen(path, mode, options.socket.backlog);
        let listening = timeout(bound, listening).await.map_err(|_| {
            TransportError::timeout(&format!("looking who listens on {url}"), bound, false)
        })?;
        let (file, listener) = listening.map_err(|error| {
            let text = format!("cannot listen on {url}: {error}");
            TransportError::other(text, false).caused_by(error)
        })?;
        Ok(Self {
            url: url.to_owned(),
            listener,
            file,
            options: options.clone(),
        })
    }
}

impl Listener for UnixSocketListener {
    fn url(&self) -> &str {
        &self.url
    }

    fn serve(
        self: Box<Self>,
        service: Arc<dyn Dispatch>,
        stop: Stop,
    ) -> BoxFuture<'static, Result<(), TransportError>> {
        const MOST: u32 = 1 << 20;
        let asked = u32::try_from(self.options.capacity.connections);
        let most = asked.unwrap_or(MOST).clamp(1, MOST);
        let serving = Serving {
            most,
            slots: Arc::new(Semaphore::new(most as usize)),
            stage: watch::Sender::new(Stage::Serving),
            service,
            options: Arc::new(self.options),
        };
        Box::pin(serving.run(self.listener, self.file, stop))
    }
}

/// A listener at work. When it is dropped its connections end with it: they see that the sender of the stage is gone.
struct Serving {
    service: Arc<dyn Dispatch>,
    options: Arc<Options>,
    /// One for each connection; its work holds it too.
    slots: Arc<Semaphore>,
    most: u32,
    stage: watch::Sender<Stage>,
}

impl Serving {
    async fn run(
        self,
        listener: UnixListener,
        file: SocketFile,
        stop: Stop,
    ) -> Result<(), TransportError> {
        let deadline = self.accept(&listener, stop).await;
        let end = after(Instant::now(), deadline);
        // Nobody new finds the socket; those who have found it are served.
        drop(file);
        self.take_waiting(listener);
        // A short deadline leaves its second half to those that are told to leave.
        let grace = self.options.timeouts.grace.min(deadline / 2);
        if timeout(grace, self.slots.acquire_many(self.most))
            .await
            .is_ok()
        {
            return Ok(());
        }
        self.stage.send_replace(Stage::Leaving);
        if timeout_at(end, self.slots.acquire_many(self.most))
            .await
            .is_ok()
        {
            return Ok(());
        }
        self.stage.send_replace(Stage::Over);
        Err(TransportError::timeout("a graceful stop", deadline, false))
    }

    /// Takes connections until the signal to stop, and gives its deadline.
    async fn accept(&self, listener: &UnixListener, stop: Stop) -> Duration {
        let mut stopped = stop.stopped();
        loop {
            select! {
                biased;
                deadline = &mut stopped => return deadline,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => self.take(stream),
                    Err(error) => {
                        eprintln!("cannot accept connections for now: {error}");
                        sleep(PAUSE).await;
                    }
                },
            }
        }
    }

    /// Takes what the backlog holds: closing the listener would break it.
    fn take_waiting(&self, listener: UnixListener) {
        // The listener does not block: it was tokio's.
        let Ok(listener) = listener.into_std() else {
            return;
        };
        while let Ok((stream, _)) = listener.accept() {
            let stream = stream
                .set_nonblocking(true)
                .and_then(|()| UnixStream::from_std(stream));
            if let Ok(stream) = stream {
                self.take(stream);
            }
        }
    }

    fn take(&self, stream: UnixStream) {
        let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
            self.refuse(stream);
            return;
        };
        let connection = Connection {
            service: Arc::clone(&self.service),
            options: Arc::clone(&self.options),
            slot: Arc::new(slot),
        };
        tokio::spawn(connection.serve(stream, self.stage.subscribe()));
    }

    /// Says that there is no room, as far as that can be said without waiting.
    fn refuse(&self, stream: UnixStream) {
        let fault = Fault::receiver("too many connections; try again later");
        let answer = self.service.refuse(&Message::default(), &fault);
        if let Ok(mut stream) = stream.into_std() {
            let _ = stream.write(&answer.envelope);
        }
    }
}
