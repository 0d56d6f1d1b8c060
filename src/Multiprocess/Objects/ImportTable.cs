using Multiprocess.Calls;
using Multiprocess.Generated;
using Multiprocess.Locks;

namespace Multiprocess.Objects;

/// <summary>
/// The objects of the peer that this side holds, by handle. Proxies are held weakly. Thread-safe; its lock is the
/// innermost one.
/// </summary>
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
            using (Uninterruptible.Enter(_lock))
            {
                return _byHandle.Count;
            }
        }
    }

    /// <summary>Adds one received reference and returns its proxy; the existing proxy while it lives.</summary>
    /// <exception cref="IpcProtocolException">The handle belongs to an object of another contract.</exception>
    /// <exception cref="IpcException">The limit of objects is reached.</exception>
    public IpcProxy Acquire(long handle, ContractBinding contract, CallChannel channel)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (_closed)
            {
                throw new IpcDisconnectedException("The connection is closed.");
            }

            if (_byHandle.TryGetValue(handle, out IpcReference? first))
            {
                if (first.Contract.Type != contract.Type)
                {
                    throw new IpcProtocolException(
                        $"Object {handle} of the peer: Expected {first.Contract.Name}, got {contract.Name}.")
                    {
                        At = -1,
                    };
                }

                if (FormOf(first, contract)?.Proxy is { } known)
                {
                    known.Reference.Count++;
                    return known;
                }
            }
            else if (_byHandle.Count >= _maxObjects)
            {
                throw new IpcException(
                    IpcErrorKind.LimitExceeded,
                    $"This side already holds {_maxObjects:N0} objects of the peer, which is the limit.");
            }

            // The reference of a collected proxy releases its own count when its finalizer runs; the new reference
            // counts from one.
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

    /// <summary>
    /// Adds one received reference if its proxy still lives; otherwise returns null and counts nothing.
    /// </summary>
    public IpcProxy? TryAcquire(long handle)
    {
        using (Uninterruptible.Enter(_lock))
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

    /// <summary>
    /// Removes a reference and returns the number of counts to release; 0 when it was released before.
    /// </summary>
    public long Release(IpcReference reference)
    {
        using (Uninterruptible.Enter(_lock))
        {
            Remove(reference);
            long count = reference.Count;
            reference.Count = 0;
            return _closed ? 0 : count;
        }
    }

    /// <summary>
    /// Removes one count of a reference that was borrowed for a call. Removing the last count ends the proxy. It stays
    /// valid if this side holds the object through another reference.
    /// </summary>
    /// <returns>True when one count is to be released.</returns>
    public bool EndBorrowing(IpcReference reference)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (_closed
                || reference.Count == 0
                || (reference.Count == 1 && !(reference.EndBorrowing() && reference.EndUse())))
            {
                // No longer borrowed, or another thread is about to call it and releases it after that call.
                return false;
            }

            if (--reference.Count == 0)
            {
                Remove(reference);
            }

            return true;
        }
    }

    // A peer of another version may treat two forms of a contract as one. Each form has its own proxy and count. There
    // are rarely two.
    private static IpcReference? FormOf(IpcReference? first, ContractBinding contract)
    {
        while (first is not null && first.Contract != contract)
        {
            first = first.NextForm;
        }

        return first;
    }

    /// <summary>Removes one form from the list of a handle and returns the first that is left.</summary>
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
        if (!_byHandle.TryGetValue(reference.Handle, out IpcReference? first)
            || FormOf(first, reference.Contract) != reference)
        {
            return; // Another reference has taken its place.
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
        using (Uninterruptible.Enter(_lock))
        {
            _closed = true;
            _byHandle.Clear();
        }
    }

    /// <summary>Adds the number of references of each contract.</summary>
    public void CountByContract(Dictionary<string, long> counts)
    {
        using (Uninterruptible.Enter(_lock))
        {
            foreach (IpcReference reference in _byHandle.Values)
            {
                counts[reference.Contract.Name] = counts.GetValueOrDefault(reference.Contract.Name) + 1;
            }
        }
    }

    /// <summary>Lists the references in the table.</summary>
    public IReadOnlyList<IpcLiveObject> List()
    {
        using (Uninterruptible.Enter(_lock))
        {
            return [.. _byHandle.Values.Select(reference => new IpcLiveObject(
                reference.Contract.Type,
                reference.Handle,
                IsExport: false,
                reference.Count,
                _time.GetElapsedTime(reference.CreatedTimestamp),
                reference.CreationStack) { Contract = reference.Contract.Name })];
        }
    }
}
