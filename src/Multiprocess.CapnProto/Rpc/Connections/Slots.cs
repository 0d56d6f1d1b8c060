using System.Diagnostics.CodeAnalysis;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>A table whose numbers this side assigns. The lowest free number is assigned next.</summary>
/// <remarks>Used under the gate.</remarks>
internal sealed class Slots<T>
    where T : class
{
    private readonly List<T?> _slots = [];
    private readonly PriorityQueue<uint, uint> _free = new();

    public int Count => _slots.Count - _free.Count;

    public uint Add(T value)
    {
        if (_free.TryDequeue(out uint id, out _))
        {
            _slots[(int)id] = value;
            return id;
        }

        _slots.Add(value);
        return (uint)_slots.Count - 1;
    }

    public bool TryGet(uint id, [NotNullWhen(true)] out T? value)
    {
        value = id < (uint)_slots.Count ? _slots[(int)id] : null;
        return value is not null;
    }

    public void Remove(uint id)
    {
        if (TryGet(id, out _))
        {
            _slots[(int)id] = null;
            _free.Enqueue(id, id);
        }
    }

    /// <summary>Empties the table and returns its entries.</summary>
    public List<T> TakeAll()
    {
        List<T> all = [.. _slots.OfType<T>()];
        _slots.Clear();
        _free.Clear();
        return all;
    }
}
