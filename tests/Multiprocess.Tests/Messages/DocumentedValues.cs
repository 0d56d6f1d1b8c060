using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Tests.Serialization;

namespace Multiprocess.Tests.Messages;

/// <summary>
/// The examples of PROTOCOL.md's table of values, by the text that stands there: the compiler reads the same text.
/// </summary>
internal static class DocumentedValues
{
    private static readonly Dictionary<string, byte[]> s_bytes = [];

    static DocumentedValues()
    {
        Add<bool, BooleanCodec>(true);
        Add<int, Int32Codec>(200);
        Add<short, Int16Codec>(-200);
        Add<char, CharCodec>('A');
        Add<DayOfWeek, EnumCodec<DayOfWeek>>(DayOfWeek.Friday);
        Add<float, SingleCodec>(1.5f);
        Add<Half, HalfCodec>((Half)1.5);
        Add<double, DoubleCodec>(1.5);
        Add<decimal, DecimalCodec>(1.50m);
        Add<Int128, Int128Codec>((Int128)(-1));
        Add<BigInteger, BigIntegerCodec>(new BigInteger(256));
        Add<Complex, ComplexCodec>(new Complex(1, 2));
        Add<string, StringCodec>("hé");
        Add<Guid, GuidCodec>(Guid.Empty);
        Add<DateTime, DateTimeCodec>(DateTime.UnixEpoch);
        Add<DateTime, DateTimeCodec>(new DateTime(1));
        Add<DateTimeOffset, DateTimeOffsetCodec>(new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.FromHours(1)));
        Add<DateOnly, DateOnlyCodec>(new DateOnly(1, 1, 2));
        Add<TimeOnly, TimeOnlyCodec>(new TimeOnly(1));
        Add<TimeSpan, TimeSpanCodec>(TimeSpan.FromSeconds(1));
        Add<Uri, UriCodec>(new Uri("urn:x"));
        Add<Version, VersionCodec>(new Version(1, 2, 3));
        Add<CultureInfo, CultureInfoCodec>(CultureInfo.InvariantCulture);
        Add<Rune, RuneCodec>(new Rune(0x1F600));
        Add<Index, IndexCodec>(^1);
        Add<Range, RangeCodec>(1..^1);
        Add<IPAddress, IPAddressCodec>(IPAddress.Loopback);
        Add<IPEndPoint, IPEndPointCodec>(new IPEndPoint(IPAddress.Loopback, 80));
        Add<IPNetwork, IPNetworkCodec>(IPNetwork.Parse("127.0.0.0/8"));
        Add<BitArray, BitArrayCodec>(new BitArray([true, false]));
        Add<JsonNode, JsonNodeCodec>(JsonNode.Parse("[1]"));
        Add<int?, NullableCodec<int, Int32Codec>>(null);
        Add<ImmutableArray<int>?, NullableCodec<ImmutableArray<int>, ImmutableArrayCodec<int, Int32Codec>>>(
            default(ImmutableArray<int>));
        Add<ArraySegment<byte>?, NullableCodec<ArraySegment<byte>, ArraySegmentOfByteCodec>>(
            default(ArraySegment<byte>));
        Add<byte[], ByteArrayCodec>(new byte[] { 1, 2 });
        Add<int[], ArrayCodec<int, Int32Codec>>(new[] { 1, 2 });
        Add<int[,], Array2DCodec<int, Int32Codec>>(new[,] { { 1, 2 } });
        Add<Stack<int>, StackCodec<int, Int32Codec>>(new Stack<int>([1, 2]));
        Add<HashSet<int>, HashSetCodec<int, Int32Codec>>(new HashSet<int> { 3 });
        Add<HashSet<string>, HashSetCodec<string, StringCodec>>(
            new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "a" });
        Add<Dictionary<string, int>, DictionaryCodec<string, StringCodec, int, Int32Codec>>(
            new Dictionary<string, int> { ["a"] = 1 });
        Add<Dictionary<string, int>, DictionaryCodec<string, StringCodec, int, Int32Codec>>(
            new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 });
        Add<KeyValuePair<string, int>, KeyValuePairCodec<string, StringCodec, int, Int32Codec>>(
            KeyValuePair.Create("a", 1));
        Add<(int, string), ValueTupleCodec<int, Int32Codec, string, StringCodec>>((1, "a"));
        Add<
            (int, int, int, int, int, int, int, int),
            ValueTupleCodec<
                int, Int32Codec, int, Int32Codec, int, Int32Codec, int, Int32Codec, int, Int32Codec, int, Int32Codec,
                int, Int32Codec, ValueTuple<int>, ValueTupleCodec<int, Int32Codec>>>(
            (1, 2, 3, 4, 5, 6, 7, 8));
    }

    public static IEnumerable<string> Examples => s_bytes.Keys;

    public static byte[] Encode(string example)
        => s_bytes.TryGetValue(example, out byte[]? bytes)
            ? bytes
            : throw new AssertionException($"No value is known for the example {example}.");

    private static void Add<T, TCodec>(T? value, [CallerArgumentExpression(nameof(value))] string text = "")
        where TCodec : struct, IIpcCodec<T>
        => s_bytes.Add(text, Crossing.Encode<T, TCodec>(value!));
}
