using Multiprocess;

namespace Samples.Tests.Docs;

[IpcFault]
public sealed class OutOfStockException(string article, int left) : Exception($"Only {left} of {article} are left.")
{
    public string Article { get; } = article;

    public int Left { get; } = left;
}

[IpcInterface]
public interface IStock
{
    void Take(string article, int count);
}

/// <summary>Runs what docs/errors.md shows.</summary>
public sealed class ErrorsPageTests
{
    [Test]
    public void Declared_exception_arrives_as_itself()
    {
        using var pair = IpcTestPair.Create<IStock>(new Stock());
        IStock stock = pair.Root;
        string? answer = null;

        try
        {
            stock.Take("pen", 10);
        }
        catch (OutOfStockException exception)
        {
            answer = $"{exception.Left} left";
        }

        Assert.That(answer, Is.EqualTo("3 left"));
    }

    [Test]
    public void Lost_connection_is_one_exception()
    {
        var pair = IpcTestPair.Create<IStock>(new Stock());
        IStock stock = pair.Root;
        pair.Dispose();
        bool mayHaveRun = false;

        try
        {
            stock.Take("pen", 1);
        }
        catch (IpcException exception)
        {
            mayHaveRun = exception.Kind is IpcErrorKind.Disconnected or IpcErrorKind.TimedOut or IpcErrorKind.Protocol;
        }

        Assert.That(mayHaveRun, Is.True);
    }

    private sealed class Stock : IStock
    {
        public void Take(string article, int count)
        {
            const int left = 3;
            if (count > left)
            {
                throw new OutOfStockException(article, left);
            }
        }
    }
}
