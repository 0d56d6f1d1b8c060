using Multiprocess.Framing;
using Multiprocess.Messages;

namespace Multiprocess.Threads;

/// <summary>What one connection has received and not yet begun to run, in bytes of memory. Every member under the gate.</summary>
/// <remarks>
/// <para>
/// Beyond the limit the peer is not read any more (<see cref="IsPaused"/>), so that it has to wait, as long as nothing
/// of this side needs it to be read (<see cref="ThreadMap.MayPause"/>). Where something does, reading goes on to twice the
/// limit, and beyond that calls are refused.
/// </para>
/// </remarks>
/// <param name="most">Most bytes that may wait before the peer is not read.</param>
/// <param name="mostCalls">Most calls and answers that may.</param>
/// <param name="shared">What all connections together may have waiting; null for no such bound.</param>
internal sealed class ReceivedBytes(long most, long mostCalls, SharedBytes? shared)
{
    private readonly SharedBytesPart _part = new(shared);
    private long _bytes;
    private long _count;
    private long _partial;
    private bool _paused;

    /// <summary>How many bytes wait.</summary>
    public long Bytes => _bytes;

    /// <summary>True while more waits than may.</summary>
    public bool IsOver => _bytes > most || _count > mostCalls || _part.IsOver;

    /// <summary>True while so much waits that nothing more is taken.</summary>
    public bool IsFull => _bytes / 2 > most || _part.IsFull;

    /// <summary>True when nothing more is read while a peer is held back, not even a little from time to time: half of what is left until it would be refused is taken.</summary>
    public bool IsNearlyFull => _bytes > most + (most / 2) || _count > mostCalls + (mostCalls / 2);

    /// <summary>The most that may wait before the peer is not read any more.</summary>
    public long Most => most;

    /// <summary>True while whoever reads has stopped because of what waits.</summary>
    public bool IsPaused
    {
        get => Volatile.Read(ref _paused);
        set => Volatile.Write(ref _paused, value);
    }

    /// <summary>True when enough has been begun since it was paused.</summary>
    public bool MayResume => _bytes <= most / 2 && _count <= mostCalls / 2 && !_part.IsOver;

    /// <summary>A message waits from now on.</summary>
    public void Add(Message message)
    {
        message.WaitingBytes = message.HeldBytes;
        _bytes += message.WaitingBytes;
        _count++;
        Settle();
    }

    /// <summary>A message waits no longer: it is run, or dropped. Those that do not wait are passed over.</summary>
    public void Remove(Message message)
    {
        if (message.WaitingBytes == 0)
        {
            return;
        }

        _count--;
        _bytes -= message.WaitingBytes;
        message.WaitingBytes = 0;
        Settle();
    }

    /// <summary>Notes how much there is of a frame that is not complete. It counts for those who share, since it is memory.</summary>
    public void NotePartial(long bytes)
    {
        if (_partial != bytes)
        {
            _partial = bytes;
            Settle();
        }
    }

    /// <summary>The connection has ended: nothing waits.</summary>
    public void Close()
    {
        _bytes = 0;
        _count = 0;
        _partial = 0;
        Settle();
    }

    private void Settle() => _part.Settle(Math.Max(0, _bytes) + _partial);
}
