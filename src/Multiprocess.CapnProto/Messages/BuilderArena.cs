using System.Buffers;

namespace Multiprocess.CapnProto.Messages;

/// <summary>The segments of a message that is being built.</summary>
/// <remarks>
/// A segment's array does not move, because the user may hold spans of it: when the last segment is full, another one
/// begins. Only a message in canonical form, which has one segment by definition, grows instead; the code that builds
/// it holds no spans.
/// </remarks>
internal sealed class BuilderArena : Arena, IDisposable
{
    /// <summary>The reach of a far pointer: offsets have 29 bits. The length of an array is an int.</summary>
    public const int MaxSegmentWords = (1 << 27) - 1;

    private readonly List<Segment> _segments = [];
    private readonly bool _isSingleSegment;
    private int _count;
    private bool _isDisposed;

    public BuilderArena(int firstSegmentWords, bool isSingleSegment)
    {
        _isSingleSegment = isSingleSegment;
        Add(firstSegmentWords);
        ClaimRoot();
    }

    public int Count => _count;

    public Segment First => this[0];

    public long TotalBytes
    {
        get
        {
            ThrowIfDisposed();
            long bytes = 0;
            for (int i = 0; i < _count; i++)
            {
                bytes += this[i].Used.Length;
            }

            return bytes;
        }
    }

    public Segment this[int index]
    {
        get
        {
            ThrowIfDisposed();
            return _segments[index];
        }
    }

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, typeof(CapnpMessageBuilder));

    public override Segment? Find(uint id) => id < (uint)_count ? _segments[(int)id] : null;

    /// <summary>Does nothing: a message that this side built may be read without limit.</summary>
    public override void Charge(long words)
    {
    }

    /// <summary>Returns zeroed words in this segment, or -1 if it has no room for them.</summary>
    public int TryAllocate(Segment segment, long words)
    {
        ThrowIfDisposed();
        long bytes = words * Pointer.WordBytes;
        if (bytes > segment.Bytes.Length - segment.End && !TryGrow(segment, words))
        {
            return -1;
        }

        int at = segment.End;
        segment.End += (int)bytes;
        return at;
    }

    /// <summary>Returns zeroed words in the last segment, or in a new one.</summary>
    /// <exception cref="IpcException">The object or the message is too large.</exception>
    public (Segment Segment, int At) Allocate(long words)
    {
        Segment last = this[_count - 1];
        int at = TryAllocate(last, words);
        if (at >= 0)
        {
            return (last, at);
        }

        if (words > MaxSegmentWords)
        {
            throw TooLarge(words);
        }

        // A new segment is as large as all earlier ones together, so messages of any size have few segments.
        long wanted = Math.Max(words, Math.Min(TotalBytes / Pointer.WordBytes, 1 << 20));
        Segment added = Add((int)wanted);
        return (added, TryAllocate(added, words));
    }

    public void Reset()
    {
        ThrowIfDisposed();
        for (int i = 1; i < _count; i++)
        {
            GiveBack(_segments[i]);
        }

        Segment first = _segments[0];
        first.Bytes.AsSpan(first.Start, first.End - first.Start).Clear();
        first.End = first.Start;
        _count = 1;
        ClaimRoot();
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        for (int i = 0; i < _count; i++)
        {
            GiveBack(_segments[i]);
        }

        _count = 0;
        _isDisposed = true;
    }

    private static IpcException TooLarge(long words) => new(
        IpcErrorKind.LimitExceeded,
        $"Message: Expected at most {(long)MaxSegmentWords * Pointer.WordBytes:N0} bytes in a segment, "
            + $"got {words * Pointer.WordBytes:N0}.");

    // The first word of a message is its root pointer.
    private void ClaimRoot() => TryAllocate(_segments[0], 1);

    private Segment Add(int words)
    {
        if (_count == _segments.Count)
        {
            _segments.Add(new Segment(this, (uint)_count));
        }

        Segment segment = _segments[_count++];
        segment.Bytes = Rent(words);
        segment.Start = segment.End = 0;
        return segment;
    }

    private bool TryGrow(Segment segment, long words)
    {
        if (!_isSingleSegment)
        {
            return false;
        }

        long needed = segment.WordCount + words;
        if (needed > MaxSegmentWords)
        {
            throw TooLarge(needed);
        }

        byte[] larger = Rent((int)Math.Min(Math.Max(needed, segment.WordCount * 2L), MaxSegmentWords));
        segment.Used.CopyTo(larger);
        byte[] former = segment.Bytes;
        segment.Bytes = larger;
        GiveBack(former, segment.End);
        return true;
    }

    // Zeroed in any case: other users of the pool do not wipe the arrays that they return.
    private static byte[] Rent(int words)
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(words * Pointer.WordBytes);
        Array.Clear(array);
        return array;
    }

    private static void GiveBack(Segment segment)
    {
        GiveBack(segment.Bytes, segment.End);
        segment.Bytes = [];
        segment.Start = segment.End = 0;
    }

    private static void GiveBack(byte[] array, int used)
    {
        array.AsSpan(0, used).Clear();
        ArrayPool<byte>.Shared.Return(array);
    }
}
