using System.Buffers.Binary;
using Multiprocess.CapnProto.Framing;

namespace Multiprocess.CapnProto.Messages;

/// <summary>The segments of a message that is read, and how much may still be read of it.</summary>
internal sealed class ReaderArena(CapnpLimits limits) : Arena
{
    // May have more entries than the message: entries of an earlier message with more segments are reused.
    private readonly List<Segment> _segments = [];
    private int _count;
    private long _wordsLeft;

    public Segment? First => _count > 0 ? _segments[0] : null;

    public int Count => _count;

    public override Segment? Find(uint id) => id < (uint)_count ? _segments[(int)id] : null;

    public override void Charge(long words)
    {
        _wordsLeft -= words;
        if (_wordsLeft < 0)
        {
            throw new IpcProtocolException(
                $"Message: Expected at most {limits.MaxTraversalWords:N0} words to read, got pointers to more.");
        }
    }

    /// <summary>Splits a frame into its segments.</summary>
    public void Load(byte[] array, int start, int length)
    {
        _count = 0;
        ReadOnlySpan<byte> frame = array.AsSpan(start, length);
        if (!SegmentTable.TryRead(frame, limits, out SegmentTable table) || table.FrameBytes != length)
        {
            throw new IpcProtocolException(
                $"Message: Expected the bytes that its segment table says, got {length:N0} bytes.");
        }

        int at = start + table.HeaderBytes;
        for (int i = 0; i < table.SegmentCount; i++)
        {
            if (i == _segments.Count)
            {
                _segments.Add(new Segment(this, (uint)i));
            }

            Segment segment = _segments[i];
            segment.Bytes = array;
            segment.Start = at;
            at += (int)BinaryPrimitives.ReadUInt32LittleEndian(frame[(4 + (4 * i))..]) * Pointer.WordBytes;
            segment.End = at;
        }

        _count = table.SegmentCount;
        Renew();
    }

    /// <summary>Lets the whole message be read again.</summary>
    public void Renew() => _wordsLeft = limits.MaxTraversalWords;

    /// <summary>Makes the message empty. Readers that are still in use then find nothing.</summary>
    public void Unload()
    {
        _count = 0;
        foreach (Segment segment in _segments)
        {
            segment.Bytes = [];
            segment.Start = segment.End = 0;
        }
    }
}
