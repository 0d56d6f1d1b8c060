using System.Collections.Concurrent;
using Multiprocess.Objects;

namespace Multiprocess.Versions;

/// <summary>The methods of which the peer knows what they carry by value here.</summary>
/// <remarks>Thread-safe. Only methods that carry types of the user's ask it, once for each call.</remarks>
internal sealed class SentShapes
{
    // Made when the first is noted: where both sides have the same version, never.
    private ConcurrentDictionary<(ContractBinding Contract, uint Method), bool>? _methods;

    /// <summary>The contract that both sides have in the same version. Set once, before the first call.</summary>
    private ContractBinding? _equal;

    public bool Contains(ContractBinding contract, uint methodId)
        => ReferenceEquals(contract, _equal) || (_methods is { } methods && methods.ContainsKey((contract, methodId)));

    public void Add(ContractBinding contract, uint methodId) => LazyInitializer.EnsureInitialized(ref _methods, static () => new()).TryAdd((contract, methodId), true);

    /// <summary>Notes a contract whose fingerprint is the same on both sides: nothing of it needs to be sent.</summary>
    public void AddAll(ContractBinding contract) => _equal = contract;
}
