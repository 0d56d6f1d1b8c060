using System.Text;
using Multiprocess.Serialization;

namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>Carries a type of the framework's that has no codec.</summary>
public sealed class TextConverter : IIpcConverter<StringBuilder>
{
    public static void Write(ref MessagePackWriter writer, StringBuilder value) => writer.Write(value.ToString());

    public static StringBuilder Read(ref MessagePackReader reader) => new(reader.ReadString());
}

public sealed class NegatingConverter : IIpcConverter<int>
{
    public static void Write(ref MessagePackWriter writer, int value) => writer.Write(-value);

    public static int Read(ref MessagePackReader reader) => reader.ReadInt32();
}

public sealed class ForgetfulConverter : IIpcConverter<Guid>
{
    public static void Write(ref MessagePackWriter writer, Guid value) => writer.Write(value.ToString());

    public static Guid Read(ref MessagePackReader reader) => Guid.Empty;
}

[IpcConverter(typeof(MoneyConverter))]
public sealed class Money(long cents)
{
    private readonly long _cents = cents;

    public long Read() => _cents;
}

public sealed class MoneyConverter : IIpcConverter<Money>
{
    public static void Write(ref MessagePackWriter writer, Money value) => writer.Write(value.Read());

    public static Money Read(ref MessagePackReader reader) => new(reader.ReadInt64());
}

public sealed record Invoice(Money Sum, Money? Tip, [property: IpcConverter(typeof(NegatingConverter))] int? Number);

[IpcInterface]
[IpcConverter(typeof(TextConverter))]
public interface IConverting
{
    List<StringBuilder?> Join(StringBuilder a, StringBuilder? b);

    int Negate([IpcConverter(typeof(NegatingConverter))] int number);

    [return: IpcConverter(typeof(NegatingConverter))]
    Task<int> NegateAsync(int number);

    Invoice Pay(Invoice invoice);

    Guid Forget([IpcConverter(typeof(ForgetfulConverter))] Guid id);
}

internal sealed class Converting : IConverting
{
    public List<StringBuilder?> Join(StringBuilder a, StringBuilder? b) => [a.Append('!'), b];

    public int Negate(int number) => number;

    public Task<int> NegateAsync(int number) => Task.FromResult(number);

    public Invoice Pay(Invoice invoice) => invoice with { Tip = new Money(invoice.Sum.Read() / 10) };

    public Guid Forget(Guid id) => id;
}

/// <summary>Types that a user's own code carries.</summary>
[CancelAfter(30_000)]
public sealed class ConverterTests
{
    private readonly IpcTestPair<IConverting> _pair = IpcTestPair.Create<IConverting>(new Converting());

    [OneTimeTearDown]
    public void End() => _pair.Dispose();

    [Test]
    public void Converter_of_the_contract_holds_wherever_the_type_is_used()
    {
        var joined = _pair.Root.Join(new StringBuilder("a"), null);

        Assert.That(joined.Select(text => text?.ToString()), Is.EqualTo(new[] { "a!", null }));
    }

    [Test]
    public async Task Converter_of_a_place_holds_there_alone()
    {
        Assert.That(_pair.Root.Negate(3), Is.EqualTo(-3));
        Assert.That(await _pair.Root.NegateAsync(3), Is.EqualTo(-3));
    }

    [Test]
    public void Converter_of_a_type_and_of_a_member_hold_inside_values()
    {
        var paid = _pair.Root.Pay(new Invoice(new Money(100), null, 7));

        Assert.That((paid.Sum.Read(), paid.Tip!.Read(), paid.Number), Is.EqualTo((100L, 10L, 7)));
        Assert.That(_pair.Root.Pay(new Invoice(new Money(1), null, null)).Number, Is.Null);
    }

    [Test]
    public void Null_is_refused_before_the_converter_sees_it()
    {
        Assert.That(() => _pair.Root.Join(null!, null), Throws.ArgumentNullException);
    }

    [Test]
    public void Converter_that_reads_too_little_fails_the_call_and_nothing_else()
    {
        Assert.That(
            () => _pair.Root.Forget(Guid.NewGuid()),
            Throws.InstanceOf<IpcException>().With.Property("Kind").EqualTo(IpcErrorKind.ArgumentNotDecoded).And.Message.Contains("ForgetfulConverter"));
        Assert.That(_pair.Root.Negate(1), Is.EqualTo(-1), "the connection lives on");
    }
}
