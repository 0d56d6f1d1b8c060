namespace Multiprocess.Serialization;

/// <summary>
/// Writes and reads values of one type. Generated code composes codecs at compile time; none is looked up at run time.
/// </summary>
/// <typeparam name="T">The type of value.</typeparam>
/// <remarks>
/// Implemented by empty structs, so that each composition is compiled for its types and calls are direct. Both methods
/// run on the thread that needs the value, and may be called by any number of threads.
/// </remarks>
public interface IIpcCodec<T>
{
    /// <summary>Writes <paramref name="value"/> as exactly one MessagePack value.</summary>
    static abstract void Write(ref MessagePackWriter writer, T value, IpcWriteContext context);

    /// <summary>Reads exactly one MessagePack value.</summary>
    /// <exception cref="IpcProtocolException">The bytes are malformed. The connection they came from ends.</exception>
    static abstract T Read(ref MessagePackReader reader, IpcReadContext context);
}
