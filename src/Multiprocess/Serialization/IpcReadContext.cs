namespace Multiprocess.Serialization;

/// <summary>
/// The state of reading one message, apart from its bytes: the limits, and the source of object references.
/// </summary>
/// <remarks>Belongs to one message on one thread.</remarks>
public abstract class IpcReadContext
{
    private int _depth;
    private long _budget = long.MaxValue;

    /// <summary>Deepest nesting of values, in levels. Default 64; 8 to 1,024.</summary>
    public int MaxDepth { get; protected set; } = 64;

    /// <summary>True once a sensitive value was read: the message's buffer is wiped.</summary>
    public bool IsSensitive { get; private set; }

    /// <summary>The options for formatters of MessagePack-CSharp.</summary>
    public MessagePackSerializerOptions MessagePack => Formatting ?? FormatterOptions.Default;

    /// <summary>The value of <see cref="MessagePack"/>; null for the default.</summary>
    protected MessagePackSerializerOptions? Formatting { get; init; }

    /// <summary>Called by a codec before it reads a sensitive value.</summary>
    public void MarkSensitive() => IsSensitive = true;

    /// <summary>Called by a codec before it reads the members or elements of a value.</summary>
    /// <exception cref="IpcProtocolException">The value nests deeper than <see cref="MaxDepth"/>.</exception>
    public void Enter()
    {
        if (++_depth > MaxDepth)
        {
            throw new IpcProtocolException($"The value nests deeper than the limit of {MaxDepth} levels.") { At = -1 };
        }
    }

    /// <summary>Called by a codec after it read the members or elements of a value.</summary>
    public void Leave() => _depth--;

    /// <summary>
    /// Reads an array header and checks the count against the remaining bytes and the message's budget of decoded size.
    /// </summary>
    /// <param name="reader">The reader, at an array header.</param>
    /// <param name="elementSize">Size of one element in memory, in bytes.</param>
    public int ReadArrayHeader(ref MessagePackReader reader, int elementSize)
    {
        int count = reader.ReadStrictArrayHeader();
        Charge((long)count * elementSize);
        return count;
    }

    /// <summary>
    /// Reads a map header and checks the count against the remaining bytes and the message's budget of decoded size.
    /// </summary>
    /// <param name="reader">The reader, at a map header.</param>
    /// <param name="entrySize">Size of one entry in memory, in bytes.</param>
    public int ReadMapHeader(ref MessagePackReader reader, int entrySize)
    {
        int count = reader.ReadStrictMapHeader();
        Charge((long)count * entrySize);
        return count;
    }

    /// <summary>Reads an array header and checks the count against the remaining bytes.</summary>
    public int ReadArrayHeader(ref MessagePackReader reader) => reader.ReadStrictArrayHeader();

    /// <summary>Reads a map header and checks the count against the remaining bytes.</summary>
    public int ReadMapHeader(ref MessagePackReader reader) => reader.ReadStrictMapHeader();

    /// <summary>Reads the key of a map entry: text, or nil for null.</summary>
    public string? ReadKey(ref MessagePackReader reader) => reader.ReadStrictString();

    /// <summary>Skips the next value with everything in it.</summary>
    public void Skip(ref MessagePackReader reader) => reader.SkipStrict();

    /// <summary>Takes <paramref name="bytes"/> from the message's budget of decoded size.</summary>
    /// <exception cref="IpcProtocolException">The budget is used up.</exception>
    public void Charge(long bytes)
    {
        if ((_budget -= bytes) < 0)
        {
            throw new IpcProtocolException(
                "Decoded message: Expected a size within the limit, got a larger one.") { At = -1 };
        }
    }

    /// <summary>Reads a reference to an interface or a delegate, or nil.</summary>
    public abstract T? ReadReference<T>(ref MessagePackReader reader) where T : class;

    /// <summary>Reads a reference for which one contract has its own stub, or nil.</summary>
    public virtual T? ReadReference<T, TStub>(ref MessagePackReader reader)
        where T : class
        where TStub : class, new()
        => ReadReference<T>(ref reader);

    /// <summary>Reads a descriptor. The caller owns it and must close it.</summary>
    /// <returns>The number of the descriptor. It is closed on exec.</returns>
    /// <exception cref="IpcException">
    /// The descriptors of the message exceeded <see cref="IpcLimits.MaxWaitingDescriptors"/>, or this process may open
    /// no more; they were closed.
    /// </exception>
    /// <exception cref="IpcProtocolException">The value is not a descriptor of the message.</exception>
    public virtual int ReadDescriptor(ref MessagePackReader reader)
        => throw new NotSupportedException("A descriptor can be read only from a message of a connection.");

    /// <summary>
    /// Called by a codec after it opened a value over a descriptor. The value is disposed if the rest of the message
    /// cannot be read, because then no method or caller receives it.
    /// </summary>
    internal virtual void NoteOpened(IDisposable value)
    {
    }

    /// <summary>
    /// Called by a codec after it read a reference that is borrowed for one call: the reference is released when that
    /// call has ended.
    /// </summary>
    public virtual void Borrow(object value)
    {
    }

    /// <summary>Resets the context for another message.</summary>
    protected void Reset(long budget)
    {
        _depth = 0;
        IsSensitive = false;
        _budget = budget;
    }
}
