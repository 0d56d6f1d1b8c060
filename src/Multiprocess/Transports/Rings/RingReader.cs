namespace Multiprocess.Transports.Rings;

/// <summary>The end of a ring from which this process reads.</summary>
/// <remarks>
/// This object keeps the valid position; the memory has only a copy for the peer. The peer's position is checked each
/// time it is read. Bytes are copied out before they are examined, so that the peer cannot change them afterwards. Only
/// one thread at a time reads; it must hold the memory, and so must all other threads that call members of this class.
/// </remarks>
internal sealed unsafe class RingReader(RingMemory memory, bool isFirst)
{
    private readonly nint _header = memory.Start + (isFirst ? 0 : RingMemory.NextRingOffset);
    private readonly byte* _bytes = (byte*)memory.Start + RingMemory.HeaderBytes + (isFirst ? 0 : memory.RingBytes);
    private readonly uint _capacity = (uint)memory.RingBytes;

    // Counts all bytes ever read, modulo 2^32. Written by the reading thread, read by any.
    private uint _read;

    public RingMemory Memory { get; } = memory;

    /// <summary>Number of bytes that can be read now.</summary>
    /// <exception cref="IpcProtocolException">
    /// According to the peer's position, it has written more than the ring holds.
    /// </exception>
    public int Available
    {
        get
        {
            uint waiting = Volatile.Read(ref Word(RingMemory.WrittenOffset)) - Volatile.Read(ref _read);
            return waiting <= _capacity
                ? (int)waiting
                : throw new IpcProtocolException(
                    $"The peer's position in shared memory: Expected at most {_capacity} unread bytes, "
                        + $"got {waiting}.");
        }
    }

    /// <summary>True when the peer has written something. The position is checked only by a read.</summary>
    public bool HasAny => Volatile.Read(ref Word(RingMemory.WrittenOffset)) != Volatile.Read(ref _read);

    /// <summary>Copies bytes out, and returns their room to the peer.</summary>
    /// <returns>Number of bytes read; 0 when there are none.</returns>
    public int Read(Span<byte> buffer)
    {
        int count = Math.Min(Available, buffer.Length);
        if (count > 0)
        {
            int at = (int)(_read & (_capacity - 1));
            int untilEnd = Math.Min(count, (int)_capacity - at);
            new ReadOnlySpan<byte>(_bytes + at, untilEnd).CopyTo(buffer);
            new ReadOnlySpan<byte>(_bytes, count - untilEnd).CopyTo(buffer[untilEnd..]);

            if (Volatile.Read(ref Word(RingMemory.SensitiveOffset)) != 0)
            {
                // Only when necessary: wiping takes the memory from the core that writes next.
                new Span<byte>(_bytes + at, untilEnd).Clear();
                new Span<byte>(_bytes, count - untilEnd).Clear();
            }

            uint read = _read + (uint)count;
            Volatile.Write(ref _read, read);
            Volatile.Write(ref Word(RingMemory.ReadOffset), read);
        }

        return count;
    }

    /// <summary>
    /// Whether the writer has said that it waits, before it could see the room that was just returned. Clears the sign.
    /// </summary>
    public bool TakeWriterWaits() => RingSign.Take(ref Word(RingMemory.WriterWaitsOffset));

    /// <summary>Tells the writer that this side waits for bytes. The caller must check for bytes afterwards.</summary>
    public void SayThatReaderWaits() => RingSign.Set(ref Word(RingMemory.ReaderWaitsOffset));

    /// <summary>Tells the writer that no thread waits any more.</summary>
    public void SayThatNobodyWaits() => Volatile.Write(ref Word(RingMemory.ReaderWaitsOffset), 0);

    /// <summary>Tells the writer that nothing will be read any more.</summary>
    public void SayThatItClosed() => Volatile.Write(ref Word(RingMemory.ReaderClosedOffset), 1);

    private ref uint Word(int offset) => ref *(uint*)(_header + offset);
}
