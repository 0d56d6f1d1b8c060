using Multiprocess.Serialization;

namespace Multiprocess.Generator.Tests.Harness;

/// <summary>Reads values that hold no references.</summary>
internal sealed class ReadContext : IpcReadContext
{
    public override T? ReadReference<T>(ref MessagePackReader reader) where T : class
        => throw new NotSupportedException();
}

/// <summary>Writes values that hold no references.</summary>
internal sealed class WriteContext : IpcWriteContext
{
    public override void WriteReference<T>(ref MessagePackWriter writer, T? value) where T : class
        => throw new NotSupportedException();
}
