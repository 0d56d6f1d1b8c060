using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Tests.Serialization;

public sealed class ValueCodecTests
{
    [Test]
    public void Primitives_cross()
    {
        Same<bool, BooleanCodec>(true, false);
        Same<byte, ByteCodec>(0, 127, 128, 255);
        Same<sbyte, SByteCodec>(-128, -33, -32, 0, 127);
        Same<short, Int16Codec>(short.MinValue, -1, 0, short.MaxValue);
        Same<ushort, UInt16Codec>(0, 255, 256, ushort.MaxValue);
        Same<int, Int32Codec>(int.MinValue, -1, 0, int.MaxValue);
        Same<uint, UInt32Codec>(0, uint.MaxValue);
        Same<long, Int64Codec>(long.MinValue, 0, long.MaxValue);
        Same<ulong, UInt64Codec>(0, ulong.MaxValue);
        Same<nint, IntPtrCodec>(nint.MinValue, 0, nint.MaxValue);
        Same<nuint, UIntPtrCodec>(0, nuint.MaxValue);
        Same<char, CharCodec>('\0', 'x', '\ud800', '\uffff');
        Same<float, SingleCodec>(0, -0f, float.Epsilon, float.MinValue, float.NaN, float.PositiveInfinity);
        Same<double, DoubleCodec>(0, -0d, double.Epsilon, double.MinValue, double.NaN, double.NegativeInfinity);
    }

    [Test]
    public void Numbers_cross()
    {
        Same<Half, HalfCodec>(Half.MinValue, Half.Epsilon, Half.NaN, Half.PositiveInfinity, (Half)1.5);
        Same<decimal, DecimalCodec>(decimal.MinValue, 0, 1.50m, -0.0000000000000000000000000001m, decimal.MaxValue);
        Same<Int128, Int128Codec>(Int128.MinValue, -1, 0, Int128.MaxValue);
        Same<UInt128, UInt128Codec>(0, UInt128.MaxValue);
        Same<BigInteger, BigIntegerCodec>(0, -1, 255, 256, BigInteger.Pow(2, 1000), -BigInteger.Pow(2, 1000));
        Same<Complex, ComplexCodec>(new Complex(1.5, -2), Complex.NaN);
        Assert.That(
            decimal.GetBits(Crossing.Cross<decimal, DecimalCodec>(new decimal(0, 0, 0, isNegative: true, scale: 28))),
            Is.EqualTo(new[] { 0, 0, 0, unchecked((int)0x801C0000) }));
        Assert.That(
            Crossing.Cross<decimal, DecimalCodec>(1.50m).ToString(CultureInfo.InvariantCulture), Is.EqualTo("1.50"));
    }

    [Test]
    public void Texts_cross()
    {
        Same<string, StringCodec>("", "\0", "plain", "é€😀", new string('€', 30_000));
        Same<Rune, RuneCodec>(new Rune('x'), new Rune(0x10ffff));
        Same<Guid, GuidCodec>(Guid.Empty, new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"));
        Same<Uri, UriCodec>(new Uri("https://example.org/a?b#c"), new Uri("relative/path", UriKind.Relative));
        Same<Version, VersionCodec>(new Version(1, 2), new Version(1, 2, 3), new Version(1, 2, 3, int.MaxValue));
        Same<CultureInfo, CultureInfoCodec>(CultureInfo.InvariantCulture);
    }

    [Test]
    public void Times_cross_with_kind_and_offset()
    {
        var ticks = new DateTime(2024, 2, 29, 23, 59, 59).AddTicks(1234567);
        foreach (DateTimeKind kind in Enum.GetValues<DateTimeKind>())
        {
            foreach (DateTime time in new[] { ticks, DateTime.MinValue.AddDays(2), DateTime.MaxValue.AddDays(-2) })
            {
                DateTime found = Crossing.Cross<DateTime, DateTimeCodec>(DateTime.SpecifyKind(time, kind));

                Assert.That((found.Ticks, found.Kind), Is.EqualTo((time.Ticks, kind)));
            }
        }

        Same<DateTime, DateTimeCodec>(DateTime.MinValue, DateTime.MaxValue, DateTime.UnixEpoch);
        foreach (DateTimeOffset time in new[]
        {
            DateTimeOffset.MinValue,
            DateTimeOffset.MaxValue,
            new DateTimeOffset(ticks, TimeSpan.FromMinutes(-14 * 60)),
            new DateTimeOffset(ticks, TimeSpan.FromMinutes(345))
        })
        {
            DateTimeOffset found = Crossing.Cross<DateTimeOffset, DateTimeOffsetCodec>(time);
            Assert.That((found.Ticks, found.Offset), Is.EqualTo((time.Ticks, time.Offset)));
        }

        Same<DateOnly, DateOnlyCodec>(DateOnly.MinValue, DateOnly.MaxValue);
        Same<TimeOnly, TimeOnlyCodec>(TimeOnly.MinValue, TimeOnly.MaxValue);
        Same<TimeSpan, TimeSpanCodec>(TimeSpan.MinValue, TimeSpan.Zero, TimeSpan.MaxValue);
    }

    [Test]
    public void Bytes_cross_into_memory_of_their_own()
    {
        byte[] bytes = [1, 2, 3];

        Assert.That(Crossing.Cross<byte[], ByteArrayCodec>(bytes), Is.EqualTo(bytes).And.Not.SameAs(bytes));
        Assert.That(Crossing.Cross<Memory<byte>, MemoryOfByteCodec>(bytes).ToArray(), Is.EqualTo(bytes));
        Assert.That(
            Crossing.Cross<ReadOnlyMemory<byte>, ReadOnlyMemoryOfByteCodec>(bytes).ToArray(), Is.EqualTo(bytes));
        Assert.That(
            Crossing.Cross<ReadOnlySequence<byte>, ReadOnlySequenceOfByteCodec>(
                new ReadOnlySequence<byte>(bytes)).ToArray(),
            Is.EqualTo(bytes));
        Assert.That(
            Crossing.Cross<ArraySegment<byte>, ArraySegmentOfByteCodec>(new ArraySegment<byte>(bytes, 1, 2)).ToArray(),
            Is.EqualTo(new byte[] { 2, 3 }));
        Assert.That(Crossing.Cross<ArraySegment<byte>, ArraySegmentOfByteCodec>(default).Array, Is.Null);
    }

    [Test]
    public void Addresses_positions_and_bits_cross()
    {
        Same<IPAddress, IPAddressCodec>(IPAddress.Loopback, IPAddress.IPv6Any, IPAddress.Parse("fe80::1%7"));
        Same<IPEndPoint, IPEndPointCodec>(new IPEndPoint(IPAddress.IPv6Loopback, 65535));
        Same<IPNetwork, IPNetworkCodec>(
            default, IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("192.168.0.128/25"), IPNetwork.Parse("::1/128"));
        Same<Index, IndexCodec>(0, int.MaxValue, ^0, ^1, ^int.MaxValue);
        Same<Range, RangeCodec>(.., 1..^1);
        Assert.That(
            Crossing.Cross<BitArray, BitArrayCodec>(new BitArray([true, false, true])),
            Is.EqualTo(new[] { true, false, true }));
    }

    [Test]
    public void Json_crosses_as_text()
    {
        using JsonDocument document = JsonDocument.Parse("""{"a":[1,null,"é"]}""");

        JsonElement element = Crossing.Cross<JsonElement, JsonElementCodec>(document.RootElement);
        JsonNode node = Crossing.Cross<JsonNode, JsonNodeCodec>(JsonNode.Parse("[1,{}]")!);

        Assert.That(JsonElement.DeepEquals(element, document.RootElement), Is.True);
        Assert.That(node.ToJsonString(), Is.EqualTo("[1,{}]"));
    }

    [Test]
    public void Encodings_are_those_of_the_standard_resolver()
    {
        Assert.That(
            Hex<Guid, GuidCodec>(Guid.Empty),
            Is.EqualTo("D924" + Convert.ToHexString("00000000-0000-0000-0000-000000000000"u8)));
        Assert.That(Hex<decimal, DecimalCodec>(-1.50m), Is.EqualTo("A52D312E3530").IgnoreCase);
        Assert.That(Hex<TimeSpan, TimeSpanCodec>(TimeSpan.FromTicks(5)), Is.EqualTo("05"));
        Assert.That(Hex<DateTime, DateTimeCodec>(DateTime.UnixEpoch), Is.EqualTo("D6FF00000000"));
        Assert.That(Hex<DateTime, DateTimeCodec>(new DateTime(5)), Is.EqualTo("9105"));
        Assert.That(
            Hex<DateTimeOffset, DateTimeOffsetCodec>(
                new DateTimeOffset(DateTime.UnixEpoch.Ticks, TimeSpan.FromMinutes(60))),
            Is.EqualTo("92D6FF000000003C"));
        Assert.That(Hex<Complex, ComplexCodec>(Complex.Zero), Is.EqualTo("92CB0000000000000000CB0000000000000000"));
        Assert.That(Hex<BigInteger, BigIntegerCodec>(256), Is.EqualTo("C4020001"));
        Assert.That(Hex<BitArray, BitArrayCodec>(new BitArray([true, false])), Is.EqualTo("92C3C2"));
        Assert.That(
            Hex<KeyValuePair<int, bool>, KeyValuePairCodec<int, Int32Codec, bool, BooleanCodec>>(new(1, true)),
            Is.EqualTo("9201C3"));
        Assert.That(Hex<Index, IndexCodec>(^1), Is.EqualTo("FE"));
        Assert.That(
            Hex<int[,], Array2DCodec<int, Int32Codec>>(new[,] { { 1, 2, 3 }, { 4, 5, 6 } }),
            Is.EqualTo("93020396010203040506"));
    }

    [Test]
    public void Malformed_values_are_refused()
    {
        Refused<Half, HalfCodec>("ca 7f7fffff");
        Refused<decimal, DecimalCodec>("a1 78");
        Refused<decimal, DecimalCodec>("d9 20" + string.Concat(Enumerable.Repeat("31", 32)));
        Refused<UInt128, UInt128Codec>("c4 01 00");
        Refused<BigInteger, BigIntegerCodec>("c6 00010001" + new string('0', 2 * 65537));
        Refused<string, StringCodec>("c0");
        Refused<byte[], ByteArrayCodec>("c0");
        Refused<Rune, RuneCodec>("cd d800");
        Refused<Guid, GuidCodec>("a1 30");
        Refused<Guid, GuidCodec>("d924" + string.Concat(Enumerable.Repeat("7a", 36)));
        Refused<Version, VersionCodec>("a1 31");
        Refused<DateTime, DateTimeCodec>("91 d3 3fffffffffffffff");
        Refused<DateTime, DateTimeCodec>("92 01 02");
        Refused<DateTimeOffset, DateTimeOffsetCodec>("92 d6ff00000000 cd0349");
        Refused<DateTimeOffset, DateTimeOffsetCodec>("92 c70cff00000000fffffff1886e0900 01");
        Refused<DateOnly, DateOnlyCodec>("ff");
        Refused<TimeOnly, TimeOnlyCodec>("cf 000000c92a69c000");
        Refused<IPAddress, IPAddressCodec>("c4 01 00");
        Refused<IPEndPoint, IPEndPointCodec>("92 c404 7f000001 ce00010000");
        Refused<IPNetwork, IPNetworkCodec>("92 c404 7f000000 21");
        Refused<IPNetwork, IPNetworkCodec>("92 c404 7f000001 08");
        Refused<IPNetwork, IPNetworkCodec>("92 c404 7f000000 cd0100");
        Refused<JsonElement, JsonElementCodec>("a1 7b");
        Refused<JsonElement, JsonElementCodec>("a3 31 20 31");
        Refused<JsonElement, JsonElementCodec>("a3 22 ff 22");
        Refused<JsonNode, JsonNodeCodec>("a4 6e756c6c");
        Refused<(int, int), ValueTupleCodec<int, Int32Codec, int, Int32Codec>>("91 01");
    }

    [Test]
    public void Culture_that_is_not_known_fails_the_call_alone()
    {
        IpcException? thrown = Assert.Throws<IpcException>(
            () => Crossing.Decode<CultureInfo, CultureInfoCodec>(Crossing.Hex("a5 78782d7878")));

        Assert.That(thrown!.Kind, Is.EqualTo(IpcErrorKind.ArgumentNotDecoded));
    }

    [Test]
    public void Json_deeper_than_the_message_may_be_is_refused()
    {
        string text = new string('[', 20) + new string(']', 20);
        byte[] bytes = Crossing.Encode<string, StringCodec>(text);

        Assert.That(
            () => Crossing.Decode<JsonElement, JsonElementCodec>(bytes, new PlainReadContext(maxDepth: 10)),
            Throws.TypeOf<IpcProtocolException>());
        Assert.That(
            () => Crossing.Encode<JsonNode, JsonNodeCodec>(JsonNode.Parse(text)!, new PlainWriteContext(maxDepth: 10)),
            Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
                IpcErrorKind.ArgumentNotEncoded));
    }

    [Test]
    public void Null_is_not_written_as_what_may_not_be_null()
    {
        Assert.That(() => Crossing.Encode<string, StringCodec>(null!), Throws.ArgumentNullException);
        Assert.That(() => Crossing.Encode<byte[], ByteArrayCodec>(null!), Throws.ArgumentNullException);
        Assert.That(() => Crossing.Encode<Uri, UriCodec>(null!), Throws.ArgumentNullException);
        Assert.That(() => Crossing.Encode<object, NonNullReferenceCodec<object>>(null!), Throws.ArgumentNullException);
        Refused<object, NonNullReferenceCodec<object>>("c0");
    }

    [Test]
    public void Null_and_references_cross()
    {
        object target = new();

        Same<int?, NullableCodec<int, Int32Codec>>(null, 5);
        Same<string?, NullableReferenceCodec<string, StringCodec>>(null, "x");
        Assert.That(Crossing.Cross<object?, ReferenceCodec<object>>(target), Is.SameAs(target));
        Assert.That(Crossing.Cross<object?, ReferenceCodec<object>>(null), Is.Null);
        Assert.That(Crossing.Cross<object, NonNullReferenceCodec<object>>(target), Is.SameAs(target));
    }

    [Test]
    public void Tuples_cross_and_the_rest_is_an_array_of_its_own()
    {
        Same<ValueTuple<int>, ValueTupleCodec<int, Int32Codec>>(new ValueTuple<int>(1));
        Same<(int, string), ValueTupleCodec<int, Int32Codec, string, StringCodec>>((1, "x"));
        Same<Tuple<int, string>, TupleCodec<int, Int32Codec, string, StringCodec>>(Tuple.Create(1, "x"));

        (int, int, int, int, int, int, int, int) eight = (1, 2, 3, 4, 5, 6, 7, 8);
        Same<
            (int, int, int, int, int, int, int, int),
            ValueTupleCodec<
                int, Int32Codec, int, Int32Codec, int, Int32Codec, int, Int32Codec, int, Int32Codec, int, Int32Codec,
                int, Int32Codec, ValueTuple<int>, ValueTupleCodec<int, Int32Codec>>>(
            eight);
        Assert.That(
            Hex<
                (int, int, int, int, int, int, int, int),
                ValueTupleCodec<
                    int, Int32Codec, int, Int32Codec, int, Int32Codec, int, Int32Codec, int, Int32Codec,
                    int, Int32Codec, int, Int32Codec, ValueTuple<int>, ValueTupleCodec<int, Int32Codec>>>(
                eight),
            Is.EqualTo("98010203040506079108"));
    }

    private static void Same<T, TCodec>(params T[] values)
        where TCodec : struct, IIpcCodec<T>
    {
        foreach (T value in values)
        {
            Assert.That(Crossing.Cross<T, TCodec>(value), Is.EqualTo(value));
        }
    }

    private static string Hex<T, TCodec>(T value)
        where TCodec : struct, IIpcCodec<T>
        => Convert.ToHexString(Crossing.Encode<T, TCodec>(value));

    private static void Refused<T, TCodec>(string hex)
        where TCodec : struct, IIpcCodec<T>
        => Assert.That(
            () => Crossing.Decode<T, TCodec>(Crossing.Hex(hex)),
            Throws.TypeOf<IpcProtocolException>(),
            $"{typeof(TCodec).Name} took {hex}.");
}
