using Multiprocess;

namespace Samples.Tests.Docs.Guides;

[IpcInterface]
public interface IQuoteService
{
    decimal GetPrice(string symbol);

    /// <summary>Calls back with each price, until the result is disposed.</summary>
    IDisposable Subscribe(string symbol, Action<decimal> onPrice);

    [IpcOneWay]
    void Visit(string page);
}

[IpcFault]
public sealed class UnknownSymbolException(string symbol) : Exception($"Nobody quotes {symbol}.")
{
    public string Symbol { get; } = symbol;
}

/// <summary>Runs what docs/from-wcf.md shows.</summary>
public sealed class WcfGuideTests
{
    [Test]
    public void A_duplex_contract_calls_back_and_its_fault_arrives()
    {
        using var folder = new InTemporaryFolder();
        List<decimal> prices = [];
        decimal price = 0;
        string problem = "";

        using var server = IpcServer.Listen<IQuoteService>("unix:quotes.sock", connection => new QuoteService());
        using var connection = IpcConnection.Connect<IQuoteService>("unix:quotes.sock");
        using IDisposable subscription = connection.Root.Subscribe("ACME", price => prices.Add(price));
        try
        {
            price = connection.Root.GetPrice("ACME");
        }
        catch (UnknownSymbolException exception)
        {
            problem = exception.Symbol;
        }

        connection.Root.Visit("/");
        Assert.That((price, problem), Is.EqualTo((12.5m, "")));
        Assert.That(prices, Is.EqualTo(new[] { 12m }));
        Assert.That(
            () => connection.Root.GetPrice("none"),
            Throws.TypeOf<UnknownSymbolException>().With.Property("Symbol").EqualTo("none"));
    }

    private sealed class QuoteService : IQuoteService
    {
        public decimal GetPrice(string symbol)
        {
            long? caller = IpcCall.Current?.Peer.UserId;
            return symbol == "ACME" && caller is not null ? 12.5m : throw new UnknownSymbolException(symbol);
        }

        public IDisposable Subscribe(string symbol, Action<decimal> onPrice)
        {
            onPrice(12m);
            return new Subscription();
        }

        public void Visit(string page)
        {
        }

        private sealed class Subscription : IDisposable
        {
            public void Dispose()
            {
            }
        }
    }
}
