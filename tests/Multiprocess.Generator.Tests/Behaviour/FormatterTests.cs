using System.Numerics;
using MessagePack.Formatters;
using MessagePack.Resolvers;

namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>Carries a type of the framework's that has no codec.</summary>
public sealed class Vector3Formatter : IMessagePackFormatter<Vector3>
{
    public void Serialize(ref MessagePackWriter writer, Vector3 value, MessagePackSerializerOptions options)
    {
        writer.WriteArrayHeader(3);
        writer.Write(value.X);
        writer.Write(value.Y);
        writer.Write(value.Z);
    }

    public Vector3 Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        => reader.ReadArrayHeader() == 3
            ? new Vector3(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle())
            : throw new MessagePackSerializationException("Expected three numbers.");
}

/// <summary>Carries an immutable type of another assembly, by what its attribute gives it.</summary>
public sealed class ColorFormatter(string prefix, int version) : IMessagePackFormatter<System.Drawing.Color>
{
    public void Serialize(
        ref MessagePackWriter writer, System.Drawing.Color value, MessagePackSerializerOptions options)
        => writer.Write($"{prefix}{version}:{value.ToArgb():X8}");

    public System.Drawing.Color Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        string text = reader.ReadString()!;
        string head = $"{prefix}{version}:";
        return text.StartsWith(head, StringComparison.Ordinal)
            ? System.Drawing.Color.FromArgb(Convert.ToInt32(text[head.Length..], 16))
            : throw new MessagePackSerializationException($"Expected {head}, got {text}.");
    }
}

/// <summary>Has no constructor that others can call, as those of the package that are shared.</summary>
public sealed class UpperFormatter : IMessagePackFormatter<string?>
{
    public static readonly UpperFormatter Instance = new();

    private UpperFormatter()
    {
    }

    public void Serialize(ref MessagePackWriter writer, string? value, MessagePackSerializerOptions options)
        => writer.Write(value?.ToUpperInvariant() ?? "NULL");

    public string? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        => reader.ReadString() is var text && text == "NULL" ? null : text;
}

[MessagePackFormatter(typeof(BoxFormatter<>))]
public sealed class Box<T>(T content)
{
    public T Open() => content;
}

/// <summary>Is generic as its type is, and writes what is inside through the resolver.</summary>
public sealed class BoxFormatter<T> : IMessagePackFormatter<Box<T>?>
{
    public void Serialize(ref MessagePackWriter writer, Box<T>? value, MessagePackSerializerOptions options)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        options.Resolver.GetFormatterWithVerify<T>().Serialize(ref writer, value.Open(), options);
    }

    public Box<T>? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        => reader.TryReadNil()
            ? null
            : new Box<T>(options.Resolver.GetFormatterWithVerify<T>().Deserialize(ref reader, options));
}

[MessagePackFormatter(typeof(TicketFormatter))]
public readonly struct Ticket(int number)
{
    public int Number() => number;
}

public sealed class TicketFormatter : IMessagePackFormatter<Ticket>
{
    public void Serialize(ref MessagePackWriter writer, Ticket value, MessagePackSerializerOptions options)
        => writer.Write(value.Number());

    public Ticket Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        => new(reader.ReadInt32());
}

public sealed class GreedyFormatter : IMessagePackFormatter<Guid>
{
    public void Serialize(ref MessagePackWriter writer, Guid value, MessagePackSerializerOptions options)
        => writer.Write(value.ToString());

    public Guid Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        reader.Skip();
        return reader.ReadInt32() == 0 ? Guid.Empty : Guid.NewGuid();
    }
}

/// <summary>Writes as many values as the number says, and throws for a negative one.</summary>
public sealed class ManyFormatter : IMessagePackFormatter<short>
{
    public void Serialize(ref MessagePackWriter writer, short value, MessagePackSerializerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        for (int i = 0; i < value; i++)
        {
            writer.Write(value);
        }
    }

    public short Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        => reader.ReadInt16();
}

/// <summary>The same by a converter.</summary>
public sealed class ManyConverter : IIpcConverter<short>
{
    public static void Write(ref MessagePackWriter writer, short value)
        => new ManyFormatter().Serialize(ref writer, value, MessagePackSerializerOptions.Standard);

    public static short Read(ref MessagePackReader reader) => reader.ReadInt16();
}

public sealed record Counted(
    [property: MessagePackFormatter(typeof(ManyFormatter))] short Count, string Behind);

[MessagePackObject]
public sealed record Painted(
    [property: Key(0)] Vector3 Where,
    [property: Key(1), MessagePackFormatter(typeof(ColorFormatter), "v", 2)] System.Drawing.Color Color,
    [property: Key(2), MessagePackFormatter(typeof(UpperFormatter))] string? Name,
    [property: Key(3)] Ticket? Ticket);

[IpcInterface]
[IpcConverter(typeof(Vector3Formatter))]
public interface IFormatting
{
    Vector3 Double(Vector3 value, Vector3? or);

    List<Vector3> All(Dictionary<string, Vector3?> values);

    Painted Paint(Painted painted);

    Box<int>? Pass(Box<int>? box);

    Box<string> Known(Box<string> box);

    Ticket[] Next(Ticket ticket);

    Guid Greedy([IpcConverter(typeof(GreedyFormatter))] Guid id);

    string Formatted([IpcConverter(typeof(ManyFormatter))] short count, string behind);

    string Converted([IpcConverter(typeof(ManyConverter))] short count, string behind);

    [return: IpcConverter(typeof(ManyFormatter))]
    short Back(int count);

    Counted Member(Counted counted);

    [return: IpcConverter(typeof(UpperFormatter))]
    string Shout([IpcConverter(typeof(UpperFormatter))] string? text);
}

internal sealed class Formatting : IFormatting
{
    public Vector3 Double(Vector3 value, Vector3? or) => (or ?? value) * 2;

    public List<Vector3> All(Dictionary<string, Vector3?> values) => [.. values.Values.OfType<Vector3>()];

    public Painted Paint(Painted painted) => painted with { Where = painted.Where + Vector3.One };

    public Box<int>? Pass(Box<int>? box) => box;

    public Box<string> Known(Box<string> box) => box;

    public Ticket[] Next(Ticket ticket) => [ticket, new Ticket(ticket.Number() + 1)];

    public Guid Greedy(Guid id) => id;

    public string Formatted(short count, string behind) => behind;

    public string Converted(short count, string behind) => behind;

    public short Back(int count) => (short)count;

    public Counted Member(Counted counted) => counted;

    public string Shout(string? text) => text ?? "null";
}

/// <summary>Types that formatters of MessagePack-CSharp carry.</summary>
[CancelAfter(30_000)]
public sealed class FormatterTests
{
    private IpcTestPair<IFormatting> _pair = null!;

    private IFormatting Root => _pair.Root;

    [OneTimeSetUp]
    public void Begin() => _pair = IpcTestPair.Create<IFormatting>(new Formatting());

    [OneTimeTearDown]
    public void End() => _pair.Dispose();

    [Test]
    public void Formatter_of_a_contract_carries_a_type_of_the_framework()
    {
        Assert.That(Root.Double(new Vector3(1, 2, 3), null), Is.EqualTo(new Vector3(2, 4, 6)));
        Assert.That(Root.Double(default, new Vector3(1, 1, float.NaN)).Z, Is.NaN);
        Assert.That(Root.All(new() { ["a"] = Vector3.UnitX, ["b"] = null }), Is.EqualTo(new[] { Vector3.UnitX }));
    }

    [Test]
    public void Attributes_of_the_package_hold_on_members_and_types()
    {
        Painted painted = Root.Paint(
            new Painted(Vector3.Zero, System.Drawing.Color.FromArgb(1, 2, 3), "x", new Ticket(7)));

        Assert.That(
            (painted.Where, painted.Color, painted.Name),
            Is.EqualTo((Vector3.One, System.Drawing.Color.FromArgb(1, 2, 3), "X")));
        Assert.That(painted.Ticket!.Value.Number(), Is.EqualTo(7));
        Assert.That(Root.Paint(painted with { Name = null, Ticket = null }).Ticket, Is.Null);
        Assert.That(Root.Next(new Ticket(4)).Select(ticket => ticket.Number()), Is.EqualTo(new[] { 4, 5 }));
    }

    [Test]
    public void Generic_formatter_is_closed_with_the_arguments_of_its_type()
    {
        Assert.That(Root.Pass(new Box<int>(5))!.Open(), Is.EqualTo(5));
        Assert.That(Root.Pass(null), Is.Null);
        Assert.That(Root.Known(new Box<string>("é")).Open(), Is.EqualTo("é"));
    }

    [Test]
    public void Null_is_the_formatters_where_it_is_admitted_and_refused_elsewhere()
    {
        Assert.That(Root.Shout("a"), Is.EqualTo("A"));
        Assert.That(() => Root.Known(null!), Throws.ArgumentNullException);
        Assert.That(
            () => Root.Shout("null"),
            Throws.InstanceOf<IpcException>().With.Message.Contains("Shout"),
            "what is read as null is no result of a method whose result is not null");
    }

    [Test]
    public void Formatter_that_reads_too_much_fails_its_call_alone()
    {
        Assert.That(
            () => Root.Greedy(Guid.NewGuid()),
            Throws.InstanceOf<IpcException>().With.Message.Contains("GreedyFormatter").And.Message.Contains("Greedy"));
        Assert.That(Root.Shout("still here"), Is.EqualTo("STILL HERE"));
    }

    [TestCase(0)]
    [TestCase(2)]
    [TestCase(300)]
    [TestCase(-1)]
    public void Formatter_that_does_not_write_one_value_fails_its_call_before_anything_is_sent(int count)
    {
        string why = count < 0 ? "non-negative" : "did not write exactly one value for System.Int16";

        Assert.That(
            () => Root.Formatted((short)count, "x"),
            Fails(IpcErrorKind.ArgumentNotEncoded, "Formatted", "'count'", why));
        Assert.That(
            () => Root.Converted((short)count, "x"),
            Fails(IpcErrorKind.ArgumentNotEncoded, "Converted", "'count'", why));
        Assert.That(
            () => Root.Member(new Counted((short)count, "x")),
            Fails(IpcErrorKind.ArgumentNotEncoded, "Member", "'counted'", why));
        Assert.That(() => Root.Back(count), Throws.InstanceOf<IpcException>().With.Message.Contains("Back"));
        Assert.That(
            (Root.Formatted(1, "a"), Root.Converted(1, "b"), Root.Back(1), Root.Member(new Counted(1, "c")).Behind),
            Is.EqualTo(("a", "b", (short)1, "c")),
            "the connection goes on");
    }

    private static NUnit.Framework.Constraints.IResolveConstraint Fails(
        IpcErrorKind kind, string method, string parameter, string why)
        => Throws.InstanceOf<IpcException>()
            .With.Property(nameof(IpcException.Kind)).EqualTo(kind)
            .And.Message.Contains(method)
            .And.Message.Contains(parameter)
            .And.Message.Contains(why);

    [Test]
    public void Options_of_the_connection_are_the_formatters()
    {
        var options = new IpcConnectionOptions
        {
            MessagePack = MessagePackSerializerOptions.Standard.WithResolver(
                CompositeResolver.Create(new IMessagePackFormatter[] { new NegatingFormatter() })),
        };
        using IpcTestPair<IFormatting> pair = IpcTestPair.Create<IFormatting>(
            new Formatting(), new IpcTestPairOptions { Client = options, Server = options });

        Assert.That(pair.Root.Pass(new Box<int>(5))!.Open(), Is.EqualTo(5), "negated there and back");
        Assert.That(
            () => pair.Root.Known(new Box<string>("")),
            Throws.InstanceOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
                IpcErrorKind.ArgumentNotEncoded),
            "this resolver does not know string");
    }

    private sealed class NegatingFormatter : IMessagePackFormatter<int>
    {
        public void Serialize(ref MessagePackWriter writer, int value, MessagePackSerializerOptions options)
            => writer.Write(-value);

        public int Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
            => -reader.ReadInt32();
    }
}
