using System.Collections.Immutable;
using System.Net;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MessagePack;
using Multiprocess;

namespace Example.Shop;

/// <summary>A contract with every shape, for the tool's tests: what it is given it gives back.</summary>
[IpcInterface]
public interface IShop
{
    event Action<string> Sold;

    [IpcOneWay]
    event EventHandler<int> Counted;

    string? Name { get; set; }

    int this[string article] { get; set; }

    IDesk Desk { get; }

    int Add(int a, int b);

    long Add(long a, long b, long c);

    string Echo(string text);

    string? EchoNull(string? text);

    bool TryDivide(int a, int b, out int quotient, ref long count);

    Task<int> AddSlowlyAsync(int a, int b, CancellationToken cancellationToken = default);

    ValueTask PauseAsync(int milliseconds, CancellationToken cancellationToken = default);

    [IpcOneWay]
    void Note(string text);

    [IpcMethod(7, TimeoutMilliseconds = 30_000)]
    void Reset();

    void Fail(string message);

    Numbers Numbers(Numbers numbers);

    Times Times(Times times);

    Texts Texts(Texts texts);

    Collections Collections(Collections collections);

    Person Greet(Person person, Role? role);

    Shape Scale(Shape shape, double factor);

    Keyed Keyed(Keyed value);

    Mapped Mapped(Mapped value);

    [return: IpcSensitive]
    string Login(string user, [IpcSensitive] string password);

    Account Open(Account account);

    [return: IpcConverter(typeof(TemperatureConverter))]
    Temperature Warm([IpcConverter(typeof(TemperatureConverter))] Temperature by);

    IDisposable Watch(Action<int, string> onTick);

    int Ask(Func<int, int> question);

    int Visit(IVisitor visitor);

    IAsyncEnumerable<Person> People(int count);

    Task<int> SumAsync(IAsyncEnumerable<int> numbers);

    int Measure(Stream stream);

    void Sell(string article, int count);

    bool IsMine(IDesk desk);

    void Block();

    string Order(
        string article,
        int count = 3,
        Role role = Role.Member,
        string? note = null,
        Point where = default,
        CancellationToken cancellationToken = default);

    string Defaults(
        bool truth = true,
        char mark = '"',
        string text = "a = \"b\"\n\u00e4\\",
        byte small = 200,
        long low = long.MinValue,
        ulong high = ulong.MaxValue,
        float single = 1.5f,
        double none = double.NaN,
        double below = double.NegativeInfinity,
        decimal money = 1.50m,
        Rights rights = Rights.Read | Rights.Write,
        Role odd = (Role)(-7),
        Role? maybe = Role.Guest,
        DayOfWeek day = DayOfWeek.Friday,
        Guid id = default,
        DateTime when = default,
        (int, Point) pair = default,
        int? number = 4,
        [IpcSensitive] string secret = "hunter2");

    string Total(string label, params int[] numbers);

    string Between([Optional, DefaultParameterValue(5)] int first, string second);

    string Between(string second);

    string Book([Optional, DateTimeConstant(638_000_000_000_000_000)] DateTime day);

    Parcel Pack(Parcel parcel);

    Labels Label(Labels labels);
}

/// <summary>An object that is handed out.</summary>
[IpcInterface]
public interface IDesk : IDisposable
{
    string Label { get; }

    IDesk Next(string label);
}

/// <summary>What the tool gives in place of an implementation.</summary>
[IpcInterface]
public interface IVisitor
{
    int Visit(string place);
}

public enum Role
{
    Guest,
    Member = 5,
}

[Flags]
public enum Rights : byte
{
    None = 0,
    Read = 1,
    Write = 2,
}

public sealed record Numbers(
    byte Byte, sbyte SByte, short Int16, ushort UInt16, int Int32, uint UInt32, long Int64, ulong UInt64, nint Native,
    nuint UNative,
    float Single,
    double Double,
    Half Half,
    decimal Decimal,
    Int128 Int128,
    UInt128 UInt128,
    BigInteger Big,
    Complex Complex,
    bool Bool,
    char Char);

public sealed record Times(
    DateTime Utc, DateTime Local, DateTimeOffset Offset, DateOnly Date, TimeOnly Time, TimeSpan Span);

public sealed record Texts(
    string Text, Guid Guid, Uri Uri, Version Version, Rune Rune, Index Index, Range Range, IPAddress Address,
    IPEndPoint End, IPNetwork Network, JsonElement Json,
    Rights Rights, DayOfWeek Day);

public sealed record Collections(
    byte[] Bytes, int[] Array, List<string?> List, int?[] Nullables, Dictionary<string, int> ByName,
    Dictionary<int, string> ByNumber, HashSet<int> Set,
    int[,] Grid,
    (int, string) Pair,
    KeyValuePair<string, int> Entry,
    ImmutableArray<int> Immutable,
    Stack<int> Stack,
    ReadOnlyMemory<byte> Memory);

public readonly record struct Point(int X, int Y);

public sealed record Parcel(int Weight = 18, string Text = "none", Role Role = Role.Member, string? Last = null);

[MessagePackObject]
public sealed class Labels(int size = 7, string first = "one = 1", int last = 3)
{
    [Key(0)]
    public int Size { get; } = size;

    [Key(2)]
    public string First { get; } = first;

    [Key(3)]
    public int Last { get; } = last;
}

public sealed record Person(string Name, int Age, List<Role> Roles, Point Where = default, string? Nick = null);

[IpcUnion(1, typeof(Circle)), IpcUnion(2, typeof(Square))]
public abstract record Shape;

public sealed record Circle(double Radius) : Shape;

public sealed record Square(double Side) : Shape;

[MessagePackObject]
public sealed class Keyed
{
    [Key(0)]
    public int Id { get; set; }

    [Key(2)]
    public string? Name { get; set; }
}

[MessagePackObject(keyAsPropertyName: true)]
public sealed class Mapped
{
    public int Count { get; set; }

    public string? Label { get; set; }
}

public sealed record Account(string Owner, [property: IpcSensitive] string Pin);

public sealed record Temperature(double Celsius);

/// <summary>Writes a temperature as tenths of a degree.</summary>
public sealed class TemperatureConverter : IIpcConverter<Temperature>
{
    public static void Write(ref MessagePackWriter writer, Temperature value)
        => writer.Write((int)(value.Celsius * 10));

    public static Temperature Read(ref MessagePackReader reader) => new(reader.ReadInt32() / 10.0);
}
