namespace Multiprocess.Benchmarks.Contracts;

/// <summary>Answers the calls that come back to the client.</summary>
internal sealed class Caller(IBenchmark server) : ICaller
{
    /// <summary>The last byte that came, so that somebody looks at what came.</summary>
    public byte Last { get; private set; }

    public int Nest(int depth) => depth == 0 ? 1 : 1 + server.Nest(depth - 1);

    // As the raw baseline: the bytes have arrived in a buffer that is used again, and stay there.
    public void Take(ReadOnlySpan<byte> bytes) => Last = bytes[^1];
}
