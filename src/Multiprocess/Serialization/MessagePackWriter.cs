using System.Buffers;

namespace Multiprocess.Serialization;

/// <summary>Writes MessagePack.</summary>
public ref struct MessagePackWriter
{
    /// <summary>Creates the writer.</summary>
    public MessagePackWriter(IBufferWriter<byte> writer) => throw new NotImplementedException();
}
