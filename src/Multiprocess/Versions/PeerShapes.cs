using System.Collections.Concurrent;
using Multiprocess.Locks;
using Multiprocess.Objects;

namespace Multiprocess.Versions;

/// <summary>The shapes that the peer sent of the methods that it calls, and whether they are compatible.</summary>
/// <remarks>
/// Shapes are added under the connection's gate, in the order of the messages, so that no call of a method overtakes
/// its shape. The thread that runs the first call compares the shape. A shape is open until it was compared, and it
/// stays open when it was refused. While no shape is open, a call only reads one number.
/// </remarks>
internal sealed class PeerShapes
{
    private const int MaxCount = 10_000;
    private const int MaxLength = 64 * 1024;
    private const long MaxTotalLength = 4 * 1024 * 1024;

    // Created with the first shape: a peer of the same version sends none.
    private ConcurrentDictionary<(string Contract, uint Method), Entry>? _entries;
    private long _totalLength;
    private volatile int _open;

    /// <summary>How many methods the peer has described.</summary>
    public int Count => _entries?.Count ?? 0;

    /// <summary>
    /// Adds the shape of a method of the peer. Only the first shape of a method counts. Call under the gate.
    /// </summary>
    /// <exception cref="IpcProtocolException">The peer has sent more shapes than a side stores.</exception>
    public void Add(string contract, uint method, string shape)
    {
        _totalLength += contract.Length + shape.Length;
        if (shape.Length > MaxLength || _totalLength > MaxTotalLength || Count >= MaxCount)
        {
            throw new IpcProtocolException(
                $"Shapes of the peer: Expected at most {MaxCount:N0} methods, {MaxTotalLength:N0} characters in total "
                    + $"and {MaxLength:N0} for one method, got {Count + 1:N0}, {_totalLength:N0} and "
                    + $"{shape.Length:N0}.");
        }

        _entries ??= new();
        if (_entries.TryAdd((contract, method), new Entry(shape)))
        {
            Interlocked.Increment(ref _open);
        }
    }

    /// <summary>Throws when the two versions of the method would misread each other.</summary>
    /// <exception cref="IpcException">The versions are incompatible.</exception>
    public void Check(ContractBinding contract, uint method)
    {
        if (_open != 0 && _entries!.TryGetValue((contract.Name, method), out Entry? entry))
        {
            Check(entry, contract, method);
        }
    }

    private void Check(Entry entry, ContractBinding contract, uint method)
    {
        using (Uninterruptible.Enter(entry))
        {
            if (entry.Shape is { } shape)
            {
                entry.Refusal = contract.GetShape(method) is { } mine ? MethodShape.Compare(mine, shape) : null;
                entry.Shape = null;
                if (entry.Refusal is null)
                {
                    Interlocked.Decrement(ref _open);
                }
            }

            if (entry.Refusal is { } refusal)
            {
                throw new IpcException(
                    IpcErrorKind.VersionMismatch,
                    $"{contract.Name}.{contract.GetMethodName(method)} was not run: the two sides have different "
                        + $"versions of what it carries. {refusal}");
            }
        }
    }

    /// <summary>A shape until it was compared; then the result.</summary>
    private sealed class Entry(string shape)
    {
        public string? Shape { get; set; } = shape;

        public string? Refusal { get; set; }
    }
}
