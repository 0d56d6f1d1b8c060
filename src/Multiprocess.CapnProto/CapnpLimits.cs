namespace Multiprocess.CapnProto;

/// <summary>
/// How much of a received Cap'n Proto message this side accepts and reads. Checked before memory is allocated.
/// </summary>
/// <remarks>Immutable, so any number of threads and connections may use one object.</remarks>
public sealed class CapnpLimits
{
    /// <summary>The default limits.</summary>
    public static CapnpLimits Default { get; } = new();

    /// <summary>
    /// Words of 8 bytes that may be read from one message. Default 8,388,608 (64 MiB); 1 to 134,217,728.
    /// </summary>
    /// <remarks>
    /// Several pointers may lead to one object, so a small message can describe a huge tree. An object counts again
    /// each time that a pointer to it is followed. Each element of a list without size counts as a word.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public long MaxTraversalWords
    {
        get;
        init => field = InRange(value, 1, 128L * 1024 * 1024, nameof(MaxTraversalWords));
    } = 8L * 1024 * 1024;

    /// <summary>Nested pointers that may be followed from the root. Default 64; 1 to 512.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxNesting
    {
        get;
        init => field = (int)InRange(value, 1, 512, nameof(MaxNesting));
    } = 64;

    /// <summary>Segments that a message may have. Default 512; 1 to 65,536.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxSegments
    {
        get;
        init => field = (int)InRange(value, 1, 64 * 1024, nameof(MaxSegments));
    } = 512;

    /// <summary>
    /// Largest message accepted, in bytes, without its segment table. Default 64 MiB; 4 KiB to 1 GiB.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxMessageBytes
    {
        get;
        init => field = (int)InRange(value, 4 * 1024, 1024 * 1024 * 1024, nameof(MaxMessageBytes));
    } = 64 * 1024 * 1024;

    private static long InRange(long value, long min, long max, string name)
        => value >= min && value <= max
            ? value
            : throw new ArgumentOutOfRangeException(
                name, value, $"{name}: Expected {min:N0} to {max:N0}, got {value:N0}.");
}
