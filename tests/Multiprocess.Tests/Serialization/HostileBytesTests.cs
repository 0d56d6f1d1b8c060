using System.Collections.Frozen;
using System.Net;
using System.Numerics;
using System.Text.Json;
using Multiprocess.Buffers;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Tests.Serialization;

public sealed class HostileBytesTests
{
    private const int Rounds = 3000;

    [Test]
    public void Changed_bytes_are_read_or_refused_and_nothing_else()
    {
        Mangle<
            Dictionary<string, List<int?>>,
            DictionaryCodec<string, StringCodec, List<int?>, ListCodec<int?, NullableCodec<int, Int32Codec>>>>(
            new(StringComparer.OrdinalIgnoreCase) { ["a"] = [1, null], ["bc"] = [70000] });
        Mangle<int[,], Array2DCodec<int, Int32Codec>>(new[,] { { 1, 2 }, { 300, 4 } });
        Mangle<HashSet<string>, HashSetCodec<string, StringCodec>>(new(["é", "x"], StringComparer.InvariantCulture));
        Mangle<FrozenDictionary<int, string>, FrozenDictionaryCodec<int, Int32Codec, string, StringCodec>>(
            new Dictionary<int, string> { [1] = "x", [500] = "" }.ToFrozenDictionary());
        Mangle<
            (DateTime, DateTimeOffset, TimeOnly, DateOnly),
            ValueTupleCodec<
                DateTime, DateTimeCodec, DateTimeOffset, DateTimeOffsetCodec, TimeOnly, TimeOnlyCodec,
                DateOnly, DateOnlyCodec>>(
            (new DateTime(5), DateTimeOffset.UnixEpoch, TimeOnly.MaxValue, DateOnly.MaxValue));
        Mangle<
            (decimal, BigInteger, Half, Guid),
            ValueTupleCodec<
                decimal, DecimalCodec, BigInteger, BigIntegerCodec, Half, HalfCodec, Guid, GuidCodec>>(
            (1.5m, BigInteger.Pow(7, 50), (Half)2, Guid.Empty));
        Mangle<
            (IPEndPoint, Uri, Version, DayOfWeek),
            ValueTupleCodec<
                IPEndPoint, IPEndPointCodec, Uri, UriCodec, Version, VersionCodec, DayOfWeek, EnumCodec<DayOfWeek>>>(
            (new IPEndPoint(IPAddress.Loopback, 80), new Uri("http://a/"), new Version(1, 2), DayOfWeek.Friday));
        Mangle<JsonElement, JsonElementCodec>(JsonElement.Parse("""{"a":[1,2.5,"\u00e9",null]}"""));
    }

    [Test]
    public void Warm_primitives_and_text_are_written_without_allocation()
    {
        using var buffer = new PooledBufferWriter();
        var context = new PlainWriteContext();
        WriteSome(buffer, context);

        long before = GC.GetAllocatedBytesForCurrentThread();
        WriteSome(buffer, context);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static void WriteSome(PooledBufferWriter buffer, PlainWriteContext context)
    {
        buffer.Clear();
        var writer = new MessagePackWriter(buffer);
        Int32Codec.Write(ref writer, 70000, context);
        DoubleCodec.Write(ref writer, 1.5, context);
        StringCodec.Write(ref writer, "some text", context);
        GuidCodec.Write(ref writer, Guid.Empty, context);
        DecimalCodec.Write(ref writer, 1.5m, context);
        EnumCodec<DayOfWeek>.Write(ref writer, DayOfWeek.Friday, context);
        writer.Flush();
    }

    private static void Mangle<T, TCodec>(T value)
        where TCodec : struct, IIpcCodec<T>
    {
        byte[] bytes = Crossing.Encode<T, TCodec>(value);
        for (int seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            byte[] mangled = [.. bytes];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                mangled[random.Next(mangled.Length)] = (byte)random.Next(256);
            }

            Exception? thrown = Attempt<T, TCodec>(mangled);

            Assert.That(
                thrown,
                Is.Null.Or.InstanceOf<IpcException>(),
                $"{typeof(TCodec).Name}, seed {seed}: {Convert.ToHexString(mangled)}");
        }
    }

    private static Exception? Attempt<T, TCodec>(byte[] bytes)
        where TCodec : struct, IIpcCodec<T>
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            TCodec.Read(ref reader, new PlainReadContext());
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
