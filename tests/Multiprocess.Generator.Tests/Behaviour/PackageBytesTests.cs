using System.Buffers;
using System.Collections.Immutable;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Multiprocess.Generated;
using Multiprocess.Generator.Tests.Harness;
using Multiprocess.Generator.Tests.Properties;
using Multiprocess.Serialization;

namespace Multiprocess.Generator.Tests.Behaviour;

public enum Level : byte
{
    Low,
    High = 200,
}

[Union(0, typeof(Circle))]
[Union(7, typeof(Square))]
[MessagePackObject]
public abstract class Figure;

[MessagePackObject]
public sealed class Circle : Figure
{
    [Key(0)]
    public double Radius { get; set; }
}

[MessagePackObject]
public sealed class Square : Figure
{
    [Key(1)]
    public long Side { get; set; }
}

[MessagePackObject]
public sealed class Numbers
{
    [Key(0)]
    public byte A { get; set; }

    [Key(1)]
    public sbyte B { get; set; }

    [Key(2)]
    public short C { get; set; }

    [Key(3)]
    public ushort D { get; set; }

    [Key(4)]
    public int E { get; set; }

    [Key(5)]
    public uint F { get; set; }

    [Key(6)]
    public long G { get; set; }

    [Key(7)]
    public ulong H { get; set; }

    [Key(8)]
    public float I { get; set; }

    [Key(9)]
    public double J { get; set; }

    [Key(10)]
    public decimal K { get; set; }

    [Key(11)]
    public bool L { get; set; }

    [Key(12)]
    public char M { get; set; }

    [Key(14)]
    public Level N { get; set; }

    [Key(15)]
    public int? O { get; set; }

    [Key(16)]
    public BigInteger P { get; set; }
}

[MessagePackObject(keyAsPropertyName: true)]
public sealed class Texts
{
    public string? A { get; set; }

    public Guid B { get; set; }

    public DateTime C { get; set; }

    public TimeSpan D { get; set; }

    public DateTimeOffset E { get; set; }

    public byte[]? F { get; set; }

    public Uri? G { get; set; }

    public Version? H { get; set; }
}

[MessagePackObject]
public sealed class Many
{
    [Key(0)]
    public List<int>? A { get; set; }

    [Key(1)]
    public Dictionary<string, long>? B { get; set; }

    [Key(2)]
    public string?[]? C { get; set; }

    [Key(3)]
    public (int, string?) D { get; set; }

    [Key(4)]
    public Tuple<long, bool>? E { get; set; }

    [Key(5)]
    public KeyValuePair<int, string?> F { get; set; }

    [Key(6)]
    public List<Figure?>? G { get; set; }

    [Key(7)]
    public Numbers? H { get; set; }

    [Key(8)]
    public Texts? I { get; set; }
}

[IpcFault]
public sealed class NumbersException(Numbers? value) : Exception
{
    public Numbers? Value { get; } = value;
}

[IpcFault]
public sealed class TextsException(Texts? value) : Exception
{
    public Texts? Value { get; } = value;
}

[IpcFault]
public sealed class ManyException(Many? value) : Exception
{
    public Many? Value { get; } = value;
}

/// <summary>
/// Types that are annotated for MessagePack-CSharp: the package reads our bytes and writes the same, and the other way.
/// </summary>
public sealed class PackageBytesTests
{
    private const int Values = 300;

    [Test]
    public void Numbers_are_the_packages()
        => Check<Numbers, NumbersException>(value => new NumbersException(value), fault => fault.Value);

    /// <summary>
    /// The package makes UTC of every time; ours keeps the kind of a local one, and crosses as other bytes then.
    /// </summary>
    [Test]
    public void Texts_and_times_are_the_packages() => Check<Texts, TextsException>(
        value =>
        {
            if (value is not null)
            {
                value.C = DateTime.SpecifyKind(value.C, DateTimeKind.Utc);
            }

            return new TextsException(value);
        },
        fault => fault.Value);

    [Test]
    public void Collections_tuples_unions_and_nested_types_are_the_packages()
        => Check<Many, ManyException>(value => new ManyException(value), fault => fault.Value);

    /// <summary>
    /// A fault is the one value whose codec a test can name: it carries the value as its only member.
    /// </summary>
    private static void Check<T, TFault>(Func<T?, TFault> wrap, Func<TFault, T?> unwrap)
        where T : class
        where TFault : Exception
    {
        var codec = (IpcFaultCodec<TFault>)Activator.CreateInstance(
            typeof(TFault).Assembly.GetTypes().Single(type => type.BaseType == typeof(IpcFaultCodec<TFault>)))!;
        int count = 0;

        bool Agree(T? value)
        {
            count++;
            var output = new ArrayBufferWriter<byte>();
            var writer = new MessagePackWriter(output);
            TFault fault = wrap(value);
            codec.Write(ref writer, fault, new WriteContext());
            writer.Flush();
            byte[] ours = output.WrittenSpan[1..].ToArray();
            byte[] theirs = MessagePackSerializer.Serialize(value);
            Assert.That(Convert.ToHexString(ours), Is.EqualTo(Convert.ToHexString(theirs)));

            var reader = new MessagePackReader(new byte[] { 0x91 }.Concat(theirs).ToArray());
            T? read = unwrap(codec.Read(ref reader, new ReadContext(), "", null));
            Assert.That(
                MessagePackSerializer.Serialize(read), Is.EqualTo(theirs), "what we read from the package's bytes");
            Assert.That(
                MessagePackSerializer.Serialize(MessagePackSerializer.Deserialize<T?>(ours)),
                Is.EqualTo(ours),
                "what the package reads from ours");
            return true;
        }

        var values = RandomValues.Of(typeof(T), mayBeNull: true).Select(value => (T?)value);
        FsCheck.Check.One(
            typeof(T).Name,
            Config.QuickThrowOnFailure.WithMaxTest(Values).WithReplay(4, 99UL),
            Prop.ForAll(values.ToArbitrary(), Agree));
        Assert.That(count, Is.EqualTo(Values));
    }
}
