// The calculator in WCF with SOAP 1.2 and WS-Addressing 1.0, whose answers have the actions of our WSDL:
//   Addressed.exe URL           calls Add, Divide, the typed fault and Notify
//   Addressed.exe server URL    serves them until it is killed
using System;
using System.Runtime.Serialization;
using System.ServiceModel;
using System.ServiceModel.Channels;
using System.Text;
using System.Threading;

[DataContract(Namespace = Names.Calc, Name = "DivideFault")]
public class DivideFault {
    [DataMember(Order = 0)] public int code;
    [DataMember(Order = 1)] public string text;
}

static class Names { public const string Calc = "http://example.org/calc"; }

[ServiceContract(Namespace = Names.Calc, Name = "Calc")]
public interface ICalc {
    [OperationContract(Action = Names.Calc + "/Add", ReplyAction = Names.Calc + "/Calc/AddResponse")]
    double Add(double a, double b);

    [OperationContract(Action = Names.Calc + "/Divide", ReplyAction = Names.Calc + "/Calc/DivideResponse")]
    [FaultContract(typeof(DivideFault), Name = "DivideFault", Namespace = Names.Calc, Action = Names.Calc + "/Calc/Divide/Fault/DivideFault")]
    double Divide(double a, double b);

    [OperationContract(Action = Names.Calc + "/Notify", IsOneWay = true)]
    void Notify(string text);
}

[ServiceBehavior(Namespace = Names.Calc, InstanceContextMode = InstanceContextMode.Single)]
public class Calculator : ICalc {
    public double Add(double a, double b) { return a + b; }

    public double Divide(double a, double b) {
        if (b != 0) return a / b;
        var detail = new DivideFault { code = 7, text = "divide by zero" };
        throw new FaultException<DivideFault>(detail, "divide by zero", FaultCode.CreateSenderFaultCode("DivideByZero", Names.Calc));
    }

    public void Notify(string text) { }
}

static class Program {
    static int Main(string[] arguments) {
        var encoding = new TextMessageEncodingBindingElement(MessageVersion.Soap12WSAddressing10, Encoding.UTF8);
        var binding = new CustomBinding(encoding, new HttpTransportBindingElement());
        if (arguments[0] == "server") {
            var host = new ServiceHost(new Calculator());
            host.AddServiceEndpoint(typeof(ICalc), binding, arguments[1]);
            host.Open();
            Thread.Sleep(Timeout.Infinite);
        }
        var calc = new ChannelFactory<ICalc>(binding, new EndpointAddress(arguments[0])).CreateChannel();
        ((IContextChannel)calc).OperationTimeout = TimeSpan.FromSeconds(10);
        Report("Add", () => calc.Add(1.5, 2.25) == 3.75);
        Report("Divide", () => calc.Divide(7, 2) == 3.5);
        Report("DivFault", () => {
            try { calc.Divide(1, 0); return false; }
            catch (FaultException<DivideFault> fault) {
                return fault.Detail.code == 7 && fault.Action == Names.Calc + "/Calc/Divide/Fault/DivideFault";
            }
        });
        Report("Notify", () => { calc.Notify("hi"); return true; });
        return 0;
    }

    static void Report(string name, Func<bool> check) {
        try { Console.WriteLine(name + (check() ? " PASS" : " FAIL")); }
        catch (Exception error) { Console.WriteLine(name + " FAIL " + error.GetType().Name + " " + error.Message); }
    }
}
