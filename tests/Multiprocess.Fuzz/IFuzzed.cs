namespace Multiprocess.Fuzz;

/// <summary>A contract with an argument and a result of each kind that the codec has code for.</summary>
[IpcInterface]
public interface IFuzzed
{
    event Action<int> Raised;

    int Add(int a, int b);

    bool TryDivide(int a, int b, out int quotient);

    string Join(string?[] parts, char separator);

    Dictionary<string, List<int?>> Echo(Dictionary<string, List<int?>> values);

    Figure[] EchoFigures(Figure[] figures);

    (decimal Amount, Guid Id, DateTimeOffset When, TimeSpan Long) EchoValues(
        (decimal Amount, Guid Id, DateTimeOffset When, TimeSpan Long) values);

    HashSet<long> EchoSet(HashSet<long> values);

    int Measure(ReadOnlySpan<byte> bytes);

    byte[] Bytes(int count);

    int CallBack(int x, Func<int, int> callback);

    void Keep(Func<int, int>? callback);

    IItem Make(int number);

    IItem Same(IItem item);

    int Sum(IReadOnlyList<IItem> items);

    [IpcOneWay]
    void Note(int x);

    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    IAsyncEnumerable<int> Count(int upTo);

    Stream Open(int length);

    void Raise(int x);

    void Throw(string message);

    int Sign([IpcSensitive] string secret);
}

/// <summary>An object that is made on one side and used on the other.</summary>
[IpcInterface]
public interface IItem : IDisposable
{
    int Number { get; set; }
}

/// <summary>One of several forms.</summary>
[IpcUnion(0, typeof(Circle))]
[IpcUnion(1, typeof(Box))]
public abstract record Figure;

/// <summary>A form with one number.</summary>
public sealed record Circle(double Radius) : Figure;

/// <summary>A form that holds others.</summary>
public sealed record Box(string? Name, List<Figure> Inner, DayOfWeek Day) : Figure;
