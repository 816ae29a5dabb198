"""Calls the calculator with WS-Addressing, once by SOAP 1.1 and once by 1.2, and looks at the headers of both directions:
zeep_client.py WSDL_URL             as the WSDL says, which has actions
zeep_client.py WSDL_FILE URL        by zeep's plugin, of a WSDL without
"""
import sys

import zeep
from zeep.plugins import HistoryPlugin
from zeep.wsa import WsAddressingPlugin

CALC = "http://example.org/calc"
WSA = "{http://www.w3.org/2005/08/addressing}"
ANONYMOUS = "http://www.w3.org/2005/08/addressing/anonymous"

history = HistoryPlugin()
wsdl, url = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
plugins = [WsAddressingPlugin(), history] if url else [history]
client = zeep.Client(wsdl, plugins=plugins)


def headers(message):
    """The texts of WS-Addressing's header blocks, each of which must stand there once."""
    found = {}
    for block in message["envelope"][0]:
        if block.tag.startswith(WSA):
            assert block.tag not in found, f"{block.tag} stands twice"
            found[block.tag.removeprefix(WSA)] = block.text
    return found


def related(action):
    """The answer relates to the request, and has the action that the WSDL says."""
    sent, received = headers(history.last_sent), headers(history.last_received)
    assert sent["MessageID"].startswith("urn:uuid:"), sent
    assert received["RelatesTo"] == sent["MessageID"], (sent, received)
    assert received["Action"] == CALC + action, received
    assert received.get("To", ANONYMOUS) == ANONYMOUS, received
    return True


def fault(service):
    try:
        service.Divide(1, 0)
    except zeep.exceptions.Fault as fault:
        assert fault.message == "divide by zero", fault.message
        assert fault.detail[0].tag == f"{{{CALC}}}DivideFault", fault.detail[0].tag
        return related("/Calc/Divide/Fault/DivideFault")
    return False


def notify(service):
    service.Notify("hi")
    return headers(history.last_sent)["Action"] == CALC + "/Notify"


def report(name, check):
    try:
        print(name, "PASS" if check() else "FAIL")
    except Exception as error:
        print(name, "FAIL", type(error).__name__, error)


for of in client.wsdl.services.values():
    for port in of.ports.values():
        if url:
            service = client.create_service(port.binding.name.text, url)
        else:
            service = client.bind(port_name=port.name)
        report(f"{port.name} Add", lambda: service.Add(1.5, 2.25) == 3.75 and related("/Calc/AddResponse"))
        report(f"{port.name} Divide", lambda: service.Divide(7, 2) == 3.5 and related("/Calc/DivideResponse"))
        report(f"{port.name} DivFault", lambda: fault(service))
        report(f"{port.name} Notify", lambda: notify(service))
