using System.Net.Mail;
using System.Runtime.Serialization;
using System.Text;
using MessagePack;
using Multiprocess;
using Multiprocess.Scenarios.Types;

[assembly: IpcConverter(typeof(MailAddressConverter))]

namespace Multiprocess.Scenarios.Types;

public enum Fruit : byte
{
    Apple = 1,
    Pear = 200,
}

[Flags]
public enum Rights : long
{
    None = 0,
    Read = 1,
    Write = 2,
    All = 1L << 40,
}

public record Animal(string Name, int Age = 3, Animal? Mother = null)
{
    public string? Nick { get; init; }
}

public sealed record Dog(string Name, int Age, bool Barks) : Animal(Name, Age);

public readonly struct Point(int x, int y)
{
    public int X { get; } = x;

    public int Y { get; } = y;
}

public record struct Size(double Width, double Height);

/// <summary>Could be made of nothing, and would then be nothing.</summary>
public readonly struct Meters
{
    private readonly double _value;

    public Meters(double value) => _value = value;

    public double Value => _value;
}

public readonly struct Coin(int cents, string currency)
{
    public int Cents => cents;

    public string Currency { get; } = currency;
}

public struct Nothing
{
}

public sealed class Form
{
    public required string Title { get; init; }

    public required Size Size { get; set; }

    public Dictionary<string, Point> Points { get; set; } = [];

    public Fruit Favourite = Fruit.Pear;

    [IgnoreDataMember]
    public string? Cached { get; set; }
}

public sealed class Interval
{
    public Interval(int from, int to)
        => (From, To) = from <= to
            ? (from, to)
            : throw new ArgumentException("An interval does not end before it begins.", nameof(to));

    public int From { get; }

    public int To { get; }

    public int Length => To - From;
}

public sealed record Page<T>(IReadOnlyList<T> Items, Page<T>? Next);

public sealed class Node
{
    public int Value { get; set; }

    public List<Node> Children { get; set; } = [];
}

[IpcUnion(0, typeof(Circle))]
[IpcUnion(1, typeof(Box))]
[IpcUnion(5, typeof(Drawing))]
public abstract record Shape;

public sealed record Circle(double Radius) : Shape;

public sealed record Box(Size Size) : Shape;

public sealed record Drawing(params Shape?[] Parts) : Shape;

[MessagePackObject]
[Union(0, typeof(Known))]
public abstract class MessagePackCase;

[MessagePackObject]
public sealed class Known : MessagePackCase
{
    [Key(2)]
    public string Text { get; set; } = "";

    [Key(0)]
    public int Number { get; set; }

    [IgnoreMember]
    public int Ignored { get; set; }
}

[MessagePackObject(true)]
public sealed record ByName(string Text, int Count = 7);

/// <summary>A result or an error, as a generic record: nothing more is needed.</summary>
public sealed record Result<T>(T? Value, string? Error);

/// <summary>A result or an error as a closed hierarchy.</summary>
[IpcUnion(0, typeof(Done))]
[IpcUnion(1, typeof(Failed))]
public interface IOutcome;

public sealed record Done(int Value) : IOutcome;

public sealed record Failed(string Reason, IOutcome? Before) : IOutcome;

/// <summary>Somebody else's type, with state that nobody sees.</summary>
public sealed class Money(long cents)
{
    private readonly long _cents = cents;

    public override string ToString() => $"{_cents} cents";

    public long Read() => _cents;
}

public sealed class MoneyConverter : IIpcConverter<Money>
{
    public static void Write(ref MessagePackWriter writer, Money value) => writer.Write(value.Read());

    public static Money Read(ref MessagePackReader reader) => new(reader.ReadInt64());
}

/// <summary>A type that says itself how it crosses.</summary>
[IpcConverter(typeof(WeightConverter))]
public readonly struct Weight(double grams)
{
    private readonly double _grams = grams;

    public double Kilograms => _grams / 1000;

    public double Read() => _grams;
}

public sealed class WeightConverter : IIpcConverter<Weight>
{
    public static void Write(ref MessagePackWriter writer, Weight value) => writer.Write(value.Read());

    public static Weight Read(ref MessagePackReader reader) => new(reader.ReadDouble());
}

/// <summary>For a class of the framework, in the whole assembly.</summary>
public sealed class MailAddressConverter : IIpcConverter<MailAddress>
{
    public static void Write(ref MessagePackWriter writer, MailAddress value) => writer.Write(value.ToString());

    public static MailAddress Read(ref MessagePackReader reader) => new(reader.ReadString()!);
}

/// <summary>Has members with converters of their type, of the assembly, and of their own.</summary>
public sealed record Parcel(
    Weight Weight, MailAddress To, [property: IpcConverter(typeof(MoneyConverter))] Money Postage);

public sealed class TextConverter : IIpcConverter<StringBuilder>
{
    public static void Write(ref MessagePackWriter writer, StringBuilder value) => writer.Write(value.ToString());

    public static StringBuilder Read(ref MessagePackReader reader) => new(reader.ReadString());
}

public sealed record Account(string User, [property: IpcSensitive] string Password);

/// <summary>Takes what other versions may have added to an enum.</summary>
[IpcInterface(AllowUndefinedEnumValues = true)]
public interface IOpen
{
    Fruit Echo(Fruit value);

    List<Rights?> Echo(List<Rights?> values, Func<Fruit, Fruit> through);
}

public sealed class Open : IOpen
{
    public Fruit Echo(Fruit value) => value;

    public List<Rights?> Echo(List<Rights?> values, Func<Fruit, Fruit> through)
    {
        values.Add((Rights)through((Fruit)99));
        return values;
    }
}

/// <summary>Sends back types that a program declares.</summary>
[IpcInterface]
[IpcConverter(typeof(TextConverter))]
public interface IDeclared
{
    Animal Echo(Animal value);

    Dog Echo(Dog value);

    Point Echo(Point value);

    Size? Echo(Size? value);

    Meters Echo(Meters value);

    Coin[] Echo(Coin[] value);

    Nothing Echo(Nothing value);

    Form Echo(Form value);

    Interval Echo(Interval value);

    Page<Page<string?>> Echo(Page<Page<string?>> value);

    Node Echo(Node value);

    Shape? Echo(Shape? value);

    MessagePackCase Echo(MessagePackCase value);

    ByName Echo(ByName value);

    Result<int?> Echo(Result<int?> value);

    Result<Animal> Echo(Result<Animal> value);

    IOutcome Echo(IOutcome value);

    Fruit Echo(Fruit value);

    Rights? Echo(Rights? value);

    Dictionary<Fruit, Rights[]> Echo(Dictionary<Fruit, Rights[]> value);

    List<StringBuilder?> Echo(List<StringBuilder?> value);

    Account Echo(Account value);

    string Pay(
        [IpcConverter(typeof(MoneyConverter))] List<Money?> sums, [IpcConverter(typeof(MoneyConverter))] Money tip);

    [return: IpcConverter(typeof(MoneyConverter))]
    Dictionary<string, Money[]> Bill(int cents);

    Dictionary<MailAddress, Weight?[]> Echo(Dictionary<MailAddress, Weight?[]> value);

    Parcel Echo(Parcel value);

    SecretString? Rotate(SecretString? secret);

    int Count([IpcSensitive] string password);

    IOpen Open { get; }

    void Take(Node value);
}

public sealed class Declared : IDeclared
{
    public Animal Echo(Animal value) => value;

    public Dog Echo(Dog value) => value;

    public Point Echo(Point value) => value;

    public Size? Echo(Size? value) => value;

    public Meters Echo(Meters value) => value;

    public Coin[] Echo(Coin[] value) => value;

    public Nothing Echo(Nothing value) => value;

    public Form Echo(Form value) => value;

    public Interval Echo(Interval value) => value;

    public Page<Page<string?>> Echo(Page<Page<string?>> value) => value;

    public Node Echo(Node value) => value;

    public Shape? Echo(Shape? value) => value;

    public MessagePackCase Echo(MessagePackCase value) => value;

    public ByName Echo(ByName value) => value;

    public Result<int?> Echo(Result<int?> value) => value;

    public Result<Animal> Echo(Result<Animal> value) => value;

    public IOutcome Echo(IOutcome value) => value;

    public Fruit Echo(Fruit value) => value;

    public Rights? Echo(Rights? value) => value;

    public Dictionary<Fruit, Rights[]> Echo(Dictionary<Fruit, Rights[]> value) => value;

    public List<StringBuilder?> Echo(List<StringBuilder?> value) => value;

    public Account Echo(Account value) => value;

    public Dictionary<MailAddress, Weight?[]> Echo(Dictionary<MailAddress, Weight?[]> value) => value;

    public Parcel Echo(Parcel value) => value;

    public string Pay(List<Money?> sums, Money tip) => string.Join(" + ", sums) + " and " + tip;

    public Dictionary<string, Money[]> Bill(int cents) => new() { ["sum"] = [new Money(cents), new Money(cents / 10)] };

    public SecretString? Rotate(SecretString? secret)
        => secret is null ? null : new SecretString(string.Concat(secret.Reveal(), "2"));

    public int Count(string password) => password.Length;

    public IOpen Open { get; } = new Open();

    public void Take(Node value)
    {
    }
}
