using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Tests.Serialization;

/// <summary>What a converter is given to read, and what becomes of what it throws.</summary>
public sealed class ForeignValueTests
{
    private static readonly string s_deep = string.Concat(Enumerable.Repeat("91", 65)) + "c0";

    [TestCase("", "got the end of the message")]
    [TestCase("92 01", "with more in it than")]
    [TestCase("92 a1", "with more in it than")]
    [TestCase("91 a2 61", "with more in it than")]
    [TestCase("81 01", "with more in it than")]
    [TestCase("dd ff ff ff ff", "with more in it than")]
    [TestCase("c7 05 01 00", "with more in it than")]
    [TestCase("92 01 c1", "0xc1")]
    [TestCase("a1 ff", "The string at byte 0 is not valid UTF-8.")]
    [TestCase("92 01 a2 c3 28", "The string at byte 2 is not valid UTF-8.")]
    [TestCase("81 a1 80 01", "The string at byte 1 is not valid UTF-8.")]
    [TestCase("a3 ed a0 80", "The string at byte 0 is not valid UTF-8.")]
    public void A_value_that_is_not_sound_never_reaches_the_converter(string hex, string expected)
    {
        int before = Whole.Reads;

        IpcProtocolException? thrown = Assert.Throws<IpcProtocolException>(
            () => Crossing.Decode<string, ConverterCodec<string, Whole>>(Crossing.Hex(hex)));

        Assert.That(thrown!.Message, Does.Contain(expected));
        Assert.That(Whole.Reads, Is.EqualTo(before));
    }

    [Test]
    public void A_value_that_nests_too_deep_never_reaches_the_converter()
    {
        int before = Whole.Reads;

        Assert.That(
            () => Crossing.Decode<string, ConverterCodec<string, Whole>>(Crossing.Hex(s_deep)),
            Throws.TypeOf<IpcProtocolException>().With.Message.EqualTo(
                "The value at byte 0 nests deeper than the limit of 64 levels."));
        Assert.That(Whole.Reads, Is.EqualTo(before));
        Assert.That(
            Crossing.Decode<string, ConverterCodec<string, Whole>>(Crossing.Hex(s_deep[2..])), Is.EqualTo("Array"));
    }

    [TestCase("c0", "Nil")]
    [TestCase("82 01 92 a1 61 c4 01 ff c3 d6 ff 00 00 00 00", "Map")]
    [TestCase("c4 02 ff fe", "Binary")]
    [TestCase("a2 c3 a9", "String")]
    [TestCase("d4 07 00", "Extension")]
    [TestCase("cf ff ff ff ff ff ff ff ff", "Integer")]
    [TestCase("90", "Array")]
    public void A_sound_value_of_any_family_reaches_the_converter(string hex, string family)
        => Assert.That(Crossing.Decode<string, ConverterCodec<string, Whole>>(Crossing.Hex(hex)), Is.EqualTo(family));

    [Test]
    public void The_size_of_the_value_is_charged()
        => Assert.That(
            () => Crossing.Decode<string, ConverterCodec<string, Whole>>(
                Crossing.Hex("c4 04 00 00 00 00"), new PlainReadContext(budget: 5)),
            Throws.TypeOf<IpcProtocolException>().With.Message.Contains("Decoded message"));

    [TestCase("a1 61", typeof(MessagePackSerializationException))]
    [TestCase("cf ff ff ff ff ff ff ff ff", typeof(OverflowException))]
    public void An_exception_of_the_package_s_fails_the_call_alone_and_leaves_the_reader_behind_the_value(
        string hex, Type inner)
    {
        byte[] bytes = Crossing.Hex("05 " + hex + " 06");
        var reader = new MessagePackReader(bytes);
        reader.ReadInt32();
        IpcException? thrown = null;
        try
        {
            ConverterCodec<int, Number>.Read(ref reader, new PlainReadContext());
        }
        catch (IpcException exception)
        {
            thrown = exception;
        }

        Assert.That(thrown, Is.TypeOf<IpcException>().With.Property("Kind").EqualTo(IpcErrorKind.ArgumentNotDecoded));
        Assert.That(thrown!.Message, Does.Contain("Number could not read the System.Int32."));
        Assert.That(thrown.InnerException, Is.InstanceOf(inner).Or.InnerException.InstanceOf(inner));
        Assert.That(reader.ReadInt32(), Is.EqualTo(6));
    }

    [TestCase("92 01 02")]
    [TestCase("91 01")]
    public void A_converter_that_reads_less_than_the_value_is_named(string hex)
        => Assert.That(
            () => Crossing.Decode<long, ConverterCodec<long, HeaderAlone>>(Crossing.Hex(hex)),
            Throws.TypeOf<IpcException>().With.Message.Contains(
                "HeaderAlone did not read exactly one value for System.Int64."));

    [Test]
    public void A_converter_that_reads_into_the_next_value_is_named()
    {
        var reader = new MessagePackReader(Crossing.Hex("90 01"));
        IpcException? thrown = null;
        try
        {
            ConverterCodec<long, TooMuch>.Read(ref reader, new PlainReadContext());
        }
        catch (IpcException exception)
        {
            thrown = exception;
        }

        Assert.That(thrown!.Message, Does.Contain("TooMuch did not read exactly one value"));
        Assert.That(reader.Consumed, Is.EqualTo(1), "The next value is still to be read.");
    }

    [TestCase("c0")]
    [TestCase("92 01 a1 61")]
    [TestCase("c4 02 ff fe")]
    public void A_converter_that_writes_one_value_is_left_alone(string hex)
        => Assert.That(
            Crossing.Encode<byte[], ConverterCodec<byte[], AsTheyAre>>(Crossing.Hex(hex)),
            Is.EqualTo(Crossing.Hex(hex)));

    [TestCase("", "got the end of the message")]
    [TestCase("01 02", "Expected the end of the value at byte 1, got 2 bytes.")]
    [TestCase("92 01", "with more in it than")]
    [TestCase("91 01 02", "Expected the end of the value at byte 2, got 3 bytes.")]
    [TestCase("a2 61", "with more in it than")]
    [TestCase("c1", "0xc1")]
    [TestCase("a1 ff", "not valid UTF-8")]
    public void A_converter_that_writes_anything_but_one_value_is_named(string hex, string expected)
        => Assert.That(
            () => Crossing.Encode<byte[], ConverterCodec<byte[], AsTheyAre>>(Crossing.Hex(hex)),
            Throws.TypeOf<IpcException>()
                .With.Property("Kind").EqualTo(IpcErrorKind.ArgumentNotEncoded)
                .And.Message.StartsWith(
                    $"{typeof(AsTheyAre)} did not write exactly one value for System.Byte[]. ")
                .And.Message.Contains(expected));

    [Test]
    public void A_converter_that_writes_too_deep_a_value_is_named()
    {
        Assert.That(
            () => Crossing.Encode<byte[], ConverterCodec<byte[], AsTheyAre>>(Crossing.Hex(s_deep)),
            Throws.TypeOf<IpcException>().With.Message.Contains("nests deeper than the limit of 64 levels"));
        Assert.That(
            Crossing.Encode<byte[], ConverterCodec<byte[], AsTheyAre>>(Crossing.Hex(s_deep[2..])),
            Has.Length.EqualTo(65));
    }

    [Test]
    public void What_stays_lax_is_what_is_documented()
    {
        Assert.That(Crossing.Cross<string, ConverterCodec<string, Text>>("a\ud800"), Is.EqualTo("a\ufffd"));
        Assert.That(
            Crossing.Decode<float, ConverterCodec<float, Single>>(Crossing.Hex("cb 7e 37 e4 3c 88 00 75 9c")),
            Is.EqualTo(float.PositiveInfinity));
        Assert.That(
            Crossing.Decode<byte[], ConverterCodec<byte[], Bytes>>(Crossing.Hex("a1 61")), Is.EqualTo("a"u8.ToArray()));
    }

    private sealed class Whole : IIpcConverter<string>
    {
        [ThreadStatic]
        private static int s_reads;

        public static int Reads => s_reads;

        public static void Write(ref MessagePackWriter writer, string value) => writer.Write(value);

        public static string Read(ref MessagePackReader reader)
        {
            s_reads++;
            string family = reader.NextMessagePackType.ToString();
            reader.Skip();
            return family;
        }
    }

    private sealed class AsTheyAre : IIpcConverter<byte[]>
    {
        public static void Write(ref MessagePackWriter writer, byte[] value) => writer.WriteRaw(value);

        public static byte[] Read(ref MessagePackReader reader) => throw new NotSupportedException();
    }

    private sealed class Number : IIpcConverter<int>
    {
        public static void Write(ref MessagePackWriter writer, int value) => writer.Write(value);

        public static int Read(ref MessagePackReader reader) => reader.ReadInt32();
    }

    private sealed class HeaderAlone : IIpcConverter<long>
    {
        public static void Write(ref MessagePackWriter writer, long value) => writer.Write(value);

        public static long Read(ref MessagePackReader reader) => reader.ReadArrayHeader();
    }

    private sealed class TooMuch : IIpcConverter<long>
    {
        public static void Write(ref MessagePackWriter writer, long value) => writer.Write(value);

        public static long Read(ref MessagePackReader reader) => reader.ReadArrayHeader() + reader.ReadInt64();
    }

    private sealed class Text : IIpcConverter<string>
    {
        public static void Write(ref MessagePackWriter writer, string value) => writer.Write(value);

        public static string Read(ref MessagePackReader reader) => reader.ReadString()!;
    }

    private sealed class Single : IIpcConverter<float>
    {
        public static void Write(ref MessagePackWriter writer, float value) => writer.Write(value);

        public static float Read(ref MessagePackReader reader) => reader.ReadSingle();
    }

    private sealed class Bytes : IIpcConverter<byte[]>
    {
        public static void Write(ref MessagePackWriter writer, byte[] value) => writer.Write(value);

        public static byte[] Read(ref MessagePackReader reader)
        {
            System.Buffers.ReadOnlySequence<byte> bytes = reader.ReadBytes().GetValueOrDefault();
            return System.Buffers.BuffersExtensions.ToArray(in bytes);
        }
    }
}
