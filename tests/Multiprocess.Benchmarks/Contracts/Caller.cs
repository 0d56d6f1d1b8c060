namespace Multiprocess.Benchmarks.Contracts;

/// <summary>Answers the calls that come back to the client.</summary>
internal sealed class Caller(IBenchmark server) : ICaller
{
    private readonly byte[] _taken = new byte[1024 * 1024];

    public int Nest(int depth) => depth == 0 ? 1 : 1 + server.Nest(depth - 1);

    public void Take(ReadOnlySpan<byte> bytes) => bytes.CopyTo(_taken);
}
