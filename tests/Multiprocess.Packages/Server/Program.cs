using Contract;
using Multiprocess;
using Storage;

return IpcParent.TryServe<IShop>(args, _ => new Shop(), out int exitCode) ? exitCode : 2;

internal sealed class Repository : IRepository<Order>
{
    private readonly List<Order> _orders = [];

    public void Add(Order item) => _orders.Add(item);

    public Order[] All() => [.. _orders];
}

internal sealed class Shop : IShop
{
    private Action<string>? _sold;

    public IRepository<Order> Orders { get; } = new Repository();

    public IDisposable Watch(Action<string> onSold)
    {
        _sold += onSold;
        return new Watching(() => _sold -= onSold);
    }

    public void Sell(string name)
    {
        _sold?.Invoke(name);
        if (name.Length == 0)
        {
            throw new SoldOutException("nothing left");
        }
    }

    public void Close(IDisposable door, Func<string, int> onQuestion, IProgress<int> progress)
    {
        progress.Report(onQuestion("four"));
        door.Dispose();
    }

    public async IAsyncEnumerable<int> Numbers(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    public Stream Receipt() => new MemoryStream("paid"u8.ToArray());

    private sealed class Watching(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
