using System.Runtime.Serialization;
using System.ServiceModel;
using System.ServiceModel.Channels;

namespace Multiprocess.Peers.Before;

[DataContract]
public sealed class UnknownSymbol
{
    [DataMember]
    public string Symbol { get; set; } = "";
}

[ServiceContract(CallbackContract = typeof(IQuotesCallback), SessionMode = SessionMode.Required)]
public interface IQuotes
{
    [OperationContract]
    [FaultContract(typeof(UnknownSymbol))]
    decimal GetPrice(string symbol);

    [OperationContract]
    void Subscribe(string symbol);

    [OperationContract(IsOneWay = true)]
    void Visit(string page);
}

public interface IQuotesCallback
{
    [OperationContract(IsOneWay = true)]
    void OnPrice(string symbol, decimal price);
}

/// <summary>The client of docs/from-wcf.md, as it was.</summary>
public static class QuotesBefore
{
    public static (decimal Price, string Problem) Run(IQuotesCallback callback, Binding binding, string address)
    {
        decimal price = 0;
        string problem = "";
        var context = new InstanceContext(callback);
        var factory = new DuplexChannelFactory<IQuotes>(context, binding, new EndpointAddress(address));
        IQuotes quotes = factory.CreateChannel();
        quotes.Subscribe("ACME");
        try
        {
            price = quotes.GetPrice("ACME");
        }
        catch (FaultException<UnknownSymbol> fault)
        {
            problem = fault.Detail.Symbol;
        }

        return (price, problem);
    }
}
