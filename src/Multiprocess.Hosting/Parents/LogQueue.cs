using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Contracts;
using Multiprocess.Hosting.Logging;
using Multiprocess.Transports;

namespace Multiprocess.Hosting.Parents;

/// <summary>Log records that wait for the parent, and the thread that sends them.</summary>
/// <remarks>
/// <para>
/// Open, then closed: by its owner, or because the parent is gone. Open, it is taking, or stalled: a record found no
/// room for as long as its thread may wait. Stalled, it drops and waits for nobody, so that a parent that hangs costs
/// this process that time once; it takes again when there is room.
/// </para>
/// <para>
/// A thread of its own sends, one batch at a time, and needs no thread of the pool: a pool that is full is what logs
/// tell of.
/// </para>
/// </remarks>
internal sealed class LogQueue
{
    /// <summary>Most characters that wait.</summary>
    public const int MaxCharacters = 8 * 1024 * 1024;

    private const int BatchRecords = 256;
    private const int BatchCharacters = 256 * 1024;

    private readonly Action<ChildLogRecord[]> _send;
    private readonly int _maxRecords;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    // Guards what follows; pulsed at every change that somebody may wait for.
    private readonly object _lock = new();
    private readonly Queue<(ChildLogRecord Record, int Characters)> _records = [];
    private long _characters;
    private long _dropped;
    private bool _isStalled;
    private bool _isSending;
    private bool _isClosed;

    /// <param name="send">
    /// Sends a batch, and returns when the parent has it. An <see cref="IpcDisconnectedException"/> closes the queue.
    /// </param>
    /// <param name="maxRecords">Most records that wait.</param>
    /// <param name="timeout">How long a record may wait for room.</param>
    /// <param name="time">The clock of the record that tells of dropped ones.</param>
    public LogQueue(Action<ChildLogRecord[]> send, int maxRecords, TimeSpan timeout, TimeProvider time)
    {
        _send = send;
        _maxRecords = maxRecords;
        _timeout = timeout;
        _time = time;
        _ = BackgroundThread.Start(Pump, "ipc log");
    }

    /// <summary>Adds a record, or drops it.</summary>
    /// <param name="record">The record.</param>
    /// <param name="characters">How long its texts are.</param>
    /// <param name="mayWait">Whether the calling thread may wait for room.</param>
    public void Add(ChildLogRecord record, int characters, bool mayWait)
    {
        lock (_lock)
        {
            if (!HasRoom(characters) && mayWait && !_isStalled && !_isClosed)
            {
                WaitUntil(() => HasRoom(characters) || _isStalled || _isClosed, _timeout);
            }

            if (_isClosed)
            {
                return;
            }

            if (!HasRoom(characters))
            {
                _isStalled |= mayWait;
                _dropped++;
                return;
            }

            _records.Enqueue((record, characters));
            _characters += characters;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until the parent has everything that was added before.</summary>
    /// <returns>False when the time ran out, or the parent is gone.</returns>
    public bool Flush(TimeSpan limit)
    {
        lock (_lock)
        {
            WaitUntil(() => IsEmpty || _isClosed, limit);
            return IsEmpty;
        }
    }

    /// <summary>Takes no more, and forgets what waits.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _records.Clear();
            _characters = 0;
            _dropped = 0;
            Monitor.PulseAll(_lock);
        }
    }

    private bool IsEmpty => _records.Count == 0 && _dropped == 0 && !_isSending;

    /// <summary>A record that is longer than all that may wait is let in alone.</summary>
    private bool HasRoom(int characters)
        => _records.Count < _maxRecords && (_characters + characters <= MaxCharacters || _records.Count == 0);

    private void WaitUntil(Func<bool> isDone, TimeSpan limit)
    {
        long end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (!isDone())
        {
            long rest = end - Environment.TickCount64;
            if (rest <= 0)
            {
                return;
            }

            _ = Monitor.Wait(_lock, (int)rest);
        }
    }

    private void Pump()
    {
        while (Take() is { } batch)
        {
            bool isLost = false;
            try
            {
                _send(batch);
            }
            catch (IpcDisconnectedException)
            {
                isLost = true;
            }
            catch (Exception)
            {
                // Too large for the connection, or a logger of the parent's threw: these records are lost, the next
                // ones may not be.
            }

            lock (_lock)
            {
                _isSending = false;
                Monitor.PulseAll(_lock);
            }

            if (isLost)
            {
                Close();
            }
        }
    }

    /// <summary>The next batch, in the order in which it was written; null once the queue is closed.</summary>
    private ChildLogRecord[]? Take()
    {
        lock (_lock)
        {
            while (_records.Count == 0 && _dropped == 0 && !_isClosed)
            {
                _ = Monitor.Wait(_lock);
            }

            if (_isClosed)
            {
                return null;
            }

            List<ChildLogRecord> batch = [];
            int characters = 0;
            while (batch.Count < BatchRecords
                && characters < BatchCharacters
                && _records.TryDequeue(out (ChildLogRecord Record, int Characters) next))
            {
                batch.Add(next.Record);
                characters += next.Characters;
            }

            _characters -= characters;
            if (_records.Count == 0 && _dropped > 0)
            {
                // Behind what was written before them: between there and here is where the dropped ones are missing.
                batch.Add(Dropped());
            }

            _isStalled = false;
            _isSending = true;
            Monitor.PulseAll(_lock);
            return [.. batch];
        }
    }

    private ChildLogRecord Dropped()
    {
        long count = _dropped;
        _dropped = 0;
        return new ChildLogRecord(
            HostingLog.Category,
            LogLevel.Warning,
            HostingLog.RecordsDroppedId,
            "RecordsDropped",
            _time.GetUtcNow(),
            $"{count:N0} log records were dropped here, because too many waited for the parent.",
            [
                new ChildLogValue(
                    "Count",
                    ChildLogValueKind.Integer,
                    count.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ],
            [],
            null,
            null,
            null);
    }
}
