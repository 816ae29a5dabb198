//! Echoes over TCP, and how many come back in a second.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// As long as a call of the calculator's Add.
const MESSAGE: [u8; 230] = [b'x'; 230];

/// Echoes until accepting fails.
pub(crate) async fn serve(listener: TcpListener) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        // A peer that breaks off is none of our business here.
        tokio::spawn(async move { echo(stream).await.ok() });
    }
}

async fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 1024];
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..read]).await?;
    }
}

/// Echoes a second, with a connection for each caller.
pub(crate) async fn calls(
    callers: u32,
    time: Duration,
    address: SocketAddr,
) -> anyhow::Result<f64> {
    let end = Instant::now() + time;
    let callers: Vec<_> = (0..callers)
        .map(|_| tokio::spawn(call_until(end, address)))
        .collect();
    let mut calls = 0;
    for caller in callers {
        calls += caller.await??;
    }
    Ok(f64::from(calls) / time.as_secs_f64())
}

async fn call_until(end: Instant, address: SocketAddr) -> std::io::Result<u32> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut answer = [0; MESSAGE.len()];
    let mut calls = 0;
    while Instant::now() < end {
        stream.write_all(&MESSAGE).await?;
        stream.read_exact(&mut answer).await?;
        calls += 1;
    }
    Ok(calls)
}
