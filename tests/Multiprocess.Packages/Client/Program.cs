using Contract;
using Multiprocess;

using var child = IpcChildProcess.Spawn<IShop>(args[0]);
IShop shop = child.Root;

shop.Orders.Add(new Order(1, "tea"));
Check(shop.Orders.All() is [{ Id: 1, Name: "tea" }], "a generic contract closed in another assembly");

var sold = new List<string>();
using (shop.Watch(sold.Add))
{
    shop.Sell("tea");
}

shop.Sell("coffee");
Check(sold is ["tea"], "a delegate and IDisposable");

using (var closed = new ManualResetEventSlim())
using (var reported = new ManualResetEventSlim())
{
    shop.Close(
        new Door(closed), question => question.Length, new Watcher(number => Check(number == 4, "progress"), reported));
    Check(closed.IsSet && reported.Wait(TimeSpan.FromSeconds(30)), "contracts of the base library");
}

try
{
    shop.Sell("");
    Check(false, "an exception");
}
catch (SoldOutException exception)
{
    Check(exception.Message == "nothing left", "an exception");
}

int sum = 0;
await foreach (int number in shop.Numbers(100))
{
    sum += number;
}

Check(sum == 4950, "a sequence");

using (var receipt = new StreamReader(shop.Receipt()))
{
    Check(receipt.ReadToEnd() == "paid", "a stream");
}

Console.WriteLine("all crossed");

static void Check(bool condition, string what)
{
    Console.WriteLine((condition ? "ok: " : "FAILED: ") + what);
    if (!condition)
    {
        Environment.Exit(1);
    }
}

internal sealed class Door(ManualResetEventSlim closed) : IDisposable
{
    public void Dispose() => closed.Set();
}

internal sealed class Watcher(Action<int> onReport, ManualResetEventSlim reported) : IProgress<int>
{
    public void Report(int value)
    {
        onReport(value);
        reported.Set();
    }
}
