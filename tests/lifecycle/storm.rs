//! Datagrams as fast as this machine sends them, hardly any of them a request.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    net::{Ipv4Addr, UdpSocket},
    time::{Duration, Instant},
};

use crate::{
    idle::resident,
    process::{Process, Setup, is_thorough, port_of},
};

/// One of so many datagrams is a request.
const VALID: usize = 100;
/// Bytes of resident memory that the server may grow by in the last two thirds of the storm: answers are kept up to 8 MiB.
const GROWTH: usize = 16 << 20;

fn request(number: usize) -> Vec<u8> {
    format!(
        "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope' xmlns:a='http://www.w3.org/2005/08/addressing'><e:Header>\
         <a:Action>http://example.org/calc/Add</a:Action><a:MessageID>urn:storm:{number}</a:MessageID></e:Header><e:Body>\
         <c:Add xmlns:c='http://example.org/calc'><c:a>{number}</c:a><c:b>0</c:b></c:Add></e:Body></e:Envelope>"
    )
    .into_bytes()
}

/// Answers by the request they are to. The copies of one are the same to the byte; an operation that ran twice would give two.
#[derive(Default)]
struct Answers {
    by_request: HashMap<String, u64>,
    datagrams: usize,
}

impl Answers {
    fn take(&mut self, datagram: &[u8]) {
        let text = std::str::from_utf8(datagram).expect("an envelope");
        let relates = text.split_once("RelatesTo>").expect("it says to what").1;
        let (request, _) = relates.split_once('<').expect("an end tag");
        let mut hasher = DefaultHasher::new();
        datagram.hash(&mut hasher);
        let hash = hasher.finish();
        let first = *self.by_request.entry(request.to_owned()).or_insert(hash);
        assert_eq!(first, hash, "{request} has two answers");
        self.datagrams += 1;
    }
}

/// What else comes: nothing, noise, HTTP, half an envelope, one without headers, an answer, as large as datagrams get.
fn garbage() -> Vec<Vec<u8>> {
    let whole = request(0);
    let text = String::from_utf8(whole.clone()).expect("it is text");
    vec![
        Vec::new(),
        vec![0xFF; 512],
        b"POST /calc HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        text.replace("a:MessageID", "a:RelatesTo").into_bytes(),
        text.replace("c:Add", "e:Fault").into_bytes(),
        [whole.as_slice(), whole.as_slice()].concat(),
        vec![b'<'; 60_000],
    ]
}

#[test]
fn a_storm_of_datagrams_is_outlived_in_the_memory_there_was() {
    let lasts = Duration::from_secs(if is_thorough() { 60 } else { 3 });
    let process = Process::start(&Setup {
        urls: &["soap.udp://127.0.0.1:0/calc"],
        ..Setup::default()
    });
    let port = port_of(&process.urls[0]);
    let socket = || {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("binds");
        socket.connect((Ipv4Addr::LOCALHOST, port)).expect("a peer");
        socket
    };
    let garbage = garbage();
    let answers = socket();
    answers.set_nonblocking(true).expect("a socket");
    let (mut sent, mut valid) = (0_usize, 0_usize);
    let mut answered = Answers::default();
    let mut buffer = vec![0; 65_536];
    let begin = Instant::now();
    let mut before = None;
    while begin.elapsed() < lasts {
        // The memory of a server that has been in the storm for a third of its time.
        if before.is_none() && begin.elapsed() > lasts / 3 {
            before = Some(resident(process.id()));
        }
        for _ in 0..VALID - 1 {
            sent += usize::from(answers.send(&garbage[sent % garbage.len()]).is_ok());
        }
        // With a copy right behind it.
        let [first, copy] = [(); 2].map(|()| answers.send(&request(valid)).is_ok());
        valid += usize::from(first || copy);
        while let Ok(length) = answers.recv(&mut buffer) {
            answered.take(&buffer[..length]);
        }
    }
    let seconds = lasts.as_secs();
    let growth = resident(process.id()).saturating_sub(before.expect("it has lasted"));
    eprintln!(
        "{} datagrams a second for {seconds} s, {valid} requests, {} answered by {} datagrams, {growth} bytes more of memory",
        (sent + valid) / usize::try_from(seconds).expect("few"),
        answered.by_request.len(),
        answered.datagrams,
    );
    assert!(growth < GROWTH, "{growth} bytes");
    assert!(answered.datagrams > 0);
    // It lives, and serves.
    let caller = socket();
    caller
        .set_read_timeout(Some(Duration::from_millis(200)))
        .expect("a time");
    let sum = (0..100).find_map(|number| {
        caller.send(&request(usize::MAX - number)).ok()?;
        let length = caller.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    });
    assert!(sum.expect("an answer").contains("AddResult"));
    let done = process.stop();
    assert!(done.executed <= valid + 100, "{done:?}");
    assert!(done.executed >= answered.by_request.len(), "{done:?}");
}
