using System.Collections;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Types;

/// <summary>There and back, a value of each type, with those at its edges.</summary>
public static class ValueRoundTrips
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Of<bool>(root => root.Echo, true, false),
        Of<byte>(root => root.Echo, 0, 127, 128, byte.MaxValue),
        Of<sbyte>(root => root.Echo, sbyte.MinValue, -1, 0, sbyte.MaxValue),
        Of<short>(root => root.Echo, short.MinValue, -33, 0, short.MaxValue),
        Of<ushort>(root => root.Echo, 0, 256, ushort.MaxValue),
        Of<int>(root => root.Echo, int.MinValue, -1, 0, int.MaxValue),
        Of<uint>(root => root.Echo, 0, 65536, uint.MaxValue),
        Of<long>(root => root.Echo, long.MinValue, -1, 0, long.MaxValue),
        Of<ulong>(root => root.Echo, 0, uint.MaxValue + 1UL, ulong.MaxValue),
        Of<nint>(root => root.Echo, nint.MinValue, 0, nint.MaxValue),
        Of<nuint>(root => root.Echo, 0, nuint.MaxValue),
        Of<char>(root => root.Echo, '\0', 'A', '\uD800', '\uFFFF'),
        Of<float>(root => root.Echo, 0, -0f, 1.25f, float.Epsilon, float.NaN, float.NegativeInfinity),
        Of<double>(root => root.Echo, 0, -0d, 1.25, double.Epsilon, double.NaN, double.PositiveInfinity),
        Of<Half>(root => root.Echo, (Half)1.5, Half.Epsilon, Half.MaxValue, Half.NaN),
        Of<decimal>(root => root.Echo, 0, 1.50m, -0.0000000000000000000000000001m, decimal.MaxValue, decimal.MinValue),
        Of<Int128>(root => root.Echo, Int128.MinValue, -1, 0, Int128.MaxValue),
        Of<UInt128>(root => root.Echo, 0, UInt128.MaxValue),
        Of<BigInteger>(root => root.Echo, 0, -256, BigInteger.Pow(7, 500)),
        Of<Complex>(root => root.Echo, new Complex(1, -2), Complex.Zero),
        Of<string>(root => root.Echo, "", "a", "hällo \U0001F600\0", new string('x', 100_000)),
        Of<Guid>(root => root.Echo, Guid.Empty, new Guid("00112233-4455-6677-8899-aabbccddeeff")),
        Of<DateTime>(
            root => root.Echo,
            DateTime.MinValue,
            DateTime.MaxValue,
            new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Utc),
            new DateTime(5, DateTimeKind.Local)),
        Of<DateTimeOffset>(
            root => root.Echo,
            DateTimeOffset.MinValue,
            new DateTimeOffset(2024, 2, 29, 1, 2, 3, TimeSpan.FromMinutes(-345))),
        Of<DateOnly>(root => root.Echo, DateOnly.MinValue, DateOnly.MaxValue),
        Of<TimeOnly>(root => root.Echo, TimeOnly.MinValue, TimeOnly.MaxValue),
        Of<TimeSpan>(root => root.Echo, TimeSpan.MinValue, TimeSpan.FromTicks(1), TimeSpan.MaxValue),
        Of<Uri>(root => root.Echo, new Uri("https://example.org/a?b=%20#c"), new Uri("../relative", UriKind.Relative)),
        Of<Version>(root => root.Echo, new Version(1, 2), new Version(1, 2, 3, 4)),
        Of<IPAddress>(root => root.Echo, IPAddress.Loopback, IPAddress.IPv6Any, IPAddress.Parse("fe80::1%3")),
        Of<IPEndPoint>(
            root => root.Echo, new IPEndPoint(IPAddress.Loopback, 80), new IPEndPoint(IPAddress.IPv6Loopback, 65535)),
        Of<IPNetwork>(root => root.Echo, default, IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fe80::/10")),
        Of<CultureInfo>(root => root.Echo, CultureInfo.InvariantCulture),
        Of<Rune>(root => root.Echo, new Rune('a'), new Rune(0x10FFFF)),
        Of<Index>(root => root.Echo, 0, ^0, 5, ^5),
        Of<Range>(root => root.Echo, .., 1..^1),
        Of<BitArray>(root => root.Echo, new BitArray(0), new BitArray([true, false, true])),
        Of<JsonElement>(
            root => root.Echo, JsonElement.Parse("""{"a":[1,2.50,null,"x"],"b":{}}"""), JsonElement.Parse("null")),
        Of<JsonNode>(root => root.Echo, JsonNode.Parse("""{"a":[1,true,"x"]}""")!, JsonValue.Create(5)),
        Of<int?>(root => root.Echo, null, 0, 5),
        Of<DateTime?>(root => root.Echo, null, DateTime.UnixEpoch),
        Of<(int, string)>(root => root.Echo, (1, "a")),
        Of<(int A, (string? B, double C) D)?>(root => root.Echo, null, (1, (null, 2)), (1, ("b", 2))),
        Of<(int, int, int, string)>(root => root.Echo, (1, 2, 3, "4")),
        Of<(int, int, int, int, string)>(root => root.Echo, (1, 2, 3, 4, "5")),
        Of<(int, int, int, int, int, string)>(root => root.Echo, (1, 2, 3, 4, 5, "6")),
        Of<(int, int, int, int, int, int, string)>(root => root.Echo, (1, 2, 3, 4, 5, 6, "7")),
        Of<(int, int, int, int, int, int, int, string)>(root => root.Echo, (1, 2, 3, 4, 5, 6, 7, "8")),
        Of<(int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, string)>(
            root => root.Echo, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, "16")),
        Of<Tuple<int, string?>>(root => root.Echo, new Tuple<int, string?>(1, null), new Tuple<int, string?>(2, "b")),
        Of<Tuple<int, int, string>>(root => root.Echo, Tuple.Create(1, 2, "3")),
        Of<Tuple<int, int, int, string>>(root => root.Echo, Tuple.Create(1, 2, 3, "4")),
        Of<Tuple<int, int, int, int, string>>(root => root.Echo, Tuple.Create(1, 2, 3, 4, "5")),
        Of<Tuple<int, int, int, int, int, string>>(root => root.Echo, Tuple.Create(1, 2, 3, 4, 5, "6")),
        Of<Tuple<int, int, int, int, int, int, string>>(root => root.Echo, Tuple.Create(1, 2, 3, 4, 5, 6, "7")),
        Of<Tuple<int, int, int, int, int, int, int, Tuple<int>>>(
            root => root.Echo, Tuple.Create(1, 2, 3, 4, 5, 6, 7, 8)),
        Of<KeyValuePair<string, int>>(root => root.Echo, KeyValuePair.Create("a", 1)),
    ];

    private static Scenario Of<T>(Func<IValues, Func<T, T>> echo, params T[] values) => new(
        "Value: " + TypeName.Of(typeof(T)),
        (workshop, notes) =>
        {
            var root = workshop.Values();
            foreach (T value in values)
            {
                notes.Add("echo", echo(root)(value));
            }

            return Task.CompletedTask;
        });
}
