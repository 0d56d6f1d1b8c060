namespace Multiprocess.Serialization;

/// <summary>Reads MessagePack.</summary>
public ref struct MessagePackReader
{
    /// <summary>Creates the reader.</summary>
    public MessagePackReader(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    /// <summary>Reads an array header.</summary>
    public int ReadArrayHeader() => throw new NotImplementedException();

    /// <summary>Reads a map header.</summary>
    public int ReadMapHeader() => throw new NotImplementedException();
}
