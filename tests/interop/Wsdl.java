// Calls the calculator through a client wsimport makes of its WSDL: Wsdl WSDL_URL
import calc.*;
import java.net.URL;

class Wsdl {
    static void report(String name, boolean right) {
        System.out.println(name + (right ? " PASS" : " FAIL"));
    }

    public static void main(String[] args) throws Exception {
        CalcService service = new CalcService(new URL(args[0]));
        Calc calc = service.getPort(service.getPorts().next(), Calc.class);
        report("Add", calc.add(1.5, 2.25) == 3.75);
        report("Divide", calc.divide(7, 2) == 3.5);
        try {
            calc.divide(1, 0);
            report("DivFault", false);
        } catch (DivideFaultMsg fault) {
            report("DivFault", fault.getFaultInfo().getCode() == 7 && fault.getMessage().equals("divide by zero"));
        }
    }
}
