namespace Multiprocess.CapnProto.Messages;

/// <summary>
/// The end of a chain of far pointers: the pointer that describes the object, and the place of the object.
/// </summary>
internal readonly ref struct Located
{
    private Located(Segment segment, Pointer pointer, long at)
    {
        Segment = segment;
        Pointer = pointer;
        At = at;
    }

    public Segment Segment { get; }

    /// <summary>Points to a struct or a list, or is a capability. Its offset has no meaning any more.</summary>
    public Pointer Pointer { get; }

    /// <summary>The start of the object, in bytes of the segment's array. Not checked yet.</summary>
    public long At { get; }

    /// <summary>Follows the pointer at a place in the segment.</summary>
    /// <exception cref="IpcProtocolException">A far pointer leads nowhere.</exception>
    public static Located Follow(Segment segment, int at)
    {
        var pointer = new Pointer(segment.ReadWord(at));
        return pointer.IsFar ? FollowFar(segment, pointer) : Near(segment, at, pointer);
    }

    private static Located Near(Segment segment, int at, Pointer pointer)
        => new(segment, pointer, at + Pointer.WordBytes + ((long)pointer.Offset * Pointer.WordBytes));

    private static Located FollowFar(Segment origin, Pointer far)
    {
        Segment segment = FindSegment(origin, far);
        long pad = segment.Start + ((long)far.FarOffset * Pointer.WordBytes);
        if (!segment.Contains(pad, far.IsDoubleFar ? 2 : 1))
        {
            throw Malformed(
                $"Far pointer: Expected a landing pad inside of segment {segment.Id} of {segment.WordCount:N0} words, got word {far.FarOffset:N0}.");
        }

        // A landing pad counts as read. Otherwise following far pointers would cost a peer nothing.
        origin.Arena.Charge(far.IsDoubleFar ? 2 : 1);
        var landed = new Pointer(segment.ReadWord((int)pad));
        if (!far.IsDoubleFar)
        {
            return landed.IsStruct || landed.IsList
                ? Near(segment, (int)pad, landed)
                : throw Malformed("Far pointer: Expected a struct or list pointer where it lands, got another one.");
        }

        // The object is in a segment that had no room for a landing pad: the first word says where the object is, the
        // second what it is.
        var tag = new Pointer(segment.ReadWord((int)pad + Pointer.WordBytes));
        if (!landed.IsFar || landed.IsDoubleFar)
        {
            throw Malformed("Double far pointer: Expected a far pointer where it lands, got another one.");
        }

        if (!tag.IsStruct && !tag.IsList)
        {
            throw Malformed("Double far pointer: Expected a struct or list pointer as the tag, got another one.");
        }

        Segment holder = FindSegment(origin, landed);
        return new(holder, tag, holder.Start + ((long)landed.FarOffset * Pointer.WordBytes));
    }

    private static Segment FindSegment(Segment origin, Pointer far)
        => origin.Arena.Find(far.FarSegment)
            ?? throw Malformed($"Far pointer: Expected a segment of the message, got segment {far.FarSegment:N0}.");

    private static IpcProtocolException Malformed(string message) => new(message);
}
