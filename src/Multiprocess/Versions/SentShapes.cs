using System.Collections.Concurrent;
using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Threads;

namespace Multiprocess.Versions;

/// <summary>The methods of which the peer knows what they carry by value here.</summary>
/// <remarks>Thread-safe. Only methods that carry types of the user's ask it, once for each call.</remarks>
internal sealed class SentShapes(ThreadMap threads, FrameSender sender, ControlMessages control)
{
    // Made when the first is noted: where both sides have the same version, never.
    private ConcurrentDictionary<(ContractBinding Contract, uint Method), bool>? _methods;

    /// <summary>The contract that both sides have in the same version. Set once, before the first call.</summary>
    private ContractBinding? _equal;

    /// <summary>Tells the peer what a method carries by value here, unless it knows. The calling thread's call comes behind it.</summary>
    public void Ensure(ContractBinding contract, uint methodId)
    {
        if (!Contains(contract, methodId))
        {
            Send(contract, methodId);
        }
    }

    public bool Contains(ContractBinding contract, uint methodId)
        => ReferenceEquals(contract, _equal) || (_methods is { } methods && methods.ContainsKey((contract, methodId)));

    /// <summary>Notes a contract whose fingerprint is the same on both sides: nothing of it needs to be sent.</summary>
    public void AddAll(ContractBinding contract) => _equal = contract;

    private void Send(ContractBinding contract, uint methodId)
    {
        if (!threads.IsClosed && contract.GetShape(methodId) is { } shape && contract.Name.Length + shape.Length <= sender.MaxFrameBytes / 4)
        {
            control.SendOrFail((ref MessagePackWriter writer) => ShapeMessage.Write(ref writer, contract.Name, methodId, shape));
        }

        // Noted once it is on its way: another thread's call must not overtake it. That both send it does no harm.
        LazyInitializer.EnsureInitialized(ref _methods, static () => new()).TryAdd((contract, methodId), true);
    }
}
