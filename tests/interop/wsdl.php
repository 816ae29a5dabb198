<?php
// Calls the calculator through a client PHP makes of its WSDL: wsdl.php WSDL_URL
function report(string $name, bool $right): void
{
    echo $name, $right ? ' PASS' : ' FAIL', "\n";
}

$sums = $quotients = $faults = [];
foreach ([SOAP_1_1, SOAP_1_2] as $version) {
    $client = new SoapClient($argv[1], ['cache_wsdl' => WSDL_CACHE_NONE, 'soap_version' => $version]);
    $sums[] = $client->Add(['a' => 1.5, 'b' => 2.25])->AddResult;
    $quotients[] = $client->Divide(['a' => 7, 'b' => 2])->DivideResult;
    try {
        $client->Divide(['a' => 1, 'b' => 0]);
    } catch (SoapFault $fault) {
        $faults[] = [$fault->getMessage(), (int) $fault->detail->DivideFault->code];
    }
}
report('Add', $sums == [3.75, 3.75]);
report('Divide', $quotients == [3.5, 3.5]);
report('DivFault', $faults == array_fill(0, 2, ['divide by zero', 7]));
