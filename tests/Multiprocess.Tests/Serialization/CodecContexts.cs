using Multiprocess.Buffers;
using Multiprocess.Serialization;

namespace Multiprocess.Tests.Serialization;

internal sealed class PlainWriteContext : IpcWriteContext
{
    public PlainWriteContext(int maxDepth = 64) => MaxDepth = maxDepth;

    public List<object?> References { get; } = [];

    public override void WriteReference<T>(ref MessagePackWriter writer, T? value)
        where T : class
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        writer.Write(References.Count);
        References.Add(value);
    }
}

internal sealed class PlainReadContext : IpcReadContext
{
    private readonly IReadOnlyList<object?> _references;

    public PlainReadContext(int maxDepth = 64, long budget = 1 << 20, IReadOnlyList<object?>? references = null)
    {
        MaxDepth = maxDepth;
        _references = references ?? [];
        Reset(budget);
    }

    public override T? ReadReference<T>(ref MessagePackReader reader)
        where T : class
        => reader.TryReadStrictNil() ? null : (T?)_references[reader.ReadStrictInt32()];
}

internal static class Crossing
{
    public static byte[] Encode<T, TCodec>(T value, PlainWriteContext? context = null)
        where TCodec : struct, IIpcCodec<T>
    {
        using var buffer = new PooledBufferWriter();
        var writer = new MessagePackWriter(buffer);
        context ??= new PlainWriteContext();
        context.Output = buffer;
        TCodec.Write(ref writer, value, context);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static T Decode<T, TCodec>(byte[] bytes, PlainReadContext? context = null)
        where TCodec : struct, IIpcCodec<T>
    {
        var reader = new MessagePackReader(bytes);
        T value = TCodec.Read(ref reader, context ?? new PlainReadContext());
        Assert.That(reader.End, Is.True, "The codec left bytes behind.");
        return value;
    }

    public static T Cross<T, TCodec>(T value)
        where TCodec : struct, IIpcCodec<T>
    {
        var context = new PlainWriteContext();
        byte[] bytes = Encode<T, TCodec>(value, context);

        var reader = new MessagePackReader(bytes);
        reader.SkipStrict();
        Assert.That(reader.End, Is.True, "The codec wrote other than exactly one value.");

        for (int length = 0; length < Math.Min(bytes.Length, 64); length++)
        {
            byte[] prefix = bytes[..length];
            Assert.That(
                () => Decode<T, TCodec>(prefix, new PlainReadContext(references: context.References)),
                Throws.TypeOf<IpcProtocolException>(),
                $"The first {length} of {bytes.Length} bytes were taken for a value.");
        }

        return Decode<T, TCodec>(bytes, new PlainReadContext(references: context.References));
    }

    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", ""));
}
