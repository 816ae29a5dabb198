//! The options that not every platform has. What is missing is refused by [`check`](super::check), so it is never set.

use std::{io, time::Duration};

use socket2::SockRef;

/// True where there is `SO_REUSEPORT`.
pub(super) const REUSE_PORT: bool = cfg!(all(
    unix,
    not(any(target_os = "solaris", target_os = "illumos"))
));
/// True where there are `SO_BINDTODEVICE` and `TCP_USER_TIMEOUT`, and where connections have the options of their listener.
pub(super) const LINUX: bool = cfg!(any(target_os = "android", target_os = "linux"));

#[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
mod port {
    use super::{SockRef, io};

    pub(in super::super) fn set_reuse_port(socket: &SockRef<'_>) -> io::Result<()> {
        socket.set_reuse_port(true)
    }

    pub(in super::super) fn reuse_port(socket: &SockRef<'_>) -> io::Result<bool> {
        socket.reuse_port()
    }
}

#[cfg(not(all(unix, not(any(target_os = "solaris", target_os = "illumos")))))]
mod port {
    use super::{SockRef, io};

    pub(in super::super) fn set_reuse_port(_: &SockRef<'_>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(in super::super) fn reuse_port(_: &SockRef<'_>) -> io::Result<bool> {
        Ok(false)
    }
}

#[cfg(any(target_os = "android", target_os = "linux"))]
mod linux {
    use super::{Duration, SockRef, io};

    pub(in super::super) fn set_interface(socket: &SockRef<'_>, name: &str) -> io::Result<()> {
        socket.bind_device(Some(name.as_bytes()))
    }

    pub(in super::super) fn interface(socket: &SockRef<'_>) -> io::Result<Option<String>> {
        let name = socket.device()?;
        Ok(name.map(|name| String::from_utf8_lossy(&name).into_owned()))
    }

    pub(in super::super) fn set_user_timeout(
        socket: &SockRef<'_>,
        time: Duration,
    ) -> io::Result<()> {
        socket.set_tcp_user_timeout(Some(time))
    }

    pub(in super::super) fn reset_user_timeout(socket: &SockRef<'_>) -> io::Result<()> {
        socket.set_tcp_user_timeout(None)
    }

    pub(in super::super) fn user_timeout(socket: &SockRef<'_>) -> io::Result<Option<Duration>> {
        let time = socket.tcp_user_timeout()?;
        Ok(time.filter(|time| !time.is_zero()))
    }

    pub(in super::super) fn is_listening(socket: &SockRef<'_>) -> io::Result<bool> {
        socket.is_listener()
    }

    pub(in super::super) fn is_no_device(error: &io::Error) -> bool {
        error.raw_os_error() == Some(rustix::io::Errno::NODEV.raw_os_error())
    }
}

#[cfg(not(any(target_os = "android", target_os = "linux")))]
mod linux {
    use super::{Duration, SockRef, io};

    pub(in super::super) fn set_interface(_: &SockRef<'_>, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(in super::super) fn interface(_: &SockRef<'_>) -> io::Result<Option<String>> {
        Ok(None)
    }

    pub(in super::super) fn set_user_timeout(_: &SockRef<'_>, _: Duration) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// There is none to reset.
    pub(in super::super) fn reset_user_timeout(_: &SockRef<'_>) -> io::Result<()> {
        Ok(())
    }

    pub(in super::super) fn user_timeout(_: &SockRef<'_>) -> io::Result<Option<Duration>> {
        Ok(None)
    }

    /// Not to be known here: accepting tells.
    pub(in super::super) fn is_listening(_: &SockRef<'_>) -> io::Result<bool> {
        Ok(true)
    }

    pub(in super::super) fn is_no_device(_: &io::Error) -> bool {
        false
    }
}

pub(super) use linux::{
    interface, is_listening, is_no_device, reset_user_timeout, set_interface, set_user_timeout,
    user_timeout,
};
pub(super) use port::{reuse_port, set_reuse_port};
