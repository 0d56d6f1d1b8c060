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

    IAsyncEnumerable<int> Numbers(int count);

    Stream Receipt();
}
