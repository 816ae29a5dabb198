// Calls the calculator through a client wsdl2h and soapcpp2 make of its WSDL: client URL.
// The script that builds it puts in the names of the generated proxy.
#include "PROXY_HEADER"
#include "PROXY_NSMAP"
#include <cstdio>
#include <cstring>

static void report(const char *name, bool right) { std::printf("%s %s\n", name, right ? "PASS" : "FAIL"); }

int main(int, char **argv) {
  PROXY calc(argv[1]);
  _ns1__Add add;
  _ns1__AddResponse sum;
  add.a = 1.5;
  add.b = 2.25;
  report("Add", calc.Add(&add, sum) == SOAP_OK && sum.AddResult == 3.75);
  _ns1__Divide divide;
  _ns1__DivideResponse quotient;
  divide.a = 7;
  divide.b = 2;
  report("Divide", calc.Divide(&divide, quotient) == SOAP_OK && quotient.DivideResult == 3.5);
  divide.a = 1;
  divide.b = 0;
  bool failed = calc.Divide(&divide, quotient) == SOAP_FAULT;
  SOAP_ENV__Fault *fault = failed ? calc.soap->fault : NULL;
  SOAP_ENV__Detail *detail = !fault ? NULL : fault->detail ? fault->detail : fault->SOAP_ENV__Detail;
  report("DivFault", detail && detail->ns1__DivideFault_ && detail->ns1__DivideFault_->code == 7 &&
                         std::strcmp(calc.soap_fault_string(), "divide by zero") == 0);
}
