using System.ComponentModel;
using Multiprocess.Serialization;

namespace Multiprocess.Generated;

/// <summary>The base of generated codecs for exception types marked <see cref="IpcFaultAttribute"/>.</summary>
/// <typeparam name="T">The exception type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class IpcFaultCodec<T> where T : Exception
{
    /// <summary>Creates the codec.</summary>
    /// <param name="name">The type's full name, which identifies it on both sides.</param>
    protected IpcFaultCodec(string name) => Name = name;

    /// <summary>The type's full name.</summary>
    public string Name { get; }

    /// <summary>Writes the members of the exception, without message and inner exception, as one array.</summary>
    public abstract void Write(ref MessagePackWriter writer, T exception, IpcWriteContext context);

    /// <summary>Reads the members and recreates the exception.</summary>
    public abstract T Read(
        ref MessagePackReader reader,
        IpcReadContext context,
        string message,
        Exception? innerException);
}
