namespace Multiprocess.Tests.Objects;

[IpcInterface]
public interface IThing
{
    string Name { get; }
}

[IpcInterface]
public interface ISpecialThing : IThing
{
    int Weight { get; }
}

[IpcInterface]
public interface IResource : IDisposable
{
    int Use(int x);
}

[IpcInterface]
public interface IAsyncResource : IAsyncDisposable
{
    int Use(int x);
}

/// <summary>Takes, keeps and hands out objects.</summary>
[IpcInterface]
public interface IStore
{
    IThing Make(string name);

    ISpecialThing MakeSpecial(string name);

    IThing Same();

    ISpecialThing SameSpecial();

    IThing? Echo(IThing? thing);

    IThing EchoSpecial(ISpecialThing thing);

    bool IsSame(IThing thing);

    bool AreSame(IThing one, IThing other);

    string NameOf(IThing thing);

    void Keep(IThing? thing);

    IThing? GetKept();

    List<IThing?> MakeMany(int count);

    Action<int> SameHandler();

    Action<int>? EchoHandler(Action<int>? handler);

    bool AreSameHandlers(Action<int> one, Action<int> other);

    void Add(Action<int> handler);

    void Remove(Action<int> handler);

    IResource Open();

    IAsyncResource OpenAsync();

    void Lend(IResource resource);

    void Ping();
}

/// <summary>Equal to every other thing of its name: identity must not depend on it.</summary>
internal class Thing(string name) : IThing
{
    public string Name => name;

    public override bool Equals(object? obj) => obj is Thing other && other.Name == Name;

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}

internal sealed class SpecialThing(string name) : Thing(name), ISpecialThing
{
    public int Weight => 7;
}

internal sealed class Resource : IResource, IAsyncResource
{
    private int _disposals;

    public int Disposals => Volatile.Read(ref _disposals);

    public int DisposedOn { get; private set; }

    public Action OnDispose { get; set; } = () => { };

    public int UsedOn { get; private set; }

    public int Use(int x)
    {
        UsedOn = Environment.CurrentManagedThreadId;
        return x;
    }

    public void Dispose()
    {
        DisposedOn = Environment.CurrentManagedThreadId;
        Interlocked.Increment(ref _disposals);
        OnDispose();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}

internal sealed class Store : IStore
{
    private readonly SpecialThing _same = new("same");
    private readonly Action<int> _sameHandler;
    private IThing? _kept;
    private Action<int>? _handlers;

    public Store() => _sameHandler = x => LastHandled = x;

    public List<Resource> Opened { get; } = [];

    public int LastHandled { get; private set; }

    public bool HasHandlers => _handlers is not null;

    public void Raise(int x) => _handlers?.Invoke(x);

    public IThing Make(string name) => new Thing(name);

    public ISpecialThing MakeSpecial(string name) => new SpecialThing(name);

    public IThing Same() => _same;

    public ISpecialThing SameSpecial() => _same;

    public IThing? Echo(IThing? thing) => thing;

    public IThing EchoSpecial(ISpecialThing thing) => thing;

    public bool IsSame(IThing thing) => ReferenceEquals(thing, _same);

    public bool AreSame(IThing one, IThing other) => ReferenceEquals(one, other);

    public string NameOf(IThing thing) => thing.Name;

    public void Keep(IThing? thing) => _kept = thing;

    public IThing? GetKept() => _kept;

    public List<IThing?> MakeMany(int count)
        => [.. Enumerable.Range(0, count).Select(i => i % 10 == 9 ? null : new Thing($"{i}"))];

    public Action<int> SameHandler() => _sameHandler;

    public Action<int>? EchoHandler(Action<int>? handler) => handler;

    public bool AreSameHandlers(Action<int> one, Action<int> other) => ReferenceEquals(one, other);

    public void Add(Action<int> handler) => _handlers += handler;

    public void Remove(Action<int> handler) => _handlers -= handler;

    public IResource Open()
    {
        var resource = new Resource();
        Opened.Add(resource);
        return resource;
    }

    public IAsyncResource OpenAsync() => (IAsyncResource)Open();

    public void Lend(IResource resource) => resource.Use(1);

    public void Ping()
    {
    }
}
