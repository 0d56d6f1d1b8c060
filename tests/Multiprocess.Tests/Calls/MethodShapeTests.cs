using System.Text;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

public sealed class MethodShapeTests(IpcTestTransport transport) : PairFixture(transport)
{
    private IShapes _root = null!;

    [SetUp]
    public void MakePair() => _root = Serve<IShapes>(new Shapes()).Root;

    [Test]
    public void A_result_comes_back() => Assert.That(_root.Add(1, 2), Is.EqualTo(3));

    [Test]
    public void An_out_parameter_comes_back()
    {
        _root.AddOut(3, 4, out int sum);

        Assert.That(sum, Is.EqualTo(7));
    }

    [Test]
    public void A_ref_parameter_goes_and_comes_back()
    {
        int sum = 7;

        _root.AddOnto(3, ref sum);

        Assert.That(sum, Is.EqualTo(10));
    }

    [Test]
    public void An_in_parameter_goes() => Assert.That(_root.AddIn(40, 2L), Is.EqualTo(42));

    [Test]
    public void Result_ref_and_out_parameters_come_back_together()
    {
        string text = "two words";

        bool found = _root.TryEverything(ref text, out int? length, out List<string>? parts);

        Assert.That(found, Is.True);
        Assert.That(text, Is.EqualTo("TWO WORDS"));
        Assert.That(length, Is.EqualTo(9));
        Assert.That(parts, Is.EqualTo(new[] { "two", "words" }));
    }

    [Test]
    public void Out_parameters_may_be_null()
    {
        string text = "";

        bool found = _root.TryEverything(ref text, out int? length, out List<string>? parts);

        Assert.That(found, Is.False);
        Assert.That(length, Is.Null);
        Assert.That(parts, Is.Null);
    }

    [TestCase(null)]
    [TestCase(5)]
    public void A_value_with_all_kinds_of_members_comes_back_equal_in_each(int? optional)
    {
        Everything sent = Sample(optional) with { Inner = Sample(null) };

        Everything got = _root.Echo(sent);

        Assert.That(got, Is.Not.SameAs(sent));
        AssertEqual(got, sent);
        AssertEqual(got.Inner!, sent.Inner!);
        Assert.That(got.Inner!.Inner, Is.Null);
    }

    [Test]
    public void An_empty_struct_comes_back() => Assert.That(_root.EchoNothing(default), Is.EqualTo(default(Nothing)));

    [Test]
    public void Empty_bytes_come_back_empty_and_not_null() => Assert.That(_root.EchoBytes([]), Is.Not.Null.And.Empty);

    [TestCase(1)]
    [TestCase(4095)]
    [TestCase(100_000)]
    [TestCase(3_000_000)]
    public void Bytes_of_any_length_come_back(int length)
    {
        byte[] sent = new byte[length];
        new Random(length).NextBytes(sent);

        Assert.That(_root.EchoBytes(sent).AsSpan().SequenceEqual(sent), Is.True);
    }

    [Test]
    public void An_enum_comes_back() => Assert.That(_root.EchoFruit(Fruit.Pear), Is.EqualTo(Fruit.Pear));

    [Test]
    public void A_number_with_a_fraction_comes_back_exactly() => Assert.That(_root.EchoDouble(1.25), Is.EqualTo(1.25));

    [Test]
    public void A_list_of_blobs_may_hold_null()
    {
        List<byte[]?> got = _root.EchoBlobs([Encoding.UTF8.GetBytes("Hi"), null]);

        Assert.That(got, Is.EqualTo(new byte[]?[] { Encoding.UTF8.GetBytes("Hi"), null }));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("hällo \U0001F600")]
    public void Text_comes_back(string? text) => Assert.That(_root.EchoText(text), Is.EqualTo(text));

    [Test]
    public void A_declared_exception_arrives_as_its_type_with_its_fields()
    {
        TooManyException? caught = Assert.Throws<TooManyException>(() => _root.Raise(Sample(1), "too many"));

        Assert.That(caught!.Message, Is.EqualTo("too many"));
        Assert.That(caught.Limit, Is.EqualTo(3));
        Assert.That(caught.Names, Is.EquivalentTo(new[] { "a", "b" }));
        Assert.That(caught.InnerException, Is.TypeOf<FormatException>().With.Message.EqualTo("inside"));
    }

    [Test]
    public void A_missing_argument_is_refused_before_the_call()
    {
        Assert.That(() => _root.Ask(null!, "x"), Throws.ArgumentNullException);
        Assert.That(_root.Add(1, 1), Is.EqualTo(2));
    }

    private static Everything Sample(int? optional) => new(
        "name",
        [3, 1, 2],
        ["a", "b"],
        [true, false, true],
        optional,
        new() { ["one"] = 1, ["two"] = 2 },
        (7, "seven"),
        Fruit.Apple,
        [1, 2, 3],
        new DateTimeOffset(2024, 2, 29, 12, 30, 0, TimeSpan.FromHours(2)),
        TimeSpan.FromTicks(123456789),
        null);

    private static void AssertEqual(Everything got, Everything sent)
    {
        Assert.That(got.Name, Is.EqualTo(sent.Name));
        Assert.That(got.Numbers, Is.EqualTo(sent.Numbers));
        Assert.That(got.Words, Is.EquivalentTo(sent.Words));
        Assert.That(got.Flags, Is.EqualTo(sent.Flags));
        Assert.That(got.Optional, Is.EqualTo(sent.Optional));
        Assert.That(got.Counts, Is.EquivalentTo(sent.Counts));
        Assert.That(got.Pair, Is.EqualTo(sent.Pair));
        Assert.That(got.Fruit, Is.EqualTo(sent.Fruit));
        Assert.That(got.Blob, Is.EqualTo(sent.Blob));
        Assert.That(got.When, Is.EqualTo(sent.When));
        Assert.That(got.When.Offset, Is.EqualTo(sent.When.Offset));
        Assert.That(got.HowLong, Is.EqualTo(sent.HowLong));
    }
}
