// Calls the calculator through a client node soap makes of its WSDL: wsdl.js WSDL_URL
const soap = require("soap");

const report = (name, right) => console.log(name, right ? "PASS" : "FAIL");

soap.createClientAsync(process.argv[2]).then(async (client) => {
  const [sum] = await client.AddAsync({ a: 1.5, b: 2.25 });
  report("Add", sum.AddResult === 3.75);
  const [quotient] = await client.DivideAsync({ a: 7, b: 2 });
  report("Divide", quotient.DivideResult === 3.5);
  try {
    await client.DivideAsync({ a: 1, b: 0 });
    report("DivFault", false);
  } catch (error) {
    const fault = error.root.Envelope.Body.Fault;
    report("DivFault", Number(fault.detail.DivideFault.code) === 7 && fault.detail.DivideFault.text === "divide by zero");
  }
});
