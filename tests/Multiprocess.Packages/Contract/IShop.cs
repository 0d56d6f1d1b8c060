using Multiprocess;
using Storage;

namespace Contract;

public record Order(int Id, string Name);

[IpcFault]
public sealed class SoldOutException(string message) : Exception(message);

[IpcInterface]
public interface IShop
{
    IRepository<Order> Orders { get; }

    IDisposable Watch(Action<string> onSold);

    void Sell(string name);

    /// <summary>Takes what the caller implements of the base library.</summary>
    void Close(IDisposable door, Func<string, int> onQuestion, IProgress<int> progress);

    IAsyncEnumerable<int> Numbers(int count);

    Stream Receipt();
}
