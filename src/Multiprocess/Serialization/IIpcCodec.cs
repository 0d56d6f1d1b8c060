namespace Multiprocess.Serialization;

/// <summary>
/// Writes and reads values of one type. Generated code composes codecs at compile time; no codec is looked up at run
/// time.
/// </summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <remarks>
/// Implemented by empty structs, so that each composition is compiled for its types and its calls are direct. Both
/// methods run on the thread that needs the value; any number of threads may call them at the same time.
/// </remarks>
public interface IIpcCodec<T>
{
    /// <summary>Writes <paramref name="value"/> as exactly one MessagePack value.</summary>
    static abstract void Write(ref MessagePackWriter writer, T value, IpcWriteContext context);

    /// <summary>Reads exactly one MessagePack value.</summary>
    /// <exception cref="IpcProtocolException">The bytes are malformed. The connection that sent them ends.</exception>
    static abstract T Read(ref MessagePackReader reader, IpcReadContext context);
}
