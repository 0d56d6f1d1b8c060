using Multiprocess.Locks;

namespace Multiprocess.Objects;

/// <summary>
/// The objects of this side that the peer holds, by handle. Thread-safe; its lock is the innermost one.
/// </summary>
/// <remarks>Handles count up from 1, the root's handle, and are never reused.</remarks>
internal sealed class ExportTable
{
    /// <summary>The handle of the root, on the side that serves one.</summary>
    public const long RootHandle = 1;

    private readonly Dictionary<long, Export> _byHandle = [];
    private readonly ExportIndex _byTarget = new();
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly int _maxObjects;
    private readonly bool _captureStacks;
    private readonly Action<long> _freed;
    private long _lastHandle = RootHandle;
    private bool _closed;

    // The objects that the peer owned when the table closed, and those created for it since. Null until then.
    private HashSet<object>? _orphans;

    /// <param name="time">The clock that measures ages.</param>
    /// <param name="maxObjects">Most objects that the peer may hold.</param>
    /// <param name="captureStacks">True when each object keeps the stack that first sent it.</param>
    /// <param name="freed">
    /// Called outside the lock, with the request of an answered call, when an object no longer keeps that call
    /// cancellable.
    /// </param>
    public ExportTable(TimeProvider time, int maxObjects, bool captureStacks, Action<long> freed)
    {
        _freed = freed;
        _time = time;
        _maxObjects = maxObjects;
        _captureStacks = captureStacks;
    }

    public int Count
    {
        get
        {
            using (Uninterruptible.Enter(_lock))
            {
                return _byHandle.Count;
            }
        }
    }

    /// <summary>Adds the root under its fixed handle. The peer holds it from the start.</summary>
    public void AddRoot(object root, ContractBinding contract)
        => Add(new Export(RootHandle, root, contract, _time.GetTimestamp()) { Count = 1, IsOwnedByPeer = true });

    /// <summary>Adds one reference to an object, exporting the object if it is new, and returns its handle.</summary>
    /// <exception cref="IpcException">The limit of objects is reached.</exception>
    public long Acquire(object target, ContractBinding contract, bool asResult)
    {
        using (Uninterruptible.Enter(_lock))
        {
            ThrowIfClosed();
            Export? export = _byTarget.Find(target, contract);
            if (export is null)
            {
                if (_byHandle.Count >= _maxObjects)
                {
                    throw new IpcException(
                        IpcErrorKind.LimitExceeded,
                        $"The peer already holds {_maxObjects:N0} objects, which is the limit.");
                }

                export = new Export(++_lastHandle, target, contract, _time.GetTimestamp())
                {
                    CreationStack = _captureStacks ? Environment.StackTrace : null,
                };
                _byHandle.Add(export.Handle, export);
                _byTarget.Add(export);
            }

            export.Count++;
            export.IsOwnedByPeer |= asResult;
            return export.Handle;
        }
    }

    /// <summary>Adds one reference to an object that the peer holds; false when the peer no longer holds it.</summary>
    public bool TryAcquire(Export export)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (_closed || !_byHandle.TryGetValue(export.Handle, out Export? known) || known != export)
            {
                return false;
            }

            export.Count++;
            return true;
        }
    }

    /// <summary>Notes an answered call that stays cancellable while the peer holds the objects it returned.</summary>
    public void Attach(IReadOnlyList<long> handles, long request)
    {
        List<long>? over = null;
        using (Uninterruptible.Enter(_lock))
        {
            foreach (long handle in handles.Distinct())
            {
                if (!_byHandle.TryGetValue(handle, out Export? export))
                {
                    (over ??= []).Add(request); // The connection has ended meanwhile.
                    continue;
                }

                export.KeptCalls ??= new Queue<long>(1);
                export.KeptCalls.Enqueue(request);
                if (export.KeptCalls.Count > IpcReference.MaxLateCancels)
                {
                    (over ??= []).Add(export.KeptCalls.Dequeue());
                }
            }
        }

        Free(over);
    }

    /// <summary>Finds an object that the peer calls or brings home.</summary>
    /// <exception cref="IpcProtocolException">The peer holds no such object.</exception>
    public Export Get(long handle)
    {
        using (Uninterruptible.Enter(_lock))
        {
            return Find(handle);
        }
    }

    /// <summary>Keeps an object until <see cref="Unpin"/>, even if the peer releases it.</summary>
    /// <exception cref="IpcProtocolException">The peer holds no such object.</exception>
    public Export Pin(long handle)
    {
        using (Uninterruptible.Enter(_lock))
        {
            Export export = Find(handle);
            export.Pins++;
            return export;
        }
    }

    /// <summary>Ends a <see cref="Pin"/>.</summary>
    public void Unpin(Export export)
    {
        IEnumerable<long>? freed;
        using (Uninterruptible.Enter(_lock))
        {
            export.Pins--;
            freed = RemoveIfFree(export);
        }

        Free(freed);
    }

    /// <summary>Removes references: those that the peer released, or those of a message that was never sent.</summary>
    /// <exception cref="IpcProtocolException">More references are released than were sent.</exception>
    public void Release(long handle, long count)
    {
        IEnumerable<long>? freed;
        using (Uninterruptible.Enter(_lock))
        {
            if (_closed)
            {
                return;
            }

            Export export = Find(handle);
            if (count < 1 || count > export.Count)
            {
                throw new IpcProtocolException(
                    $"Release of object {handle}: Expected 1 to {export.Count:N0} references, got {count:N0}.");
            }

            export.Count -= count;
            freed = RemoveIfFree(export);
        }

        Free(freed);
    }

    /// <summary>Notes that the peer disposes the object.</summary>
    /// <returns>False when this side already disposes it because the connection has ended.</returns>
    public bool MarkDisposed(Export export)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (_closed && export.IsDisposed)
            {
                return false;
            }

            export.IsDisposed = true;
            return true;
        }
    }

    /// <summary>Empties the table and returns the objects that the peer owned and did not dispose.</summary>
    public List<Export> Close()
    {
        using (Uninterruptible.Enter(_lock))
        {
            _closed = true;
            var orphans = new List<Export>();
            _orphans ??= new HashSet<object>(ReferenceEqualityComparer.Instance);
            foreach (Export export in _byHandle.Values)
            {
                if (export is { IsOwnedByPeer: true, IsDisposed: false, Contract.IsDisposable: true })
                {
                    export.IsDisposed = true;
                    orphans.Add(export);
                }

                if (export.IsDisposed)
                {
                    _ = _orphans.Add(export.Target);
                }
            }

            _byHandle.Clear();
            _byTarget.Clear();
            return orphans;
        }
    }

    /// <summary>
    /// True the first time for an object created for the peer after the table was closed: the caller must dispose it.
    /// </summary>
    public bool IsLate(object target)
    {
        using (Uninterruptible.Enter(_lock))
        {
            return _orphans is not null && _orphans.Add(target);
        }
    }

    /// <summary>Adds the number of objects of each contract.</summary>
    public void CountByContract(Dictionary<string, long> counts)
    {
        using (Uninterruptible.Enter(_lock))
        {
            foreach (Export export in _byHandle.Values)
            {
                counts[export.Contract.Name] = counts.GetValueOrDefault(export.Contract.Name) + 1;
            }
        }
    }

    /// <summary>Lists the objects in the table.</summary>
    public IReadOnlyList<IpcLiveObject> List()
    {
        using (Uninterruptible.Enter(_lock))
        {
            return [.. _byHandle.Values.Select(export => new IpcLiveObject(
                export.Contract.Type,
                export.Handle,
                IsExport: true,
                export.Count,
                _time.GetElapsedTime(export.CreatedTimestamp),
                export.CreationStack) { Contract = export.Contract.Name })];
        }
    }

    private void Add(Export export)
    {
        using (Uninterruptible.Enter(_lock))
        {
            ThrowIfClosed();
            _byHandle.Add(export.Handle, export);
            _byTarget.Add(export);
        }
    }

    private Export Find(long handle)
        => _byHandle.TryGetValue(handle, out Export? export)
            ? export
            : throw new IpcProtocolException(
                $"Object: Expected one that the peer holds, got handle {handle}.") { At = -1 };

    /// <returns>The calls that the export kept cancellable, if it was removed now; otherwise null.</returns>
    private Queue<long>? RemoveIfFree(Export export)
    {
        if (export is not { Count: 0, Pins: 0 } || !_byHandle.Remove(export.Handle))
        {
            return null;
        }

        _byTarget.Remove(export);
        return export.KeptCalls;
    }

    private void Free(IEnumerable<long>? requests)
    {
        if (requests is not null)
        {
            foreach (long request in requests)
            {
                _freed(request);
            }
        }
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new IpcDisconnectedException("The connection is closed.");
        }
    }
}
