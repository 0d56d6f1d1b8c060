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
[TestFixture(Reached.Directly)]
[TestFixture(Reached.ThroughProxy)]
[CancelAfter(30_000)]
public sealed class ConverterTests(Reached reached)
{
    private readonly Subject<IConverting> _subject = new(new Converting(), reached);

    [OneTimeTearDown]
    public void End() => _subject.Dispose();

    [Test]
    public void Converter_of_the_contract_holds_wherever_the_type_is_used()
    {
        var joined = _subject.Root.Join(new StringBuilder("a"), null);

        Assert.That(joined.Select(text => text?.ToString()), Is.EqualTo(new[] { "a!", null }));
    }

    [Test]
    public void Converter_of_a_type_and_of_a_member_hold_inside_values()
    {
        var paid = _subject.Root.Pay(new Invoice(new Money(100), null, 7));

        Assert.That((paid.Sum.Read(), paid.Tip!.Read(), paid.Number), Is.EqualTo((100L, 10L, 7)));
        Assert.That(_subject.Root.Pay(new Invoice(new Money(1), null, null)).Number, Is.Null);
    }
}
