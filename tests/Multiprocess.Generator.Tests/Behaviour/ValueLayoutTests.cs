using System.Buffers;
using MessagePack;
using Multiprocess.Generated;
using Multiprocess.Generator.Tests.Harness;
using Multiprocess.Serialization;

namespace Multiprocess.Generator.Tests.Behaviour;

[MessagePackObject]
public sealed class Keyed
{
    [Key(3)]
    public string Last { get; set; } = "";

    [Key(0)]
    public int First { get; set; }

    [IgnoreMember]
    public int Ignored { get; set; }
}

[MessagePackObject(true)]
public sealed record Named(string Text, int Count = 7)
{
    [Key("p")]
    public bool Flag { get; init; }
}

/// <summary>A fault is the one value whose codec other code can name; it carries one value of each layout.</summary>
[IpcFault]
public sealed class KeyedException(Keyed? keyed) : Exception
{
    public Keyed? Keyed { get; } = keyed;
}

[IpcFault]
public sealed class NamedException(Named value) : Exception
{
    public Named Value { get; } = value;
}

[IpcFault]
public sealed class PlainException(int a, string? b = "b", Color c = Color.Green) : Exception
{
    public int A { get; } = a;

    public string? B { get; } = b;

    public Color C { get; } = c;
}

/// <summary>The bytes of each layout, and what becomes of members that only one side knows.</summary>
public sealed class ValueLayoutTests
{
    private static ReadContext Reading => new();
    private static WriteContext Writing => new();

    [Test]
    public void Members_are_an_array_in_declaration_order()
    {
        Assert.That(Write(new PlainException(5, null, Color.Red)), Is.EqualTo("9305C000"));
        Assert.That(Read("9305C000"), Is.EqualTo((5, (string?)null, Color.Red)));
    }

    [TestCase("9305A17801", 5, "x", Color.Green)]
    [TestCase("9205A178", 5, "x", Color.Green, TestName = "Member_that_an_older_peer_does_not_send_has_its_default")]
    [TestCase("9105", 5, "b", Color.Green)]
    [TestCase("90", 0, "b", Color.Green)]
    [TestCase("9505A1780193010203C0", 5, "x", Color.Green, TestName = "Member_that_only_a_newer_peer_knows_is_skipped")]
    public void Members_that_one_side_lacks_do_no_harm(string bytes, int a, string b, Color c)
    {
        Assert.That(Read(bytes), Is.EqualTo((a, b, c)));
    }

    [Test]
    public void Integer_keys_are_an_array_with_nil_in_the_gaps()
    {
        const string bytes = "91" + "94" + "07" + "C0" + "C0" + "A178";

        Assert.That(Write(new KeyedException(new Keyed { First = 7, Last = "x", Ignored = 9 })), Is.EqualTo(bytes));
        var reader = new MessagePackReader(Convert.FromHexString(bytes));
        var keyed = CodecOf<KeyedException>().Read(ref reader, Reading, "", null).Keyed!;
        Assert.That((keyed.First, keyed.Last, keyed.Ignored), Is.EqualTo((7, "x", 0)));
    }

    [TestCase("94" + "07" + "01" + "A161" + "A178", TestName = "Value_in_a_gap_is_skipped")]
    [TestCase("95" + "07" + "C0" + "C0" + "A178" + "C3", TestName = "Key_that_is_not_known_is_skipped")]
    public void Keys_that_one_side_lacks_do_no_harm(string bytes)
    {
        var reader = new MessagePackReader(Convert.FromHexString("91" + bytes));

        var keyed = CodecOf<KeyedException>().Read(ref reader, Reading, "", null).Keyed!;

        Assert.That((keyed.First, keyed.Last), Is.EqualTo((7, "x")));
    }

    [Test]
    public void Member_without_default_that_is_missing_is_malformed()
    {
        Assert.That(() => Read("9107", keyed: true), Throws.InstanceOf<IpcProtocolException>());
        Assert.That(() => ReadNamed("80"), Throws.InstanceOf<IpcProtocolException>().With.Message.Contains("Text"));
    }

    [Test]
    public void String_keys_are_a_map()
    {
        const string bytes = "91" + "83" + "A454657874" + "A178" + "A5436F756E74" + "02" + "A170" + "C3";

        Assert.That(Write(new NamedException(new Named("x", 2) { Flag = true })), Is.EqualTo(bytes));
        Assert.That(ReadNamed(bytes[2..]), Is.EqualTo(new Named("x", 2) { Flag = true }));
    }

    [Test]
    public void String_keys_come_in_any_order_with_defaults_for_what_is_missing()
    {
        Assert.That(
            ReadNamed("83" + "A170" + "C3" + "A16F" + "9101" + "A454657874" + "A178"),
            Is.EqualTo(new Named("x", 7) { Flag = true }));
    }

    /// <summary>The generated codec of an exception, which only its file sees.</summary>
    private static IpcFaultCodec<T> CodecOf<T>() where T : Exception
        => (IpcFaultCodec<T>)Activator.CreateInstance(
            typeof(T).Assembly.GetTypes().Single(type => type.BaseType == typeof(IpcFaultCodec<T>)))!;

    private static string Write(Exception exception)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        switch (exception)
        {
            case PlainException plain:
                CodecOf<PlainException>().Write(ref writer, plain, Writing);
                break;
            case KeyedException keyed:
                CodecOf<KeyedException>().Write(ref writer, keyed, Writing);
                break;
            case NamedException named:
                CodecOf<NamedException>().Write(ref writer, named, Writing);
                break;
        }

        writer.Flush();
        return Convert.ToHexString(output.WrittenSpan);
    }

    private static object Read(string bytes, bool keyed = false)
    {
        var reader = new MessagePackReader(Convert.FromHexString((keyed ? "91" : "") + bytes));
        if (keyed)
        {
            return CodecOf<KeyedException>().Read(ref reader, Reading, "", null);
        }

        var fault = CodecOf<PlainException>().Read(ref reader, Reading, "", null);
        Assert.That(reader.Consumed, Is.EqualTo(bytes.Length / 2));
        return (fault.A, fault.B, fault.C);
    }

    private static Named ReadNamed(string bytes)
    {
        var reader = new MessagePackReader(Convert.FromHexString("91" + bytes));
        return CodecOf<NamedException>().Read(ref reader, Reading, "", null).Value;
    }
}
