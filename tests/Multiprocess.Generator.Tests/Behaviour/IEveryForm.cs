namespace Multiprocess.Generator.Tests.Behaviour;

public enum Color
{
    Red,
    Green,
}

public record Person(string Name, int Age, Color Favourite = Color.Green, Person? Parent = null)
{
    public string? Nick { get; init; }

    public IReadOnlyList<Person> Children { get; init; } = [];
}

public record Student(string Name, int Age, string School) : Person(Name, Age);

public readonly struct Point(int x, int y)
{
    public int X { get; } = x;

    public int Y { get; } = y;
}

public sealed class Settings
{
    public required string Path { get; init; }

    public Dictionary<string, double> Factors { get; set; } = [];

    public Point Origin;

    [System.Runtime.Serialization.IgnoreDataMember]
    public string? Cached { get; set; }
}

public sealed record Page<T>(IReadOnlyList<T> Items, int Total);

public sealed record Handle(INode Node, Func<int, int>? Callback);

public sealed class MovedEventArgs(int x) : EventArgs
{
    public int X { get; } = x;
}

public delegate bool TryParse(string text, ref int calls, out int value);

[IpcFault]
public sealed class QuotaException(string message, int limit, Exception? inner = null) : Exception(message, inner)
{
    public int Limit { get; } = limit;

    public Color Level { get; init; }
}

[IpcInterface]
public interface INode : IDisposable
{
    int Number { get; set; }
}

public interface IFirstBase
{
    string Reset();
}

public interface ISecondBase
{
    string Reset();
}

public interface IStore<T>
{
    T Echo(T item);
}

/// <summary>One member of each form that the generator emits.</summary>
[IpcInterface]
public interface IEveryForm : IFirstBase, ISecondBase, IStore<Page<Person?>>
{
    event Action<int>? Counted;

    event EventHandler<MovedEventArgs>? Moved;

    string Name { get; set; }

    int this[int index, string @event] { get; set; }

    bool TryDivide(int a, int b, out int quotient);

    void Increment(ref int value, in long by);

    Person Grow(Person person);

    Person? Find(string? name);

    Settings Load(Settings settings);

    (int Sum, string? Text) Mix((int A, int B) numbers, Point? point, Color color, params int[] more);

    (int, int, int, int, int, int, int, string, int) Long((int, int, int, int, int, int, int, string, int) tuple);

    INode? Child(int number);

    int Sum(ReadOnlySpan<byte> bytes, Func<int, int> each);

    bool IsSame(INode a, INode b);

    Handle Wrap(Handle handle);

    int Parse(TryParse parse, string text);

    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    Task RunAsync(Func<string, Task<int>> callback);

    ValueTask<string?> TextAsync(string? text);

    ValueTask WaitAsync(CancellationToken cancellationToken);

    [IpcOneWay]
    void Post(string text);

    [IpcMethod(7, TimeoutMilliseconds = 20000)]
    string Posted();

    void Report(IProgress<string> progress);

    void Fail(int limit);

    void Raise(int value);

    int WithBody() => 1;

    sealed int Local() => 2;
}
