using System.Buffers;
using System.Collections.Immutable;
using Multiprocess.CapnProto;
using Multiprocess.CapnProto.Tests.Contracts;

[assembly: CapnpContracts]

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>A contract without a word of Cap'n Proto: everything that such a contract may use.</summary>
[IpcInterface]
public interface IOrdinary : IDisposable
{
    string Title { get; set; }

    int Add(int a, int b);

    string Add(string a, string? b);

    Task<long> AddAsync(long a, long b, CancellationToken cancellationToken = default);

    bool TryDivide(int a, int b, out int quotient, ref long steps);

    int? Half(int? value);

    (int Left, string Right) Swap((string Left, int Right) pair);

    OrdinaryRecord Echo(OrdinaryRecord record);

    Dictionary<string, List<OrdinaryPoint>> Group(OrdinaryPoint[] points);

    int?[] Gaps(int?[] values);

    byte[] Reverse(byte[] bytes);

    OrdinaryColor Next(OrdinaryColor color);

    OrdinaryRights Grant(OrdinaryRights rights);

    (DateTime, TimeSpan, Guid, decimal) Times(DateTime time, TimeSpan span, Guid id, decimal money);

    (DateTimeOffset, Range, Uri?, Version) Others(DateTimeOffset time, Range range, Uri? link, Version version);

    int Sum(ReadOnlySpan<byte> bytes);

    int CallBack(int depth, Func<int, int> back);

    void Each(int count, Action<int, string?> action);

    IOrdinaryChild Make(int number);

    int Use(IOrdinaryChild child);

    int ThreadId();

    int CountOf(ImmutableArray<int> numbers);

    Queue<string?> Turn(Stack<string?> words);

    OrdinaryShape? Grow(OrdinaryShape? shape, int factor);

    IOrdinaryThing[] Order(List<IOrdinaryThing> things);

    (Int128, UInt128, int[,], string?[,,]?) Wide(Int128 signed, UInt128 unsigned, int[,] grid, string?[,,]? cube);

    long Sum(ReadOnlySequence<byte> bytes);

    ISet<string> Unite(HashSet<string> one, SortedDictionary<string, int> other);
}

[IpcUnion(7, typeof(OrdinaryCircle)), IpcUnion(3, typeof(OrdinaryGroup)), IpcUnion(4, typeof(IOrdinaryChild))]
public interface IOrdinaryThing;

[IpcUnion(1, typeof(OrdinaryCircle))]
public abstract record OrdinaryShape;

public sealed record OrdinaryCircle(double Radius) : OrdinaryShape, IOrdinaryThing;

public sealed record OrdinaryGroup(List<OrdinaryShape> Shapes, OrdinaryShape? Last) : IOrdinaryThing;

[IpcInterface]
public interface IOrdinaryChild : IOrdinaryThing, IDisposable
{
    int Number();

    IOrdinary? Parent { get; }
}

public enum OrdinaryColor
{
    Red,
    Green,
    Blue,
}

[Flags]
public enum OrdinaryRights : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    All = 3,
}

public readonly record struct OrdinaryPoint(double X, double Y);

public sealed record OrdinaryRecord(
    bool IsThere,
    byte Small,
    string Name,
    int? Age,
    OrdinaryPoint? Place,
    OrdinaryRecord? Parent,
    short Number,
    OrdinaryColor Color,
    char Letter)
{
    public ulong Big { get; init; }

    public List<string?> Words { get; init; } = [];
}
