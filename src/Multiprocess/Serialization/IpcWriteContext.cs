using System.Runtime.InteropServices;
using Multiprocess.Buffers;

namespace Multiprocess.Serialization;

/// <summary>
/// The state of writing one message, apart from its bytes: the current depth, and the target of object references.
/// </summary>
/// <remarks>Belongs to one message on one thread.</remarks>
public abstract class IpcWriteContext
{
    private int _depth;

    /// <summary>Deepest nesting of values, in levels. Default 64; 8 to 1,024.</summary>
    public int MaxDepth { get; protected set; } = 64;

    /// <summary>
    /// True once a sensitive value was written: the message is never logged, and its buffer is wiped.
    /// </summary>
    public bool IsSensitive { get; private set; }

    /// <summary>The options for formatters of MessagePack-CSharp.</summary>
    public MessagePackSerializerOptions MessagePack => Formatting ?? FormatterOptions.Default;

    /// <summary>The value of <see cref="MessagePack"/>; null for the default.</summary>
    protected MessagePackSerializerOptions? Formatting { get; init; }

    /// <summary>
    /// The buffer to which the writer of the value writes, so that the value can be read back; null when unknown.
    /// </summary>
    internal PooledBufferWriter? Output { get; set; }

    /// <summary>Called by a codec before it writes a sensitive value.</summary>
    public virtual void MarkSensitive() => IsSensitive = true;

    /// <summary>Called by a codec before it writes the members or elements of a value.</summary>
    /// <exception cref="IpcException">The value nests deeper than <see cref="MaxDepth"/>; nothing was sent.</exception>
    public void Enter()
    {
        if (++_depth > MaxDepth)
        {
            throw new IpcException(
                IpcErrorKind.ArgumentNotEncoded,
                $"The value nests deeper than the limit of {MaxDepth} levels; is it a cycle?");
        }
    }

    /// <summary>Called by a codec after it wrote the members or elements of a value.</summary>
    public void Leave() => _depth--;

    /// <summary>Writes a reference to <paramref name="value"/>, an interface or a delegate; nil for null.</summary>
    public abstract void WriteReference<T>(ref MessagePackWriter writer, T? value) where T : class;

    /// <summary>
    /// Writes a reference to <paramref name="value"/>, for which one contract has its own stub; nil for null.
    /// </summary>
    public virtual void WriteReference<T, TStub>(ref MessagePackWriter writer, T? value)
        where T : class
        where TStub : class, new()
        => WriteReference(ref writer, value);

    /// <summary>
    /// Writes a descriptor: a file, a socket or another open object of the system that a handle of this process owns.
    /// The receiver gets a duplicate; the caller keeps the handle.
    /// </summary>
    /// <param name="writer">Receives the value.</param>
    /// <param name="handle">The handle. Its value is the number of a descriptor.</param>
    /// <exception cref="NotSupportedException">
    /// Descriptors cannot cross on this connection; nothing was sent.
    /// </exception>
    /// <exception cref="IpcException">
    /// The message would exceed the receiver's <see cref="IpcLimits.MaxDescriptors"/>, or the system has no descriptor
    /// left; nothing was sent.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    public virtual void WriteDescriptor(ref MessagePackWriter writer, SafeHandle handle)
        => throw new NotSupportedException("A descriptor can be written only into a message of a connection.");

    /// <summary>Number of descriptors written.</summary>
    public virtual int DescriptorCount => 0;

    /// <summary>Resets the context for another message.</summary>
    protected void Reset()
    {
        _depth = 0;
        IsSensitive = false;
    }
}
