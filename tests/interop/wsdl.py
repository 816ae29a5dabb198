"""Calls the calculator through a client zeep makes of its WSDL: wsdl.py WSDL_URL"""
import sys

import zeep

client = zeep.Client(sys.argv[1])


def report(name, right):
    print(name, "PASS" if right else "FAIL")


ports = [port for service in client.wsdl.services.values() for port in service.ports]
services = [client.bind(port_name=port) for port in ports]
assert len(services) == 2, ports
report("Add", all(service.Add(1.5, 2.25) == 3.75 for service in services))
report("Divide", all(service.Divide(7, 2) == 3.5 for service in services))
faults = []
for service in services:
    try:
        service.Divide(1, 0)
    except zeep.exceptions.Fault as fault:
        detail = fault.detail[0]
        element = client.wsdl.types.deserialize(detail)
        faults.append((fault.message, element.code, element.text))
report("DivFault", faults == [("divide by zero", 7, "divide by zero")] * 2)
