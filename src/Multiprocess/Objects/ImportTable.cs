using Multiprocess.Calls;
using Multiprocess.Generated;

namespace Multiprocess.Objects;

/// <summary>The peer's objects that this side holds, by handle: proxies, held weakly. Thread-safe; its lock is taken last.</summary>
internal sealed class ImportTable
{
    private readonly Dictionary<long, IpcReference> _byHandle = [];
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly int _maxObjects;
    private readonly bool _captureStacks;
    private bool _closed;

    public ImportTable(TimeProvider time, int maxObjects, bool captureStacks)
    {
        _time = time;
        _maxObjects = maxObjects;
        _captureStacks = captureStacks;
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byHandle.Count;
            }
        }
    }

    /// <summary>Counts one more reference that arrived and returns the proxy, the same one as before while it lives.</summary>
    /// <exception cref="IpcProtocolException">The handle stands for an object of another contract.</exception>
    /// <exception cref="IpcException">There are as many objects as allowed.</exception>
    public IpcProxy Acquire(long handle, ContractBinding contract, CallChannel channel)
    {
        lock (_lock)
        {
            if (_closed)
            {
                throw new IpcDisconnectedException("The connection is closed.");
            }

            if (_byHandle.TryGetValue(handle, out IpcReference? first))
            {
                if (first.Contract.Type != contract.Type)
                {
                    throw new IpcProtocolException($"The peer sent object {handle} as {contract.Name}, and earlier as {first.Contract.Name}.") { At = -1 };
                }

                if (FormOf(first, contract)?.Proxy is { } known)
                {
                    known.Reference.Count++;
                    return known;
                }
            }
            else if (_byHandle.Count >= _maxObjects)
            {
                throw new IpcException(IpcErrorKind.LimitExceeded, $"This side already holds {_maxObjects:N0} objects of the peer, which is the limit.");
            }

            // A reference whose proxy was collected releases its own count when its finalizer runs; this one starts anew.
            var reference = new IpcReference(channel, handle, contract)
            {
                Count = 1,
                NextForm = Without(first, contract),
                CanEnd = handle != ExportTable.RootHandle || contract.IsDisposable,
                CreatedTimestamp = _time.GetTimestamp(),
                CreationStack = _captureStacks ? Environment.StackTrace : null,
            };
            IpcProxy proxy = contract.CreateProxy(reference);
            reference.SetProxy(proxy);
            _byHandle[handle] = reference;
            return proxy;
        }
    }

    /// <summary>Counts one more reference that arrived, if its proxy still lives; null when it does not, and nothing is counted.</summary>
    public IpcProxy? TryAcquire(long handle)
    {
        lock (_lock)
        {
            IpcReference? reference = _byHandle.GetValueOrDefault(handle);
            while (reference is not null && reference.Proxy is null)
            {
                reference = reference.NextForm;
            }

            if (reference?.Proxy is not { } known)
            {
                return null;
            }

            reference.Count++;
            return known;
        }
    }

    /// <summary>Takes a reference out and returns how many counts to give back; 0 when it was released before.</summary>
    public long Release(IpcReference reference)
    {
        lock (_lock)
        {
            Remove(reference);
            long count = reference.Count;
            reference.Count = 0;
            return _closed ? 0 : count;
        }
    }

    /// <summary>
    /// Takes back one count of a reference that was borrowed for a call. The last one ends the proxy; it lives on where
    /// this side holds the object by another way too.
    /// </summary>
    /// <returns>Whether a count is to be given back.</returns>
    public bool EndBorrowing(IpcReference reference)
    {
        lock (_lock)
        {
            if (_closed || reference.Count == 0 || (reference.Count == 1 && !(reference.EndBorrowing() && reference.EndUse())))
            {
                // Not borrowed any more, or somebody is about to call it, and gives it back behind that call.
                return false;
            }

            if (--reference.Count == 0)
            {
                Remove(reference);
            }

            return true;
        }
    }

    // The peer may hold two forms of a contract for one, as it did before its version or ours told them apart. Each has a
    // proxy and a count of its own; hardly ever are there two.
    private static IpcReference? FormOf(IpcReference? first, ContractBinding contract)
    {
        while (first is not null && first.Contract != contract)
        {
            first = first.NextForm;
        }

        return first;
    }

    /// <summary>The forms of a handle but one; those of the others stay linked.</summary>
    private static IpcReference? Without(IpcReference? first, ContractBinding contract)
    {
        if (first?.Contract == contract)
        {
            return first.NextForm;
        }

        for (IpcReference? each = first; each is not null; each = each.NextForm)
        {
            if (each.NextForm?.Contract == contract)
            {
                each.NextForm = each.NextForm.NextForm;
            }
        }

        return first;
    }

    private void Remove(IpcReference reference)
    {
        if (!_byHandle.TryGetValue(reference.Handle, out IpcReference? first) || FormOf(first, reference.Contract) != reference)
        {
            return; // Another one has taken its place.
        }

        if (Without(first, reference.Contract) is { } rest)
        {
            _byHandle[reference.Handle] = rest;
        }
        else
        {
            _byHandle.Remove(reference.Handle);
        }
    }

    /// <summary>Empties the table.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _byHandle.Clear();
        }
    }

    /// <summary>Adds how many there are of each contract.</summary>
    public void CountByContract(Dictionary<string, long> counts)
    {
        lock (_lock)
        {
            foreach (IpcReference reference in _byHandle.Values)
            {
                counts[reference.Contract.Name] = counts.GetValueOrDefault(reference.Contract.Name) + 1;
            }
        }
    }

    /// <summary>What is in the table now.</summary>
    public IReadOnlyList<IpcLiveObject> List()
    {
        lock (_lock)
        {
            return [.. _byHandle.Values.Select(reference => new IpcLiveObject(
                reference.Contract.Type, reference.Handle, IsExport: false, reference.Count, _time.GetElapsedTime(reference.CreatedTimestamp), reference.CreationStack) { Contract = reference.Contract.Name })];
        }
    }
}
