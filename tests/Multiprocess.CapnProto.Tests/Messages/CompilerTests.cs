using System.Buffers;
using System.Text;
using Multiprocess.CapnProto.Framing;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Tests.Support;

namespace Multiprocess.CapnProto.Tests.Messages;

/// <summary>The real compiler reads what is built here, and what it writes is read here.</summary>
public sealed class CompilerTests
{
    private const int Messages = 40;

    private string _path = "";
    private TestValues _values = null!;
    private TestStruct _type = null!;

    [OneTimeSetUp]
    public void Compile()
    {
        CapnpTool.Require();
        _path = CapnpTool.PathOf("everything.capnp");
        TestSchema schema = TestSchema.Compile(_path);
        _values = new(schema);
        _type = schema.Struct("Everything");
    }

    // Small segments make far pointers, here and there.
    [TestCase(1, 1)]
    [TestCase(512, 7)]
    [TestCase(40, 100_000)]
    public async Task Values_of_every_type_go_there_and_come_back(int wordsHere, int wordsThere)
    {
        (List<Dictionary<string, object>> made, byte[] binary) = MakeMessages(wordsHere, seed: wordsHere);

        byte[] text = CapnpTool.Run(binary, "convert", "--quiet", "binary:text", _path, "Everything");
        byte[] back = CapnpTool.Run(text, "encode", $"--segment-size={wordsThere}", _path, "Everything");

        List<Dictionary<string, object>> read = [];
        using var stream = new MemoryStream(back);
        while (await CapnpMessage.ReadAsync(stream) is { } message)
        {
            read.Add(_values.Read(message.Root, _type));
        }

        Assert.That(read, Has.Count.EqualTo(made.Count));
        for (int i = 0; i < made.Count; i++)
        {
            Assert.That(TestValues.Show(read[i]), Is.EqualTo(TestValues.Show(made[i])), $"Message {i}");
        }
    }

    [Test]
    public void Packed_messages_are_those_of_the_compiler()
    {
        (List<Dictionary<string, object>> made, byte[] binary) = MakeMessages(words: 30, seed: 3);

        // The compiler copies a message before it writes it, so the packed bytes are those of its copy.
        byte[] copied = CapnpTool.Run(binary, "convert", "--quiet", "--segment-size=50", "binary:binary");
        byte[] theirs = CapnpTool.Run(binary, "convert", "--quiet", "--segment-size=50", "binary:packed");

        var packed = new ArrayBufferWriter<byte>();
        using var stream = new MemoryStream(copied);
        while (FrameOf(stream) is { } frame)
        {
            SegmentTable.TryRead(frame, CapnpLimits.Default, out SegmentTable table);
            Packing.Pack(frame.AsSpan(0, table.HeaderBytes), packed);
            CapnpMessage message = CapnpMessage.Read(frame);
            for (uint i = 0; i < table.SegmentCount; i++)
            {
                Packing.Pack(message.Arena.Find(i)!.Used, packed);
            }
        }

        Assert.That(packed.WrittenSpan.SequenceEqual(theirs), Is.True);
        ReadOnlySpan<byte> rest = theirs;
        foreach (Dictionary<string, object> expected in made)
        {
            CapnpMessage message = CapnpMessage.ReadPacked(rest, out int length);
            rest = rest[length..];
            Assert.That(TestValues.Show(_values.Read(message.Root, _type)), Is.EqualTo(TestValues.Show(expected)));
        }

        Assert.That(rest.IsEmpty, Is.True);
    }

    [Test]
    public void Packed_messages_are_read_by_the_compiler()
    {
        (List<Dictionary<string, object>> made, byte[] binary) = MakeMessages(words: 30, seed: 5);
        var packed = new ArrayBufferWriter<byte>();
        ForEach(made, words: 30, builder => builder.WritePackedTo(packed));

        byte[] theirs = CapnpTool.Run(packed.WrittenMemory, "convert", "--quiet", "packed:canonical");

        Assert.That(
            theirs.AsSpan().SequenceEqual(CapnpTool.Run(binary, "convert", "--quiet", "binary:canonical")), Is.True);
    }

    [Test]
    public void Canonical_form_is_that_of_the_compiler()
    {
        (_, byte[] binary) = MakeMessages(words: 5, seed: 4);
        using var ours = new MemoryStream();
        using var stream = new MemoryStream(binary);
        while (FrameOf(stream) is { } frame)
        {
            ours.Write(CapnpMessage.Read(frame).ToCanonicalArray());
        }

        byte[] theirs = CapnpTool.Run(binary, "convert", "--quiet", "binary:canonical");

        Assert.That(ours.ToArray().AsSpan().SequenceEqual(theirs), Is.True);
    }

    [Test]
    public void Text_of_a_known_value_is_read_as_that_value()
    {
        const string Text = """
            (flagOn = false, i8 = -5, u64 = 1, f32 = nan, color = green, text = "Grüße", point = (x = 1, y = -2),
             side = (width = 3, both = (second = -4)), bools = [true, false, true], matrix = [[[1], []], []],
             boxed = (first = "t", second = (a = 9)), listWithDefault = [])
            """;

        byte[] binary = CapnpTool.Run(Encoding.UTF8.GetBytes(Text), "encode", _path, "Everything");
        Dictionary<string, object> read = _values.Read(CapnpMessage.Read(binary).Root, _type);

        Assert.That(read["flagOn"], Is.False);
        Assert.That(read["i8"], Is.EqualTo((sbyte)-5));
        Assert.That(read["i16"], Is.EqualTo((short)1234));
        Assert.That(read["u64"], Is.EqualTo(1UL));
        Assert.That(read["f32"], Is.EqualTo(float.NaN));
        Assert.That(read["color"], Is.EqualTo((ushort)1));
        Assert.That(read["text"], Is.EqualTo("Grüße"));
        Assert.That(read, Does.Not.ContainKey("textWithDefault").And.Not.ContainKey("number"));
        Assert.That(read["point"], Is.EqualTo(new Dictionary<string, object> { ["x"] = 1, ["y"] = -2 }));
        Assert.That(
            ((Dictionary<string, object>)read["side"])["both"],
            Is.EqualTo(new Dictionary<string, object> { ["first"] = false, ["second"] = -4L }));
        Assert.That(read["bools"], Is.EqualTo(new object[] { true, false, true }));
        Assert.That(
            read["matrix"],
            Is.EqualTo(
                new object[] { new object[] { new object[] { 1 }, Array.Empty<object>() }, Array.Empty<object>() }));
        Assert.That(((Dictionary<string, object>)read["boxed"])["first"], Is.EqualTo("t"));
        Assert.That(read["listWithDefault"], Is.Empty);
    }

    private (List<Dictionary<string, object>> Made, byte[] Binary) MakeMessages(int words, int seed)
    {
        var random = new Random(seed);
        List<Dictionary<string, object>> made = [.. Enumerable.Range(0, Messages).Select(
            _ => _values.Make(_type, random))];
        using var binary = new MemoryStream();
        ForEach(made, words, builder => binary.Write(builder.ToArray()));
        return (made, binary.ToArray());
    }

    private void ForEach(List<Dictionary<string, object>> values, int words, Action<CapnpMessageBuilder> act)
    {
        // The builder is reset, so what a former message leaves would be seen.
        using var builder = new CapnpMessageBuilder(words);
        foreach (Dictionary<string, object> value in values)
        {
            builder.Reset();
            _values.Write(builder.Root, _type, value);
            act(builder);
        }
    }

    private static byte[]? FrameOf(Stream stream)
        => FrameStream.ReadAsync(stream, CapnpLimits.Default, CancellationToken.None).Result;
}
