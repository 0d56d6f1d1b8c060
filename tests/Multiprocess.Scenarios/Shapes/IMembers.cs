namespace Multiprocess.Scenarios.Shapes;

public interface INamed
{
    string Name { get; set; }

    string Describe();
}

public interface IAged
{
    int Age { get; }

    string Describe();
}

public interface IStore<T>
    where T : notnull
{
    int Count { get; }

    T this[int index] { get; }

    void Put(T item);
}

public sealed class MovedEventArgs(int x) : EventArgs
{
    public int X { get; } = x;
}

[IpcInterface]
public interface IRepository<T>
    where T : notnull
{
    event Action<T>? Added;

    void Add(T item);

    IReadOnlyList<T> All();

    IRepository<string> Texts();
}

/// <summary>Members that are no plain methods, and those of base interfaces.</summary>
[IpcInterface]
public interface IMembers : INamed, IAged, IStore<DateOnly>, IDisposable, IAsyncDisposable
{
    event Action<int>? Counted;

    event EventHandler? Raised;

    event EventHandler<MovedEventArgs>? Moved;

    event Func<string, string>? Asked;

    [IpcOneWay]
    event Action<string>? Posted;

    new string? Age { get; set; }

    string this[string key, int index = 1] { get; set; }

    IRepository<int> Numbers { get; }

    int DisposeCalls { get; }

    /// <summary>How many handlers <see cref="Counted"/> has.</summary>
    int Handlers { get; }

    int Twice(int x) => 2 * x;

    int Overridden(int x) => x;

    sealed int Sealed(int x) => Twice(x) + 1;

    [IpcLocal]
    string Local() => "local " + Name;

    static string Static() => "static";

    void Raise(int value);

    void RaiseFrom(IMembers sender);
}

public sealed class Repository<T> : IRepository<T>
    where T : notnull
{
    private readonly List<T> _items = [];

    public event Action<T>? Added;

    public void Add(T item)
    {
        _items.Add(item);
        Added?.Invoke(item);
    }

    public IReadOnlyList<T> All() => _items;

    public IRepository<string> Texts()
    {
        var texts = new Repository<string>();
        _items.ForEach(item => texts.Add(item.ToString()!));
        return texts;
    }
}

public sealed class Members : IMembers
{
    private readonly Dictionary<(string, int), string> _cells = [];
    private readonly List<DateOnly> _days = [];

    public event Action<int>? Counted;

    public event EventHandler? Raised;

    public event EventHandler<MovedEventArgs>? Moved;

    public event Func<string, string>? Asked;

    public event Action<string>? Posted;

    public string Name { get; set; } = "first";

    public string? Age { get; set; }

    public int DisposeCalls { get; private set; }

    public int Handlers => Counted?.GetInvocationList().Length ?? 0;

    public int Count => _days.Count;

    public IRepository<int> Numbers { get; } = new Repository<int>();

    int IAged.Age => 36;

    public string this[string key, int index]
    {
        get => _cells[(key, index)];
        set => _cells[(key, index)] = value;
    }

    public DateOnly this[int index] => _days[index];

    public void Put(DateOnly item) => _days.Add(item);

    string INamed.Describe() => "named " + Name;

    string IAged.Describe() => "aged";

    public int Overridden(int x) => x * 100;

    public void Raise(int value)
    {
        Counted?.Invoke(value);
        Raised?.Invoke(this, EventArgs.Empty);
        Moved?.Invoke(this, new MovedEventArgs(value));
        if (Asked?.Invoke("asked") is { } answer)
        {
            Name = answer;
        }

        Posted?.Invoke("posted " + value);
    }

    public void RaiseFrom(IMembers sender) => Raised?.Invoke(sender, EventArgs.Empty);

    public void Dispose() => DisposeCalls++;

    public ValueTask DisposeAsync()
    {
        DisposeCalls++;
        return ValueTask.CompletedTask;
    }
}
