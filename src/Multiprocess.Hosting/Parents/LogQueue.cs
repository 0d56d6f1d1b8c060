using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Contracts;
using Multiprocess.Hosting.Logging;

namespace Multiprocess.Hosting.Parents;

/// <summary>Log records that wait for the parent, and the thread that sends them.</summary>
/// <remarks>
/// <para>
/// States: open (accepting or stalled), then closed, by the owner or because the parent is gone. The queue becomes
/// stalled when a record found no room for as long as its thread may wait. A stalled queue drops records without
/// waiting, so a parent that hangs delays this process only once. The queue accepts records again when there is room.
/// </para>
/// <para>
/// A dedicated thread sends, one batch at a time. It needs no thread of the pool, because logs must also arrive when
/// the pool is exhausted.
/// </para>
/// </remarks>
internal sealed class LogQueue
{
    /// <summary>The most characters that wait.</summary>
    public const int MaxCharacters = 8 * 1024 * 1024;

    private const int BatchRecords = 256;
    private const int BatchCharacters = 256 * 1024;

    private readonly Action<ChildLogRecord[]> _send;
    private readonly int _maxRecords;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    // Guards the fields below. Pulsed at every change for which a thread may wait.
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
    /// <param name="maxRecords">The most records that wait.</param>
    /// <param name="timeout">How long a record may wait for room.</param>
    /// <param name="time">The clock for the record that reports dropped records.</param>
    public LogQueue(Action<ChildLogRecord[]> send, int maxRecords, TimeSpan timeout, TimeProvider time)
    {
        _send = send;
        _maxRecords = maxRecords;
        _timeout = timeout;
        _time = time;
        new Thread(Pump) { IsBackground = true, Name = "ipc log" }.UnsafeStart();
    }

    /// <summary>Adds a record, or drops it.</summary>
    /// <param name="record">The record.</param>
    /// <param name="characters">The length of the record's texts.</param>
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

    /// <summary>Waits until the parent has every record that was added before.</summary>
    /// <returns>False if the time ran out, or if the parent is gone.</returns>
    public bool Flush(TimeSpan limit)
    {
        lock (_lock)
        {
            WaitUntil(() => IsEmpty || _isClosed, limit);
            return IsEmpty;
        }
    }

    /// <summary>Stops taking records, and discards the records that wait.</summary>
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

    /// <summary>A record that is larger than the whole queue is accepted when the queue is empty.</summary>
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
                // The batch was too large for the connection, or a logger of the parent threw. These records are lost;
                // later ones may not be.
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

    /// <summary>
    /// The next batch, in the order in which the records were written; null once the queue is closed.
    /// </summary>
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
                // Sent after the records before it: the dropped records are missing at this place.
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
            $"{count:N0} log records were dropped here, because too many records waited for the parent.",
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
