"""Sends requests from one network, and counts in the other what goes over its wire: tap.py SERVER CALLERS (names of namespaces)."""
import ctypes, socket, struct, sys, time, uuid

SERVER, THIRD = ("10.78.1.2", 9002), "10.78.2.3"
WSA = "http://www.w3.org/2005/08/addressing"
FACTOR = 3  # payload against payload, as the option says


def enter(name):
    with open("/run/netns/" + name) as network:
        if ctypes.CDLL(None).setns(network.fileno(), 0x40000000):
            sys.exit("no way into the network " + name)


enter(sys.argv[1])
tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
tap.bind(("wire", 0))
tap.settimeout(0.1)
tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
enter(sys.argv[2])


def envelope(body, headers="", soap="http://www.w3.org/2003/05/soap-envelope"):
    return f'<e:Envelope xmlns:e="{soap}" xmlns:a="{WSA}"><e:Header>{headers}</e:Header><e:Body>{body}</e:Body></e:Envelope>'.encode()


def addressed(operation, body, more=""):
    identifier = uuid.uuid4().urn
    headers = f"<a:Action>http://example.org/calc/{operation}</a:Action><a:MessageID>{identifier}</a:MessageID>{more}"
    return envelope(f'<c:{operation} xmlns:c="http://example.org/calc">{body}</c:{operation}>', headers)


def to(address, name="ReplyTo"):
    return f"<a:{name}><a:Address>{address}</a:Address></a:{name}>"


ADD = "<c:a>1</c:a><c:b>2</c:b>"
ZERO = "<c:a>1</c:a><c:b>0</c:b>"
third = f"soap.udp://{THIRD}:4444/"
unknown = "".join(f"<u:b{n} xmlns:u='urn:u' e:mustUnderstand='1'/>" for n in range(40))
CASES = {
    "a sum": (addressed("Add", ADD), True),
    "a typed fault": (addressed("Divide", ZERO), True),
    "an answer as large as its request": (
        addressed("Echo", "<c:rec><c:name>" + "n" * 4000 + "</c:name><c:count>1</c:count><c:price>1</c:price>"
                  "<c:when>2026-01-01T00:00:00Z</c:when><c:nick>n</c:nick><c:blob>AA==</c:blob><c:color>Red</c:color></c:rec>"), True),
    "the shortest request that has an identifier": (
        f'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header><MessageID xmlns="{WSA}">u:{uuid.uuid4()}</MessageID>'
        f'<Action xmlns="{WSA}">u:x</Action></Header><Body/></Envelope>'.encode(), None),
    "many blocks that nobody understands": (addressed("Add", ADD, unknown), None),
    "an answer wanted elsewhere": (addressed("Add", ADD, to(third)), None),
    "a fault wanted elsewhere": (addressed("Divide", ZERO, to(third, "FaultTo")), None),
    "both wanted elsewhere": (addressed("Divide", ZERO, to(third) + to(third, "FaultTo")), None),
    "an answer wanted elsewhere over http": (addressed("Add", ADD, to(f"http://{THIRD}/")), None),
    "no identifier": (envelope('<c:Add xmlns:c="http://example.org/calc">' + ADD + "</c:Add>"), False),
    "garbage": (b"x" * 900, False),
    "a fault": (addressed("Add", ADD).replace(b"c:Add", b"e:Fault"), False),
}


def sent(seconds):
    """What the server has sent meanwhile: {destination: (datagrams, bytes)}, and everybody it asked for by ARP does not count."""
    totals, end = {}, time.time() + seconds
    while time.time() < end:
        try:
            packet, about = tap.recvfrom(65536)
        except socket.timeout:
            continue
        if about[1] != 0x0800 or about[2] != socket.PACKET_OUTGOING:
            continue
        start = (packet[0] & 15) * 4
        fragment = struct.unpack("!H", packet[6:8])[0] & 0x1FFF
        length = len(packet) - start - (0 if fragment or packet[9] != 17 else 8)
        destination = socket.inet_ntoa(packet[16:20])
        datagrams, octets = totals.get(destination, (0, 0))
        totals[destination] = datagrams + (fragment == 0), octets + length
    return totals


passed = failed = 0
for name, (request, answered) in CASES.items():
    caller = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    caller.bind(("10.78.2.2", 0))
    caller.sendto(request, SERVER)
    totals = sent(1.0)
    datagrams, octets = totals.pop("10.78.2.2", (0, 0))
    wrong = []
    if octets > FACTOR * len(request):
        wrong.append(f"{octets} bytes to a request of {len(request)}")
    if totals:
        wrong.append(f"datagrams to others: {totals}")
    if answered is not None and answered != (datagrams > 0):
        wrong.append(f"{datagrams} answers")
    print("FAIL" if wrong else "PASS", f"{name}: {len(request)} bytes, answered by {octets} in {datagrams} datagrams", *wrong)
    failed, passed = failed + bool(wrong), passed + (not wrong)

# A source that is claimed: what a victim gets for requests that it never sent.
raw = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
raw.bind((THIRD, 5555))
requests = [addressed("Divide", ZERO) for _ in range(50)]
for request in requests:
    raw.sendto(request, SERVER)
totals = sent(2.0)
octets, asked = totals.get(THIRD, (0, 0))[1], sum(map(len, requests))
right = octets <= FACTOR * asked
print("PASS" if right else "FAIL", f"50 requests under a victim's address: {asked} bytes, answered by {octets}")
passed, failed = passed + right, failed + (not right)
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
