namespace Multiprocess.Transports.Rings;

/// <summary>The end of a ring into which this process writes.</summary>
/// <remarks>
/// This object keeps the valid position; the memory has only a copy for the peer. The peer's position is checked each
/// time it is read. Only one thread at a time writes; it must hold the memory, and so must all other threads that call
/// members of this class.
/// </remarks>
internal sealed unsafe class RingWriter(RingMemory memory, bool isFirst)
{
    private readonly nint _header = memory.Start + (isFirst ? 0 : RingMemory.NextRingOffset);
    private readonly byte* _bytes = (byte*)memory.Start + RingMemory.HeaderBytes + (isFirst ? 0 : memory.RingBytes);
    private readonly uint _capacity = (uint)memory.RingBytes;

    // Counts all bytes ever written, modulo 2^32. Written by the writing thread, read by any.
    private uint _written;

    public RingMemory Memory { get; } = memory;

    /// <summary>Number of bytes that can be written now.</summary>
    /// <exception cref="IpcProtocolException">
    /// According to the peer's position, it has read bytes that were not written.
    /// </exception>
    public int Room
    {
        get
        {
            uint waiting = Volatile.Read(ref _written) - Volatile.Read(ref Word(RingMemory.ReadOffset));
            return waiting <= _capacity
                ? (int)(_capacity - waiting)
                : throw new IpcProtocolException(
                    $"The peer's position in shared memory: Expected at most {_capacity} unread bytes, "
                        + $"got {waiting}.");
        }
    }

    /// <summary>True once the peer has closed its end.</summary>
    public bool PeerHasClosed => Volatile.Read(ref Word(RingMemory.ReaderClosedOffset)) != 0;

    /// <summary>Writes as many bytes of two pieces as there is room for, and makes them visible to the peer.</summary>
    /// <returns>Number of bytes written.</returns>
    public int Write(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int room = Room;
        int ofFirst = Math.Min(room, first.Length);
        int ofSecond = Math.Min(room - ofFirst, second.Length);
        if (ofFirst + ofSecond > 0)
        {
            Copy(first[..ofFirst], _written);
            Copy(second[..ofSecond], _written + (uint)ofFirst);
            uint written = _written + (uint)(ofFirst + ofSecond);
            Volatile.Write(ref _written, written);
            Volatile.Write(ref Word(RingMemory.WrittenOffset), written);
        }

        return ofFirst + ofSecond;
    }

    /// <summary>Tells the reader that everything written from now on may be secret.</summary>
    public void SayThatItIsSensitive() => Volatile.Write(ref Word(RingMemory.SensitiveOffset), 1);

    /// <summary>
    /// Whether the reader has said that it waits, before it could see the bytes that were just written. Clears the
    /// sign, so that each wait is ended only once.
    /// </summary>
    public bool TakeReaderWaits() => RingSign.Take(ref Word(RingMemory.ReaderWaitsOffset));

    /// <summary>Tells the reader that this side waits for room. The caller must check for room afterwards.</summary>
    public void SayThatWriterWaits() => RingSign.Set(ref Word(RingMemory.WriterWaitsOffset));

    private ref uint Word(int offset) => ref *(uint*)(_header + offset);

    private void Copy(ReadOnlySpan<byte> from, uint position)
    {
        int at = (int)(position & (_capacity - 1));
        int untilEnd = Math.Min(from.Length, (int)_capacity - at);
        from[..untilEnd].CopyTo(new Span<byte>(_bytes + at, untilEnd));
        from[untilEnd..].CopyTo(new Span<byte>(_bytes, (int)_capacity));
    }
}
