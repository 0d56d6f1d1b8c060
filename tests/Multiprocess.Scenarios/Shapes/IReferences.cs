using Multiprocess.Scenarios.Types;

namespace Multiprocess.Scenarios.Shapes;

[IpcInterface]
public interface ICounter
{
    int Count { get; }

    int Next();
}

[IpcInterface]
public interface ILoudCounter : ICounter
{
    string Shout();
}

[IpcInterface]
public interface ILater : IAsyncDisposable;

[IpcUnion(0, typeof(ByCounter))]
[IpcUnion(1, typeof(ByFunction))]
public abstract record Source;

public sealed record ByCounter(ICounter Counter) : Source;

public sealed record ByFunction(Func<int>? Function) : Source;

public sealed record Bundle(
    ICounter Counter,
    Func<int, int>? Function,
    IReadOnlyList<ICounter?> List,
    (string Name, ICounter Counter) Tuple,
    Dictionary<string, Func<int>> ByName);

/// <summary>Whatever else crosses piece by piece, or by reference without a contract of the user's.</summary>
public sealed record Delivery(
    Stream Content, IAsyncEnumerable<int>? Numbers, IReadOnlyList<IProgress<string>> Progress, IDisposable? End);

/// <summary>Interfaces and delegates as parameters, results, and inside values.</summary>
[IpcInterface]
public interface IReferences
{
    ICounter Make(int from);

    ICounter? MakeNone();

    ILoudCounter MakeLoud();

    Func<int, int> MakeAdder(int amount);

    bool AreSame(ICounter? a, ICounter? b);

    ICounter Echo(ICounter counter);

    Func<int> Echo(Func<int> function);

    Bundle Turn(Bundle bundle);

    int Use(Source source);

    List<ICounter> MakeMany(int count);

    (ICounter, Func<int>) MakeTuple();

    Task<ICounter> MakeAsync();

    Result<ICounter> MakeOrNot(int? from);

    Delivery Deliver(Delivery delivery);

    void MakeOut(out ICounter counter, ref Func<int>? function);

    void Save(ICounter? counter);

    int AskSaved();

    int CountDown(int from, Func<int, IReferences, int> step);

    void DisposeIt(IDisposable disposable);

    Task DisposeItAsync(ILater later);

    IDisposable Watch(Action<int> watcher);

    Task<IAsyncDisposable> WatchAsync(Action<int> watcher);

    Task DisposeItAsync(IAsyncDisposable disposable);

    void Tell(int value);
}

public sealed class Counter(int from) : ILoudCounter
{
    public int Count { get; private set; } = from;

    public int Next() => ++Count;

    public string Shout() => $"{Count}!";
}

public sealed class References : IReferences
{
    private ICounter? _saved;
    private Action<int>? _watchers;

    public ICounter Make(int from) => new Counter(from);

    public ICounter? MakeNone() => null;

    public ILoudCounter MakeLoud() => new Counter(7);

    public Func<int, int> MakeAdder(int amount) => x => x + amount;

    public bool AreSame(ICounter? a, ICounter? b) => ReferenceEquals(a, b);

    public ICounter Echo(ICounter counter) => counter;

    public Func<int> Echo(Func<int> function) => function;

    public Bundle Turn(Bundle bundle)
    {
        bundle.Counter.Next();
        int amount = bundle.Counter.Count;
        return bundle with
        {
            Function = x => (bundle.Function?.Invoke(x) ?? 0) + amount,
            List = [.. bundle.List.Reverse()],
            Tuple = (bundle.Tuple.Name + "!", bundle.List[0] ?? bundle.Counter),
            ByName = bundle.ByName.ToDictionary(pair => pair.Key, pair => (Func<int>)(() => pair.Value() + 1)),
        };
    }

    public int Use(Source source) => source switch
    {
        ByCounter counter => counter.Counter.Next(),
        ByFunction { Function: { } function } => function(),
        _ => -1,
    };

    public List<ICounter> MakeMany(int count) => [.. Enumerable.Range(0, count).Select(i => new Counter(i))];

    public (ICounter, Func<int>) MakeTuple()
    {
        var counter = new Counter(1);
        return (counter, counter.Next);
    }

    public async Task<ICounter> MakeAsync()
    {
        await Task.Yield();
        return new Counter(3);
    }

    public Result<ICounter> MakeOrNot(int? from)
        => from is { } start ? new(new Counter(start), null) : new(null, "from nowhere");

    public Delivery Deliver(Delivery delivery)
    {
        var read = new MemoryStream();
        delivery.Content.CopyTo(read);
        read.Position = 0;
        foreach (var progress in delivery.Progress)
        {
            progress.Report($"{read.Length} bytes");
        }

        delivery.End?.Dispose();
        return new Delivery(read, delivery.Numbers, delivery.Progress, null);
    }

    public void MakeOut(out ICounter counter, ref Func<int>? function)
    {
        var made = new Counter(function?.Invoke() ?? 0);
        counter = made;
        function = made.Next;
    }

    public void Save(ICounter? counter) => _saved = counter;

    public int AskSaved() => _saved!.Next();

    public int CountDown(int from, Func<int, IReferences, int> step) => from == 0 ? 0 : from + step(from - 1, this);

    public void DisposeIt(IDisposable disposable) => disposable.Dispose();

    public async Task DisposeItAsync(ILater later) => await later.DisposeAsync();

    public IDisposable Watch(Action<int> watcher)
    {
        _watchers += watcher;
        return new Subscription(() => _watchers -= watcher);
    }

    public async Task<IAsyncDisposable> WatchAsync(Action<int> watcher)
    {
        await Task.Yield();
        return (Subscription)Watch(watcher);
    }

    public async Task DisposeItAsync(IAsyncDisposable disposable) => await disposable.DisposeAsync();

    public void Tell(int value) => _watchers?.Invoke(value);

    private sealed class Subscription(Action end) : IDisposable, IAsyncDisposable
    {
        public void Dispose() => end();

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            Dispose();
        }
    }
}
