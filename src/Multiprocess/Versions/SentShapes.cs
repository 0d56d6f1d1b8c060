using System.Collections.Concurrent;
using Multiprocess.Framing;
using Multiprocess.Objects;
using Multiprocess.Threads;

namespace Multiprocess.Versions;

/// <summary>The methods whose shapes (the types that they transfer by value) this side has sent to the peer.</summary>
/// <remarks>Thread-safe. Used only for methods with the user's own types, once for each call.</remarks>
internal sealed class SentShapes(ThreadMap threads, FrameSender sender, ControlMessages control)
{
    // Created with the first entry: never when both sides have the same version.
    private ConcurrentDictionary<(ContractBinding Contract, uint Method), bool>? _methods;

    /// <summary>The contract of which both sides have the same version. Set once, before the first call.</summary>
    private ContractBinding? _equal;

    /// <summary>
    /// Sends the peer the shape of a method, unless the peer already has it. The calling thread's call follows.
    /// </summary>
    public void Ensure(ContractBinding contract, uint methodId)
    {
        if (!Contains(contract, methodId))
        {
            Send(contract, methodId);
        }
    }

    public bool Contains(ContractBinding contract, uint methodId)
        => ReferenceEquals(contract, _equal) || (_methods is { } methods && methods.ContainsKey((contract, methodId)));

    /// <summary>Records a contract with equal fingerprints on both sides: none of its shapes must be sent.</summary>
    public void AddAll(ContractBinding contract) => _equal = contract;

    private void Send(ContractBinding contract, uint methodId)
    {
        if (!threads.IsClosed
            && contract.GetShape(methodId) is { } shape
            && contract.Name.Length + shape.Length <= sender.MaxFrameBytes / 4)
        {
            control.SendShape(contract.Name, methodId, shape);
        }

        // Recorded after the send has started: another thread's call must not overtake the shape. Two threads may both
        // send it, which is harmless.
        LazyInitializer.EnsureInitialized(ref _methods, static () => new()).TryAdd((contract, methodId), true);
    }
}
